"""What who is no teacher sees instead of the teacher's view, and how a teacher gets in."""

import streamlit as st

from mnist_core.language.messages import _
from mnist_core.visitors.visitor import Visitor
from pages.components.page.acts import acts, refusals
from pages.components.page.kept import sign_in
from pages.components.visitor import has_accounts, register


def show_entry(now: Visitor) -> None:
    """Say for whom the page is, and ask for the password if there is one."""
    st.info(_("This page is for the teachers of this server."), icon=":material/school:")
    if not now.can_act:
        sign_in()
    if now.can_act and register().password:
        with st.form("teacher", width=420):
            password = st.text_input(_("The teacher's password"), type="password", key="teacher-password")
            is_said = st.form_submit_button(_("Enter"), icon=":material/login:")
        if is_said:
            with refusals():
                acts().become_teacher(password)
                st.rerun()
    elif not register().password and not has_accounts():
        st.caption(
            _(
                "No teacher is named on this server. Set the environment variable `MNIST_TEACHER_PASSWORD`, "
                "and start the app again."
            )
        )


def show_way_out() -> None:
    """The button by which somebody who entered with the password becomes a pupil again."""
    if register().password:
        st.button(_("Leave this view"), icon=":material/logout:", key="leave-class", on_click=_leave)


def _leave() -> None:
    with refusals(as_toast=True):
        acts().leave_teaching()
