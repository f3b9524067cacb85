"""The browser's memory of the drawing: a cookie, for a day.

The session ends with a reload, and nothing else of the visitor's is at hand then.
"""

from contextlib import suppress

import streamlit as st

from mnist_core.drawings import RUBBER, as_canvas, canvas_strokes, from_text, to_text
from mnist_core.preprocess import DrawingError

EMPTY = {"objects": []}
_COOKIE, _LONGEST = "mnist-studio-drawing", 3500  # characters


def remembering() -> str:
    """The script that lets the browser keep the session's drawing; one too long for a cookie it does not."""
    number = st.session_state["drawing-over"]
    text = to_text(canvas_strokes(st.session_state["drawing"])) or ""
    if len(text) > _LONGEST or is_rubbed():
        return ""
    value = text if number is None else f"{number}.{text}"
    return f"<script>document.cookie = '{_COOKIE}={value}; path=/; max-age=86400; samesite=strict'</script>"


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
