"""Draw a digit, or bring a picture of one, and see what the network makes of it."""

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from mnist_core.preprocess import IMAGE_FORMATS, DrawingError, from_canvas, from_image, open_image
from mnist_core.run import RunError
from pages.components.answer import show_bars, show_digit, show_input
from pages.components.frame import begin
from pages.components.resources import classifier, runs_with_model
from pages.components.run_chooser import choose_run

EMPTY = {"objects": []}


def canvas() -> dict:
    """The canvas and its buttons; the drawing as fabric.js JSON. It outlives a visit to another page."""
    state = st.session_state
    if "canvas" not in state:  # the page was just entered
        state["drawing-begun"] = state.get("drawing", EMPTY)
    place = st.container()
    with st.container(horizontal=True):
        undo = st.button("Undo", icon=":material/undo:", key="undo")
        clear = st.button("Clear", icon=":material/delete:", key="clear")
    if undo or clear:
        # The canvas draws anew what differs from what it was given last: the number sees to that.
        kept = [] if clear else state.get("drawing", EMPTY)["objects"][:-1]
        state["drawing-begun"] = {"objects": kept, "edit": state["drawing-begun"].get("edit", 0) + 1}
    brush = st.slider("Brush", 6, 40, 20, key="brush", persist_state="session", width=280)
    with place:
        result = st_canvas(
            stroke_width=brush,
            stroke_color="#ffffff",
            background_color="#000000",
            height=280,
            width=280,
            initial_drawing=state["drawing-begun"],
            key="canvas",
        )
    # Just after Undo or Clear the canvas still answers with what it had before.
    edited = undo or clear
    state["drawing"] = state["drawing-begun"] if edited else result.json_data or state["drawing-begun"]
    return state["drawing"]


def drawn() -> tuple[np.ndarray | None, str]:
    """The canvas's image, or None and what to do."""
    try:
        return from_canvas(canvas()), "Draw a digit from 0 to 9."
    except DrawingError as error:
        return None, f"{error}."


def uploaded() -> tuple[np.ndarray | None, str]:
    """An uploaded picture's image, or None and what to do."""
    file = st.file_uploader(
        "A picture of one digit, dark on light or light on dark",
        type=[name.lower() for name in (*IMAGE_FORMATS, "jpg", "tif")],
        key="picture",
    )
    if not file:
        return None, "Choose a picture of one digit."
    try:
        return from_image(
            open_image(file)
        ), "No ink was found: a picture of one digit on plain paper works best."
    except DrawingError as error:
        return None, f"{file.name}: {error}."


@st.fragment
def read_along() -> None:
    """From ink to answer. A fragment: a stroke runs this, and nothing else on the page."""
    left, middle, right = st.columns([300, 220, 440], gap="large")
    with left:
        how = st.segmented_control(
            "Input", ["Draw", "Picture"], default="Draw", required=True, key="how", label_visibility="collapsed"
        )
        image, hint = drawn() if how == "Draw" else uploaded()
    answer = middle.container()
    with right:
        bars = st.container()
        run = choose_run("Read by", runs_with_model())
    try:
        model = classifier(run)  # before the first stroke, which then is answered at once
        probabilities = None if image is None else model.probabilities(image[None])[0]
    except RunError as error:
        st.error(str(error), icon=":material/error:")
        return
    with answer:
        show_digit(probabilities, hint)
        show_input(image)
    with bars:
        show_bars(probabilities)


begin("Draw a digit", "The network reads along after every stroke.")
read_along()
