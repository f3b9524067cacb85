"""What the pupils are allowed, for the teacher to change."""

import streamlit as st

from mnist_core.language.messages import _
from mnist_core.language.numbers import figure
from mnist_core.runs.limits import LARGEST, Limits, size
from pages.components.page.acts import acts, refusals
from pages.components.resources import store


def show_limits() -> None:
    """A field for each limit; empty means none."""
    now = Limits.of(store().home)
    words = {
        "minutes": _("Minutes a training may take"),
        "waiting": _("Runs of a visitor that train or wait"),
        "kept": _("Runs that a visitor may keep"),
        "megabytes": _("Megabytes of all that is kept"),
    }
    with st.form("limits"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = {
                name: st.number_input(
                    label,
                    1,
                    LARGEST,
                    getattr(now, name),
                    1,
                    key=f"limit-{name}",
                    placeholder=_("no limit"),
                    width=230,
                )
                for name, label in words.items()
            }
        is_said = st.form_submit_button(_("Save the limits"), icon=":material/save:")
    used = figure(size(store().home) / 1e6, ",.0f")
    st.caption(
        _(
            "An empty field means no limit. {megabytes} MB are used now. The time holds for everybody, the "
            "others not for teachers.",
            megabytes=used,
        )
    )
    if is_said:
        with refusals():
            acts().set_limits(Limits(**chosen))
            st.toast(_("The limits are saved."), icon=":material/check:")
