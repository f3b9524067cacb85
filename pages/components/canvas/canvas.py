"""The canvas with its buttons. The drawing outlives visits to other pages, and can come in a link.

The browser owns the strokes and what was undone (canvas.js), and tells the server of each change. The server
gives the canvas a drawing only where another begins: a page is opened, perhaps by a link, or the image behind
changes. Each has an id, which comes back with what the browser tells.
"""

import secrets
from pathlib import Path

import numpy as np
import streamlit as st
import streamlit_drawable_canvas

from mnist_core.preprocessing.drawings import RUBBER, as_canvas, canvas_strokes, from_text, to_text
from mnist_core.preprocessing.preprocess import CANVAS, SIZE, DrawingError
from pages.components.images.pictures import picture
from pages.components.page.memory import is_rubbed, remember, remembered, remembering

BRUSH = 20  # pixels, unless set otherwise
_FOLDER = Path(streamlit_drawable_canvas.__file__).parent / "frontend" / "build"
_SERVED = "_stcore/bidi-components/streamlit-drawable-canvas.streamlit_drawable_canvas"
_SCRIPT = next(_FOLDER.glob("*.js")).name
_STYLE = """<style>
body:not(.canvas-is-there) :is(.st-key-undo, .st-key-redo, .st-key-clear) { pointer-events: none }
@media (max-width: 640px) { .st-key-keys { display: none } }
</style>"""
_canvas = st.components.v2.component(
    "mnist_studio_canvas",
    html='<div class="canvas-root"></div>',
    # Its toolbar does again what our buttons do, and lies over the words above it.
    css=next(_FOLDER.glob("*.css")).read_text("utf-8") + ".dc-toolbar { display: none !important }",
    js=(Path(__file__).parent / "canvas.js").read_text("utf-8"),
)


def canvas(behind: tuple[int, np.ndarray] | None = None) -> dict:
    """The canvas, without its buttons; the drawing as fabric.js JSON.

    With an image uint8 (28, 28) `behind` it, which has a number, one can rub out as well; each number
    has a drawing of its own.
    """
    state, number = st.session_state, behind[0] if behind else None
    if "canvas" not in state or state["drawing-over"] != number:  # the page or the image is new
        _begin(number)
    base = st.get_option("server.baseUrlPath").strip("/")
    data = {
        "address": f"{base}/{_SERVED}/{_SCRIPT}".lstrip("/"),
        "begun": state["drawing-begun"],
        "front": {
            "strokeWidth": state.get("brush", BRUSH),
            "strokeColor": RUBBER if behind and state.get("tool") == "Rubber" else "#ffffff",
            "backgroundColor": "" if behind else "#000000",
            "backgroundImageURL": picture(behind[1], CANVAS // SIZE) if behind else None,
            "canvasWidth": CANVAS,
            "canvasHeight": CANVAS,
            "drawingMode": "freedraw",
            "realtimeUpdateStreamlit": True,
        },
    }
    _canvas(key="canvas", data=data, on_drawing_change=_take_in, width="content", height="content")
    return state["drawing"]


def buttons() -> None:
    """Undo, redo, clear and share, for below the canvas. The first three work in the browser.

    They are apart from it, as the settings are, so that the answer can be sent to the browser before them.
    """
    with st.container(horizontal=True, gap="xsmall", width=CANVAS):
        for name in ("Undo", "Redo", "Clear"):
            st.button(name, key=name.lower())
        with st.popover("", icon=":material/link:", help="Share this drawing", key="share"):
            _share()
    if script := remembering():
        st.html(script, unsafe_allow_javascript=True)


def settings(behind: bool) -> None:
    """The brush, and with an image behind the canvas the tool."""
    st.slider("Brush", 6, 40, BRUSH, key="brush", persist_state="session", width=CANVAS)
    if behind:
        st.segmented_control("Tool", ["Pen", "Rubber"], default="Pen", required=True, key="tool")
    with st.container(key="keys"):
        st.caption("Keys: Ctrl+Z, Ctrl+Y, Delete")
    st.html(_STYLE)


def _begin(number: int | None) -> None:
    """Put the drawing over the image of this number on the canvas: without one, a linked or the last one."""
    state = st.session_state
    kept, is_other = state.setdefault("drawings", {}), state.get("drawing-over", number) != number
    if "drawing-over" in state:
        kept[state["drawing-over"]] = state["drawing"]
    linked = _linked()
    drawing = linked or kept.get(number)
    state["drawing"], state["drawing-over"] = drawing or remembered(number), number
    state["drawing"] = state["drawing-begun"] = {"id": secrets.token_hex(8), **state["drawing"]}
    if linked or (drawing and is_other):
        remember()


def _take_in() -> None:
    """The drawing is what the browser tells, unless it tells of one before that."""
    state = st.session_state
    told = state["canvas"].drawing
    if told["id"] == state["drawing"]["id"]:
        state["drawing"] = told
        remember()
        st.query_params.pop("drawing", None)  # a reload is to bring this drawing, and not the linked one


def _share() -> None:
    strokes = canvas_strokes(st.session_state["drawing"])
    text = to_text(strokes)
    if not strokes:
        st.markdown("Draw something first: the link then holds it.")
    elif is_rubbed():
        st.markdown("A link cannot hold what was rubbed out.")
    elif text is None:
        st.markdown("This drawing has too many strokes for a link.")
    else:
        st.markdown("Whoever opens this link sees your drawing:")
        kept = [
            f"{name}={st.query_params[name]}" for name in ("behind", "run", "other") if name in st.query_params
        ]
        address = (st.context.url or "").split("?")[0]
        st.code(f"{address}?{'&'.join([*kept, f'drawing={text}'])}", language=None, wrap_lines=True)


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
