"""Draw a digit, or bring a picture of one, and see what the network makes of it, and why."""

import numpy as np
import streamlit as st

from mnist_core.classifier import Classifier
from mnist_core.preprocess import (
    IMAGE_FORMATS,
    DrawingError,
    canvas_strokes,
    digits_of,
    from_canvas,
    from_image,
    from_strokes,
    open_image,
)
from mnist_core.run import Run, RunError
from pages.components.answer import show_bars, show_digits, show_input
from pages.components.canvas import canvas
from pages.components.frame import begin
from pages.components.reasons import show_reasons
from pages.components.resources import classifier, describe, my_digits, runs_with_model
from pages.components.run_chooser import choose_run


def drawn() -> tuple[list[np.ndarray], str, dict | None]:
    """The images of the digits on the canvas, what to do where there is none, and the drawing."""
    try:
        drawing = canvas()
        whole = from_canvas(drawing)
        if whole is None:
            return [], "Draw a digit from 0 to 9.", None
        digits = digits_of(canvas_strokes(drawing))
        images = [whole] if len(digits) == 1 else [from_strokes(strokes) for strokes in digits]
        return images, "", drawing if len(digits) == 1 else None
    except DrawingError as error:
        return [], f"{error}.", None


def uploaded() -> tuple[list[np.ndarray], str, None]:
    """The images of the digits in an uploaded picture, and what to do where there is none."""
    file = st.file_uploader(
        "A picture of digits, dark on light or light on dark",
        type=[name.lower() for name in (*IMAGE_FORMATS, "jpg", "tif")],
        key="picture",
    )
    if not file:
        return [], "Choose a picture of a digit, or of several.", None
    try:
        return (
            from_image(open_image(file)),
            "No ink was found: a picture of digits on plain paper works best.",
            None,
        )
    except DrawingError as error:
        return [], f"{file.name}: {error}.", None


def choose_other(first: Run) -> Run | None:
    """A second run to read the same ink, or None."""
    others = {run.id: run for run in runs_with_model() if run != first}
    if not others:
        return None
    chosen = st.selectbox(
        "Compare with",
        [None, *others],
        format_func=lambda run_id: describe(others[run_id]) if run_id else "no other",
        key="other-run",
        persist_state="session",
    )
    return others.get(chosen)


def keep(image: np.ndarray, strokes: list, answer: int) -> None:
    """Was the answer right, or what is it? The digit then joins the visitor's own."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="judge"):
        st.markdown("Was that right?")
        if st.button(f"Yes, a {answer}", icon=":material/check:", key="right"):
            _add(answer, image, strokes)
        with st.popover("No, it is …", key="wrong"):
            label = st.segmented_control("This is a", range(10), key="truth")
            if label is not None and st.button(f"Keep it as a {label}", key="keep"):
                _add(label, image, strokes)


def _add(label: int, image: np.ndarray, strokes: list) -> None:
    try:
        my_digits().add(label, image, strokes)
        st.toast(f"Kept as a {label}, on the page My digits.", icon=":material/check:")
    except (ValueError, OSError) as error:
        st.toast(f"It was not kept: {error}.", icon=":material/error:")


@st.fragment
def read_along() -> None:
    """From ink to answer. A fragment: a stroke runs this, and nothing else on the page."""
    left, middle, right = st.columns([300, 220, 440], gap="large")
    with left:
        how = st.segmented_control(
            "Input", ["Draw", "Picture"], default="Draw", required=True, key="how", label_visibility="collapsed"
        )
        images, hint, drawing = drawn() if how == "Draw" else uploaded()
    answer = middle.container()
    with right:
        bars = st.container()
        run = choose_run("Read by", runs_with_model())
        other = choose_other(run)
    try:
        models: dict[str, Classifier] = {describe(r): classifier(r) for r in (run, other) if r}
        # Before the first stroke, which then is answered at once.
        read = {
            name: model.probabilities(np.array(images, np.uint8).reshape(-1, 28, 28))
            for name, model in models.items()
        }
    except RunError as error:
        st.error(str(error), icon=":material/error:")
        return
    with answer:
        show_digits(list(read.values()), hint)
        place = show_input(images, next(iter(read.values())))
    with bars:
        show_bars({name: of[place] for name, of in read.items()} if images else {})
    if images:
        strokes = canvas_strokes(drawing) if drawing else []
        keep(images[place], strokes, int(next(iter(read.values()))[place].argmax()))
        show_reasons(run, next(iter(models.values())), images[place], drawing)


begin("Draw a digit", "The network reads along after every stroke.")
read_along()
