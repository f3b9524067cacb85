"""Who the visitor is to this server, and all that is kept of them: to see, to take away, to delete."""

import streamlit as st

from mnist_core.language.messages import _, ngettext
from mnist_core.visitors.kept import Kept
from mnist_core.visitors.register import LONGEST_NAME
from mnist_core.visitors.visitor import Visitor
from pages.components.page.acts import acts, refusals
from pages.components.page.text import plain
from pages.components.page.whose import name_of
from pages.components.visitor import has_accounts, visitor

_KEY = "kept-of-you"


def show_kept() -> None:
    """The section; nothing on one's own machine."""
    now = visitor()
    if now.is_alone:
        return
    with st.expander(_("What is kept of you"), icon=":material/badge:", key=_KEY):
        if not now.can_act:
            _say_who_is_unknown()
            return
        kept = acts().kept()
        st.markdown(_("You are **{name}**.", name=plain(name_of(now.id))))
        _name(now)
        st.markdown(_what(kept))
        st.caption(how_long())
        with st.container(horizontal=True):
            st.download_button(
                _("Take it all away"),
                kept.as_zip,
                f"visitor-{now.id[:4]}.zip",
                icon=":material/download:",
                key="take-kept",
                on_click="ignore",
            )
            _delete(kept)
            if has_accounts():
                st.button(_("Sign out"), icon=":material/logout:", key="sign-out", on_click=st.logout)


def how_long() -> str:
    """For how long what is kept of visitors is kept."""
    return _(
        "Runs, digits, judgements, names and the times of last visits stay until their visitor or a teacher "
        "deletes them. What is deleted one by one can be restored for a day. No address and no other data of "
        "visitors is kept. The browser keeps a cookie with a random number for a year, by which it is known "
        "again."
    )


def sign_in() -> None:
    """Where visitors can sign in: the button for it."""
    if has_accounts():
        st.button(_("Sign in"), icon=":material/login:", key="sign-in", type="primary", on_click=st.login)


def _say_who_is_unknown() -> None:
    if has_accounts():
        st.markdown(_("You have not signed in. You can look at everything, and draw; nothing is kept of you."))
        sign_in()
    else:
        words = _(
            "Your browser does not keep this site's cookie, so the server does not know you again. You can "
            "look at everything, and draw; nothing is kept of you."
        )
        st.markdown(words)


def _name(now: Visitor) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            _("Your name, if you like: everybody here can see it"),
            now.name,
            max_chars=LONGEST_NAME,
            key="visitor-name",
        )
        is_said = st.button(_("Save"), key="visitor-name-save")
    if is_said:
        with refusals():
            acts().set_name(name)
            st.rerun()


def _what(kept: Kept) -> str:
    """How much is kept of the visitor."""
    counts = (
        ngettext("**{number} run**", "**{number} runs**", len(kept.runs())),
        ngettext("**{number} digit**", "**{number} digits**", len(kept.digits().ids())),
        ngettext("**{number} judgement**", "**{number} judgements**", kept.num_judgements()),
    )
    return " · ".join(counts)


def _delete(kept: Kept) -> None:
    with st.popover(_("Delete it all"), icon=":material/delete_forever:", key="delete-kept"):
        st.markdown(
            _("Your runs, digits, judgements and your name will be deleted for good, and cannot be restored.")
        )
        if st.button(_("Yes, delete it all"), type="primary", key="delete-kept-yes"):
            with refusals():
                acts().delete_everything(kept.id)
                st.session_state.clear()
                st.rerun()
