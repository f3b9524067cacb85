"""Scrolls the page: Streamlit keeps the scroll position even when the page shows something else."""

import streamlit as st

_TOP = "document.querySelector('.stMain').scrollTo(0, 0)"
_PART = "document.querySelector('.st-key-{}')?.scrollIntoView()"
_TILE = """[...document.querySelectorAll('.st-key-grid *')].map(part => part.shadowRoot).find(Boolean)
    ?.querySelector('[data-index="{}"]')?.scrollIntoView({{block: 'center'}})"""
# Whoever clicks has clicked, and goes on by key: a group of buttons would take the arrow keys for itself.
_LET_GO = "if (!document.activeElement.matches(':focus-visible')) document.activeElement.blur()"
_STATE = "scroll-to"


def scroll_to_top() -> None:
    st.session_state[_STATE] = _TOP


def scroll_to_part(key: str) -> None:
    """With the next answer, scroll to the container of this key."""
    st.session_state[_STATE] = _PART.format(key)


def scroll_to_tile(index: int) -> None:
    """With the next answer, scroll to the tile of this image in the gallery's grid."""
    st.session_state[_STATE] = _TILE.format(index)


def scroll() -> None:
    """Scroll to what was asked for, once. Call it last."""
    where = st.session_state.pop(_STATE, "")
    number = st.session_state["scrolls"] = (
        st.session_state.get("scrolls", 0) + 1
    )  # the same script would not run
    script = f"/* {number} */ {_LET_GO}; setTimeout(() => {{ {where} }}, 100)"
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)
