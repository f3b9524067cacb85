"""The canvas with its buttons. The drawing outlives a visit to another page, and can come in a link."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit_drawable_canvas import st_canvas

from mnist_core.drawings import as_canvas, from_text, to_text
from mnist_core.preprocess import CANVAS, DrawingError, canvas_strokes

EMPTY = {"objects": []}
_STYLE = """<style>
.st-key-canvas canvas { touch-action: none }  /* a finger draws, and does not move the page */
.st-key-undo kbd, .st-key-redo kbd, .st-key-clear kbd { display: none }  /* said below, where there is room */
@media (max-width: 640px) { .st-key-keys { display: none } }
</style>"""


def canvas() -> dict:
    """The canvas and its buttons; the drawing as fabric.js JSON."""
    state = st.session_state
    if "canvas" not in state:  # the page was just entered
        state["drawing-begun"] = _linked() or state.get("drawing", EMPTY)
        state["undone"] = []
    st.html(_STYLE)
    place = st.container()
    edited, share = _buttons()
    with st.container(key="keys"):
        st.caption("Keys: Ctrl+Z, Ctrl+Y, Delete")
    brush = st.slider("Brush", 6, 40, 20, key="brush", persist_state="session", width=CANVAS)
    with place:
        result = st_canvas(
            stroke_width=brush,
            stroke_color="#ffffff",
            background_color="#000000",
            height=CANVAS,
            width=CANVAS,
            initial_drawing=state["drawing-begun"],
            key="canvas",
        )
    before = state.get("drawing", EMPTY)
    # Just after Undo or Clear the canvas still answers with what it had before.
    state["drawing"] = state["drawing-begun"] if edited else result.json_data or state["drawing-begun"]
    if len(state["drawing"]["objects"]) > len(before["objects"]) and not edited:
        state["undone"] = []  # a new stroke: what was undone is no longer to come
    with share:
        _share()
    return state["drawing"]


def _buttons() -> tuple[bool, DeltaGenerator]:
    """Undo, redo, clear; whether the drawing is now another, and the place for what shares it."""
    state = st.session_state
    drawn, undone = state.get("drawing", state["drawing-begun"])["objects"], state["undone"]
    with st.container(horizontal=True, gap="xsmall", width=CANVAS):
        undo = st.button("Undo", shortcut="Ctrl+Z", key="undo")
        redo = st.button("Redo", shortcut="Ctrl+Y", key="redo")
        clear = st.button("Clear", shortcut="Delete", key="clear")
        share = st.popover("", icon=":material/link:", help="Share this drawing", key="share")
    if undo and drawn:
        state["undone"], drawn = [*undone, drawn[-1]], drawn[:-1]
    elif redo and undone:
        state["undone"], drawn = undone[:-1], [*drawn, undone[-1]]
    elif clear:
        state["undone"], drawn = [], []
    else:
        return False, share
    # The canvas draws anew what differs from what it was given last: the number sees to that.
    state["drawing-begun"] = {"objects": drawn, "edit": state["drawing-begun"].get("edit", 0) + 1}
    return True, share


def _share() -> None:
    strokes = canvas_strokes(st.session_state.get("drawing", EMPTY))
    text = to_text(strokes)
    if not strokes:
        st.markdown("Draw something first: the link then holds it.")
    elif text is None:
        st.markdown("This drawing has too many strokes for a link.")
    else:
        st.markdown("Whoever opens this link sees your drawing:")
        st.code(f"{(st.context.url or '').split('?')[0]}?drawing={text}", language=None, wrap_lines=True)


def _linked() -> dict | None:
    """The drawing in the page's address, once."""
    text = st.query_params.get("drawing")
    if not text or st.session_state.get("linked") == text:
        return None
    st.session_state["linked"] = text
    try:
        return as_canvas(from_text(text))
    except DrawingError as error:
        st.toast(f"{str(error).capitalize()}.", icon=":material/link_off:")
        return None
