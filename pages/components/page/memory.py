"""Keeps the drawing in the browser for a day, as a cookie.

A reload ends the session, and nothing else that belongs to the visitor is available then.
"""

import time
from contextlib import suppress

import streamlit as st

from mnist_core.preprocessing.drawings import RUBBER, as_canvas, canvas_strokes, from_text, to_text
from mnist_core.preprocessing.preprocess import DrawingError

EMPTY = {"objects": []}
_COOKIE, _LONGEST = "mnist-studio-drawing", 3500  # the longest value in characters


def remember() -> None:
    """Note the time of the session's drawing, so that it replaces an older one in the browser, of any tab."""
    st.session_state["drawn-at"] = time.time_ns() // 1_000_000


def remembering() -> str:
    """The script that saves the session's drawing in the browser, unless the browser has a newer one.

    Empty if nothing was drawn in this session, or the drawing is too long for a cookie or has eraser strokes.
    """
    at, value = st.session_state.get("drawn-at"), _value()
    if not at or len(value) > _LONGEST or is_rubbed():
        return ""
    return f"""<script>
        if (!(document.cookie.match(/{_COOKIE}=[^;]*[.](\\d+)/)?.[1] > {at}))
            document.cookie = "{_COOKIE}={value}.{at}; path=/; max-age=86400; samesite=strict";
    </script>"""


def remembered(number: int | None) -> dict:
    """The saved drawing over the image of this number, or over none, as fabric.js JSON; EMPTY without one."""
    with suppress(DrawingError, ValueError):
        over, text, _ = str(st.context.cookies.get(_COOKIE, "")).split(".")
        if over == ("" if number is None else f"{number}"):
            return as_canvas(from_text(text))
    return EMPTY


def is_rubbed() -> bool:
    """Whether there are eraser strokes, which neither a cookie nor a link can hold."""
    return any(thing.get("stroke") == RUBBER for thing in st.session_state["drawing"]["objects"])


def _value() -> str:
    number = st.session_state["drawing-over"]
    text = to_text(canvas_strokes(st.session_state["drawing"])) or ""
    return f"{'' if number is None else number}.{text}"
