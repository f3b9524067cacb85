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


def remember() -> None:
    """The session's drawing is new: a later one than what the browser keeps, another tab's perhaps."""
    st.session_state["drawn-at"] = time.time_ns() // 1_000_000


def remembering() -> str:
    """The script that lets the browser keep the session's drawing, unless it keeps a later one.

    None where the session's drawing was not made in it, or is too long for a cookie.
    """
    at, value = st.session_state.get("drawn-at"), _value()
    if not at or len(value) > _LONGEST or is_rubbed():
        return ""
    return f"""<script>
        if (!(document.cookie.match(/{_COOKIE}=[^;]*[.](\\d+)/)?.[1] > {at}))
            document.cookie = "{_COOKIE}={value}.{at}; path=/; max-age=86400; samesite=strict";
    </script>"""


def remembered(number: int | None) -> dict:
    """The drawing over the image of this number, or over none, as fabric.js JSON; empty where there is none."""
    with suppress(DrawingError, ValueError):
        over, text, _ = str(st.context.cookies.get(_COOKIE, "")).split(".")
        if over == ("" if number is None else f"{number}"):
            return as_canvas(from_text(text))
    return EMPTY


def is_rubbed() -> bool:
    """Whether there are strokes that rub out, which neither a cookie nor a link can hold."""
    return any(thing.get("stroke") == RUBBER for thing in st.session_state["drawing"]["objects"])


def _value() -> str:
    number = st.session_state["drawing-over"]
    text = to_text(canvas_strokes(st.session_state["drawing"])) or ""
    return f"{'' if number is None else number}.{text}"
