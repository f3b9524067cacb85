"""Draw a digit, or bring a picture of one, and see what the network makes of it, and why."""

from typing import BinaryIO

import numpy as np
import streamlit as st

from mnist_core.drawings import canvas_strokes, from_canvas
from mnist_core.photo import IMAGE_FORMATS, from_image, open_image
from mnist_core.preprocess import DrawingError, from_strokes
from mnist_core.run import Run, RunError
from mnist_core.segments import digits_of
from pages.components.answer import show_bars, show_digits, show_input
from pages.components.canvas import canvas
from pages.components.frame import begin
from pages.components.reasons import show_reasons
from pages.components.resources import classifier, describe, my_digits, runs_with_model
from pages.components.run_chooser import choose_run

Ink = list[tuple[np.ndarray, list]]  # for each digit its image, and its strokes where it was drawn


def drawn() -> tuple[Ink, str]:
    """The digits on the canvas, and what to do where there is none."""
    try:
        drawing = canvas()
        whole = from_canvas(drawing)
        if whole is None:
            return [], "Draw a digit from 0 to 9."
        digits = digits_of(canvas_strokes(drawing))
        if len(digits) == 1:
            return [(whole, digits[0])], ""
        return [(from_strokes(strokes), strokes) for strokes in digits], ""
    except DrawingError as error:
        return [], f"{error}."


def uploaded() -> tuple[Ink, str]:
    """The digits in an uploaded picture, and what to do where there is none."""
    file = st.file_uploader(
        "A picture of digits, dark on light or light on dark",
        type=[name.lower() for name in (*IMAGE_FORMATS, "jpg", "tif")],
        key="picture",
    )
    if not file:
        return [], "Choose a picture of a digit, or of several."
    try:
        images = digits_in(file.file_id, file)
        return [(image, []) for image in images], "No ink was found: digits on plain paper work best."
    except DrawingError as error:
        return [], f"{file.name}: {error}."


@st.cache_data(max_entries=8, show_spinner=False)
def digits_in(file_id: str, _file: BinaryIO) -> list[np.ndarray]:
    return from_image(open_image(_file))


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


def read_by(run: Run | None, images: list[np.ndarray]) -> np.ndarray | None:
    """The run's probabilities float32 (n, 10) of the images; None, with the reason, where it cannot."""
    if run is None:
        return None
    try:  # without an image, too: the first stroke is then answered at once
        return classifier(run).probabilities(np.array(images, np.uint8).reshape(-1, 28, 28))
    except RunError as error:
        st.error(f"{str(error)[0].upper()}{str(error)[1:]}.", icon=":material/error:")
        return None


@st.fragment
def read_along() -> None:
    """From ink to answer. A fragment: a stroke runs this, and nothing else on the page."""
    left, middle, right = st.columns([300, 220, 440], gap="large")
    with left:
        how = st.segmented_control(
            "Input", ["Draw", "Picture"], default="Draw", required=True, key="how", label_visibility="collapsed"
        )
        ink, hint = drawn() if how == "Draw" else uploaded()
    answer, images = middle.container(), [image for image, _ in ink]
    with right:
        bars = st.container()
        run = choose_run("Read by", runs_with_model())
        other = choose_other(run)
        read = read_by(run, images)
        others = read_by(other, images)
    if read is None:
        return
    both = [read] if others is None else [read, others]
    with answer:
        show_digits(both, hint, run.recipe.hands)
        place = show_input(images, read)
    with bars:
        names = [describe(reader) for reader in (run, other) if reader]
        show_bars(names, [of[place] for of in both] if images else [])
    if images:
        image, strokes = ink[place]
        keep(image, strokes, int(read[place].argmax()))
        show_reasons(run, image, st.session_state["drawing"] if len(ink) == 1 and strokes else None)


begin("Draw a digit", "The network reads along after every stroke.")
read_along()
