"""The canvas with its buttons.

The browser owns the drawing (canvas.js) and tells the server about each change. The server only reads it, and
gives the canvas a drawing only if that came in a link.
"""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
import streamlit_drawable_canvas

from mnist_core.language.messages import _
from mnist_core.preprocessing.drawings import RUBBER, as_canvas
from mnist_core.preprocessing.preprocess import CANVAS, SIZE, Stroke
from pages.components.canvas.share import linked_strokes, show_link
from pages.components.images.pictures import picture

BRUSH = 20  # pixels, unless set otherwise
TOOLS = ("#ffffff", RUBBER)  # colours of the pen and the rubber
_FOLDER = Path(streamlit_drawable_canvas.__file__).parent / "frontend" / "build"
_SERVED = "_stcore/bidi-components/streamlit-drawable-canvas.streamlit_drawable_canvas"
_SCRIPT = next(_FOLDER.glob("*.js")).name
_CURSOR = """
.dc-toolbar { display: none !important } /* it repeats our buttons, and covers the text above it */
.canvas-root { width: fit-content; outline: none }
.canvas-root:focus-visible { outline: 2px solid var(--st-blue-text-color); outline-offset: 2px }
.cursor { position: absolute; z-index: 11; inset: 0; width: 100%; height: 100%; pointer-events: none;
    fill: none; stroke: #ffb000; stroke-width: 2 }
.cursor .under { stroke: #000; stroke-width: 5 }
.canvas-root:not(:focus-visible) .cursor { display: none }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
"""
_STYLE = """<style>
body:not(.canvas-is-there) :is(.st-key-undo, .st-key-redo, .st-key-clear) { pointer-events: none }
@media (max-width: 640px) { .st-key-keys { display: none } }
</style>"""
_canvas = st.components.v2.component(
    "mnist_studio_canvas",
    html='<div class="canvas-root"></div>',
    css=next(_FOLDER.glob("*.css")).read_text("utf-8") + _CURSOR,
    js="".join((Path(__file__).parent / name).read_text("utf-8") for name in ("keyboard.js", "canvas.js")),
)


def canvas(behind: tuple[int, np.ndarray] | None = None, ticket: str | None = None) -> dict:
    """Show the canvas without its buttons, and return the drawing as fabric.js JSON.

    `behind` is the number and the pixels, uint8 (28, 28), of an image to draw over. Each number has its own
    drawing. With a `ticket` (answer/quick.py) the browser asks for answers without a run of the page.
    """
    state, number = st.session_state, behind[0] if behind else None
    if "canvas" not in state or state["drawing"]["behind"] != number:  # another page, or another image
        _begin(number)
    base = st.get_option("server.baseUrlPath").strip("/")
    data = {
        "address": f"{base}/{_SERVED}/{_SCRIPT}".lstrip("/"),
        "begun": state["drawing-begun"],
        "example": state.get("drawing-example"),
        "tools": TOOLS,
        "words": _words(),
        "ticket": ticket,
        "front": {
            "strokeWidth": state.get("brush", BRUSH),
            "strokeColor": TOOLS[behind is not None and state.get("tool") == "rubber"],
            "backgroundColor": "" if behind else "#000000",
            "backgroundImageURL": picture(behind[1], CANVAS // SIZE) if behind else None,
            "canvasWidth": CANVAS,
            "canvasHeight": CANVAS,
            "drawingMode": "freedraw",
        },
    }
    # In a list, since Streamlit would look for data frames in a dict, which takes as long as all the rest.
    _canvas(key="canvas", data=[data], on_drawing_change=_take_in, width="content", height="content")
    return state["drawing"]


def put(strokes: Sequence[Stroke]) -> None:
    """Put this drawing on the canvas, instead of what is there."""
    objects = as_canvas(strokes)["objects"]
    st.session_state["drawing-example"] = {"number": time.time_ns() // 1_000_000, "objects": objects}
    st.session_state["drawing"] = {"behind": None, "objects": objects}


def _words() -> dict[str, str]:
    """What screen readers say of the canvas (keyboard.js)."""
    column_and_row = {"column": "{column}", "row": "{row}"}
    return {
        "canvas": _("Canvas for drawing a digit"),
        "keys": _keys(),
        "place": _("column {column}, row {row}", **column_and_row),
        "point": _("Point at column {column}, row {row}", **column_and_row),
    }


def _keys() -> str:
    return _(
        "By keyboard: go to the canvas with Tab. The arrow keys move the cursor, Space sets a point of a line, "
        "Enter ends the line, Escape drops it."
    )


@st.fragment
def buttons() -> None:
    """Undo, Redo, Clear and Share. canvas.js does what the first three say."""
    with st.container(horizontal=True, gap="xsmall", key="canvas-buttons"):
        for name, words in (("undo", _("Undo")), ("redo", _("Redo")), ("clear", _("Clear"))):
            st.button(words, key=name)
        words = _("Share this drawing")
        share = st.popover(words, icon=":material/link:", help=words, key="icon-share", on_change="rerun")
    if share.open:
        with share:
            show_link(st.session_state.get("drawing", {"objects": []}))


def settings(behind: bool) -> None:
    """The width of the brush; with an image behind the canvas, also Pen or Rubber."""
    st.slider(_("Pen width"), 6, 40, BRUSH, key="brush", persist_state="session", width=CANVAS)
    if behind:
        tools = {"pen": _("Pen"), "rubber": _("Eraser")}
        st.segmented_control(
            _("Tool"), list(tools), format_func=tools.get, default="pen", required=True, key="tool"
        )
    with st.container(key="keys"):
        st.caption(_("Ctrl+Z: undo · Ctrl+Y: redo · Delete: clear"))
        st.caption(_keys())
    st.html(_STYLE)


def _begin(number: int | None) -> None:
    """Start with the linked drawing, else with the one this session has over the image, else with none."""
    state, linked = st.session_state, linked_strokes()
    if linked or "drawing" not in state or state["drawing"]["behind"] != number:
        state["drawing"] = {"behind": number, "objects": linked}
    state["drawing-begun"] = {**state["drawing"], "isLinked": bool(linked)}


def _take_in() -> None:
    """Take the browser's drawing, unless another image is behind the canvas by now."""
    state = st.session_state
    drawing = state["canvas"].drawing
    if drawing["behind"] == state["drawing"]["behind"]:
        state["drawing"] = drawing
        st.query_params.pop("drawing", None)  # or Streamlit puts it into the address again
