"""The canvas with its buttons. The drawing outlives visits to other pages, and can come in a link."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from mnist_core.preprocessing.drawings import RUBBER, as_canvas, canvas_strokes, from_text, to_text
from mnist_core.preprocessing.preprocess import CANVAS, SIZE, DrawingError
from pages.components.images.pictures import picture
from pages.components.page.memory import EMPTY, is_rubbed, nothing_new, remembered, remembering

BRUSH = 20  # pixels, unless set otherwise
LATE = 1.5  # seconds after an edit in which the canvas may still answer with what it held before
_SCRIPT = (Path(__file__).parent / "canvas.js").read_text("utf-8")
_STYLE = """<style>
.st-key-canvas canvas { touch-action: none }  /* a finger draws, and does not move the page */
.st-key-undo kbd, .st-key-redo kbd, .st-key-clear kbd { display: none }  /* said below, where there is room */
@media (max-width: 640px) { .st-key-keys { display: none } }
</style>"""


def canvas(behind: tuple[int, np.ndarray] | None = None) -> dict:
    """The canvas, without its buttons; the drawing as fabric.js JSON.

    With an image uint8 (28, 28) `behind` it, which has a number, one can rub out as well; each number
    has a drawing of its own.
    """
    state, number = st.session_state, behind[0] if behind else None
    if "canvas" not in state or state["drawing-over"] != number:  # the page or the image is new
        _begin(number)
    result = st_canvas(
        stroke_width=state.get("brush", BRUSH),
        stroke_color=RUBBER if behind and state.get("tool") == "Rubber" else "#ffffff",
        background_color="#000000",
        background_image=picture(behind[1], CANVAS // SIZE) if behind else None,
        height=CANVAS,
        width=CANVAS,
        initial_drawing=state["drawing-begun"],
        key="canvas",
    )
    _take_in(result.json_data or state["drawing-begun"])
    return state["drawing"]


def buttons() -> None:
    """Undo, redo, clear and share, for below the canvas.

    They are apart from it, as the settings are, so that the answer can be sent to the browser before them.
    """
    with st.container(horizontal=True, gap="xsmall", width=CANVAS):
        st.button("Undo", shortcut="Ctrl+Z", key="undo", on_click=_undo)
        st.button("Redo", shortcut="Ctrl+Y", key="redo", on_click=_redo)
        st.button("Clear", shortcut="Delete", key="clear", on_click=_clear)
        with st.popover("", icon=":material/link:", help="Share this drawing", key="share"):
            _share()
    state = st.session_state
    # The number makes each run's script another one: the same would not run again.
    state["canvas-runs"] = state.get("canvas-runs", 0) + 1
    drawn, given = (len(state[name]["objects"]) for name in ("drawing", "drawing-begun"))
    call = f"mnistStudioHeard({drawn}, {state.get('clicks', 0)}, {given});  // {state['canvas-runs']}"
    st.html(_STYLE)
    st.html(f"<script>{_SCRIPT}{call}</script>{remembering()}", unsafe_allow_javascript=True)


def settings(behind: bool) -> None:
    """The brush, and with an image behind the canvas the tool."""
    st.slider("Brush", 6, 40, BRUSH, key="brush", persist_state="session", width=CANVAS)
    if behind:
        st.segmented_control("Tool", ["Pen", "Rubber"], default="Pen", required=True, key="tool")
    with st.container(key="keys"):
        st.caption("Keys: Ctrl+Z, Ctrl+Y, Delete")


def _begin(number: int | None) -> None:
    """Put the drawing over the image of this number on the canvas: without one, a linked or the last one."""
    state = st.session_state
    kept = state.setdefault("drawings", {})
    before = state.get("drawing", EMPTY)
    if "drawing-over" in state:
        kept[state["drawing-over"]] = before
    drawing = _linked() or kept.get(number)
    state["drawing"], state["drawing-over"] = drawing or remembered(number), number
    if not drawing:
        nothing_new()
    state["undone"], state["cleared"], state["edited-at"] = [], None, time.monotonic()
    # The number of the edit sees to it that the canvas draws anew.
    edit = state.get("drawing-begun", EMPTY).get("edit", 0) + 1
    state["drawing-begun"] = {"objects": state["drawing"]["objects"], "edit": edit}
    state["heard"] = [[], _paths(before), _paths(state["drawing"])]


def _take_in(answer: dict) -> None:
    """What the canvas holds is the drawing, once it holds something new.

    After an edit it still answers for a while with what it held before, or with an earlier edit's drawing:
    `heard` are the drawings that it may so repeat. Later it repeats them only if they were drawn again.
    """
    state, paths = st.session_state, _paths(answer)
    is_other, state["answered"] = paths != state.get("answered"), paths
    is_again = is_other and time.monotonic() - state["edited-at"] > LATE
    if state.pop("edited", False):
        state["heard"] += [paths, _paths(state["drawing-begun"])]
        state["drawing"], state["edited-at"] = state["drawing-begun"], time.monotonic()
    elif paths not in state["heard"] or (is_again and paths != _paths(state["drawing"])):
        drawn = state["drawing"]["objects"]
        if not state["drawing-begun"]["objects"] and paths[: len(drawn)] != _paths(state["drawing"]):
            _clicked()  # Clear, which the canvas has done by itself
            state["undone"], drawn = _cleared(drawn), []
        if len(answer["objects"]) > len(drawn):
            state["undone"], state["cleared"] = [], None  # a new stroke: what was undone is no longer to come
        state["heard"], state["drawing"] = [paths], answer
    else:
        return
    st.query_params.pop("drawing", None)  # a reload is to bring this drawing, and not the linked one


def _paths(drawing: dict) -> list:
    """What tells drawings apart: each stroke's path, and where the canvas's edit tool has put it."""
    place = ("left", "top", "scaleX", "scaleY", "angle")
    return [
        (thing.get("path"), *(round(float(thing.get(name) or 0), 1) for name in place))
        for thing in drawing["objects"]
    ]


def _undo() -> None:
    """The last stroke goes; after Clear all that it took away come back."""
    state = _heard()
    if drawn := state["drawing"]["objects"]:
        _edit(drawn[:-1], [*state["undone"], drawn[-1]])
    elif cleared := state["cleared"]:
        state["cleared"] = None
        _edit(cleared, state["undone"][: -len(cleared)])


def _redo() -> None:
    state = _heard()
    if undone := state["undone"]:
        state["cleared"] = None
        _edit([*state["drawing"]["objects"], undone[-1]], undone[:-1])


def _clear() -> None:
    if drawn := _heard()["drawing"]["objects"]:
        _edit([], _cleared(drawn))


def _cleared(drawn: list) -> list:
    """What is undone with these strokes cleared: Undo brings them back, and Redo does one by one."""
    state = st.session_state
    state["cleared"] = drawn
    return [*state["undone"], *reversed(drawn)]


def _heard() -> Any:
    """The session's state, with a stroke in it that came together with the click on a button."""
    state = st.session_state
    _clicked()
    if answer := ((state.get("canvas") or {}).get("drawing") or {}).get("raw"):
        _take_in(answer)
    return state


def _clicked() -> None:
    st.session_state["clicks"] = st.session_state.get("clicks", 0) + 1


def _edit(drawn: list, undone: list) -> None:
    """The drawing is now another; the canvas draws anew what differs from what it was given last."""
    state = st.session_state
    state["undone"], state["edited"] = undone, True
    state["drawing-begun"] = {"objects": drawn, "edit": state["drawing-begun"].get("edit", 0) + 1}


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
