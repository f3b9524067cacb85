"""Sharing a drawing by a link, and taking the drawing from one."""

import streamlit as st

from mnist_core.language.messages import _
from mnist_core.preprocessing.drawings import RUBBER, as_canvas, canvas_strokes, from_text, to_text
from mnist_core.preprocessing.preprocess import DrawingError


def show_link(drawing: dict) -> None:
    """The link to the drawing, or why there is none."""
    strokes = canvas_strokes(drawing)
    text = to_text(strokes)
    if not strokes:
        st.markdown(_("Draw something first: the link then holds it."))
    elif any(thing.get("stroke") == RUBBER for thing in drawing["objects"]):
        st.markdown(_("A link cannot hold what was rubbed out."))
    elif text is None:
        st.markdown(_("This drawing has too many strokes for a link."))
    else:
        st.markdown(_("Whoever opens this link sees your drawing:"))
        names = ("behind", "run", "other", "lang")
        kept = [f"{name}={st.query_params[name]}" for name in names if name in st.query_params]
        address = (st.context.url or "").split("?")[0]
        st.code(f"{address}?{'&'.join([*kept, f'drawing={text}'])}", language=None, wrap_lines=True)


def drawing_text(drawing: dict) -> str | None:
    """The drawing as text for an address; None if it has too many strokes, or rubbed out parts."""
    if any(thing.get("stroke") == RUBBER for thing in drawing["objects"]):
        return None
    return to_text(canvas_strokes(drawing))


def linked_strokes() -> list[dict]:
    """The strokes in the page's address as fabric.js objects; none if the session has taken them already."""
    text = st.query_params.get("drawing")
    if not text or st.session_state.get("linked") == text:
        return []
    st.session_state["linked"] = text
    try:
        return as_canvas(from_text(text))["objects"]
    except DrawingError as error:
        st.toast(str(error), icon=":material/link_off:")
        return []
