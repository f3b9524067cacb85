"""Scrolls the page: Streamlit keeps the scroll position even when the page's content changes."""

import streamlit as st

_TOP = "document.querySelector('.stMain').scrollTo(0, 0)"
_PART = "document.querySelector('.st-key-{}')?.scrollIntoView()"
_TILE = """[...document.querySelectorAll('.st-key-grid *')].map(part => part.shadowRoot).find(Boolean)
    ?.querySelector('[data-index="{}"]')?.scrollIntoView({{block: 'center'}})"""
# Release the focus after a mouse click: a focused group of buttons would take the arrow keys.
_LET_GO = "if (!document.activeElement.matches(':focus-visible')) document.activeElement.blur()"
# The browser stays where it was on the previous page, unless it happens to draw the empty page in between.
_ENTERED = """<script>{{
    const page = document.body.dataset;
    if (page.shown !== "{0}") {1};
    page.shown = "{0}";
}}</script>"""
_STATE = "scroll-to"


def entry_script(page: str) -> str:
    """The script that scrolls to the top whenever the browser comes to this page from another one."""
    return _ENTERED.format(page, _TOP)


def scroll_to_top() -> None:
    st.session_state[_STATE] = _TOP


def scroll_to_part(key: str) -> None:
    """On the next run, scroll to the container with this key."""
    st.session_state[_STATE] = _PART.format(key)


def scroll_to_tile(index: int) -> None:
    """On the next run, scroll to this image's tile in the gallery's grid."""
    st.session_state[_STATE] = _TILE.format(index)


def scroll_if_requested() -> None:
    """Like `scroll`, for parts of a page that are run often."""
    if _STATE in st.session_state:
        scroll()


def scroll() -> None:
    """Scroll where requested, once. Call it last."""
    where = st.session_state.pop(_STATE, "")
    number = st.session_state["scrolls"] = (
        st.session_state.get("scrolls", 0) + 1
    )  # the same script would not run again
    script = f"/* {number} */ {_LET_GO}; setTimeout(() => {{ {where} }}, 100)"
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)
