"""Scrolls the page: Streamlit keeps the scroll position even when the page's content changes."""

import streamlit as st

_TOP = "document.querySelector('.stMain').scrollTo(0, 0)"
_PART = "document.querySelector('.st-key-{}')?.scrollIntoView()"
_TILE = """[...document.querySelectorAll('.st-key-grid *')].map(part => part.shadowRoot).find(Boolean)
    ?.querySelector('[data-index="{}"]')?.scrollIntoView({{block: 'center'}})"""
# Release the focus after a mouse click: a focused group of buttons would take the arrow keys.
_LET_GO = "if (!document.activeElement.matches(':focus-visible')) document.activeElement.blur()"
_STATE = "scroll-to"


def scroll_to_top() -> None:
    st.session_state[_STATE] = _TOP


def scroll_to_part(key: str) -> None:
    """On the next run, scroll to the container with this key."""
    st.session_state[_STATE] = _PART.format(key)


def scroll_to_tile(index: int) -> None:
    """On the next run, scroll to this image's tile in the gallery's grid."""
    st.session_state[_STATE] = _TILE.format(index)


def scroll() -> None:
    """Scroll where requested, once. Call it last."""
    where = st.session_state.pop(_STATE, "")
    number = st.session_state["scrolls"] = (
        st.session_state.get("scrolls", 0) + 1
    )  # the same script would not run again
    script = f"/* {number} */ {_LET_GO}; setTimeout(() => {{ {where} }}, 100)"
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)
