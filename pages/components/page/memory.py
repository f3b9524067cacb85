"""The browser's memory of the drawing: a cookie, for a day.

The session ends with a reload, and nothing else of the visitor's is at hand then.
"""

import time
from contextlib import suppress

import streamlit as st

from mnist_core.preprocessing.drawings import RUBBER, as_canvas, canvas_strokes, from_text, to_text
from mnist_core.preprocessing.preprocess import DrawingError

EMPTY = {"objects": []}
_COOKIE, _LONGEST = "mnist-studio-drawing", 3500  # characters
_SURE = 2.0  # seconds: until then the visitor may have left the page before the script came


def remembering() -> str:
    """The script that lets the browser keep the session's drawing; none where it keeps that already.

    Nor one for a drawing that is too long for a cookie.
    """
    value, now = _value(), time.monotonic()
    told, at = st.session_state.get("remembered", (None, 0.0))
    if (value == told and now - at > _SURE) or len(value) > _LONGEST or is_rubbed():
        return ""
    if value != told:
        st.session_state["remembered"] = value, now
    return f"<script>document.cookie = '{_COOKIE}={value}; path=/; max-age=86400; samesite=strict'</script>"


def nothing_new() -> None:
    """The session's drawing was not made in it: what the browser keeps, another tab's perhaps, stays."""
    st.session_state["remembered"] = _value(), 0.0


def remembered(number: int | None) -> dict:
    """The drawing over the image of this number, or over none, as fabric.js JSON; empty where there is none."""
    over, _, text = str(st.context.cookies.get(_COOKIE, "")).rpartition(".")
    with suppress(DrawingError):
        if over == ("" if number is None else f"{number}"):
            return as_canvas(from_text(text))
    return EMPTY


def is_rubbed() -> bool:
    """Whether there are strokes that rub out, which neither a cookie nor a link can hold."""
    return any(thing.get("stroke") == RUBBER for thing in st.session_state["drawing"]["objects"])


def _value() -> str:
    number = st.session_state["drawing-over"]
    text = to_text(canvas_strokes(st.session_state["drawing"])) or ""
    return text if number is None else f"{number}.{text}"
