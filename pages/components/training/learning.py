"""One image and the weights while a run learns: its ten bars and the pictures move with every epoch."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core.data.mnist import Split
from mnist_core.explain.forward import probabilities
from mnist_core.language.figures import share
from mnist_core.language.messages import _
from mnist_core.preprocessing.drawings import find_on_canvas, over
from mnist_core.preprocessing.preprocess import DrawingError
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs.run import Run
from pages.components.charts.bars import show_bars
from pages.components.images.pictures import picture
from pages.components.network.weights import choose_epoch, say_there_are_none, show_weights
from pages.components.page.language import translated
from pages.components.resources import dataset_thread, weights_by_epoch

EVERY = 1.0  # seconds between looks for a new epoch, while the section is open and the run trains


def show_learning(run: Run, key: str, is_training: bool = False) -> None:
    """The section, closed at first; while it is closed it costs nothing. `key` begins the widgets' keys."""
    section = st.expander(
        _("While it learns: an image and the weights, epoch by epoch"),
        icon=":material/visibility:",
        key=translated(f"{key}-while-it-learns"),
        on_change="rerun",
    )
    if section.open:
        with section:
            st.fragment(_follow, run_every=EVERY if is_training else None)(run, f"{key}-learning")


def _follow(run: Run, key: str) -> None:
    image, name, label = _choose_image(key)
    copies = weights_by_epoch(run)  # once: a run that trains replaces its newest copy
    if not copies:
        say_there_are_none(run)
        return
    epoch = choose_epoch(run, list(copies), key)
    if image is not None:
        _show_answer(run, epoch, copies[epoch], image, name, label)
    st.markdown(_("**The weights**"))
    show_weights(run, copies, epoch, key)


def _choose_image(key: str) -> tuple[np.ndarray | None, str, int | None]:
    """The image uint8 (28, 28) to watch, what it is, and its label if that is known."""
    dataset, drawing = dataset_thread().dataset, _drawing()
    which = "test"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if drawing is not None:
            which = st.segmented_control(
                _("Image to watch"),
                ("drawing", "test"),
                format_func={"drawing": _("My last drawing"), "test": _("A test image")}.get,
                default="drawing",
                required=True,
                key=translated(f"{key}-which"),
            )
        if which == "test" and dataset is not None:
            index = _choose_number(dataset.test, key)
    if which == "drawing":
        return drawing, _("Your drawing"), None
    if dataset is None:
        st.caption(_("The test images are still being loaded."))
        return None, "", None
    return dataset.test.images[index], _("Test image {index}", index=index), int(dataset.test.labels[index])


def _choose_number(test: Split, key: str) -> int:
    last, number = len(test.labels) - 1, f"{key}-number"

    def another() -> None:
        st.session_state[number] = int(np.random.default_rng().integers(last + 1))

    index = st.number_input(_("Test image, 0 to {last}", last=last), 0, last, 0, key=number, width=190)
    st.button(_("Another one"), icon=":material/shuffle:", key=f"{key}-another", on_click=another)
    return index


def _drawing() -> np.ndarray | None:
    """The image of what is on the visitor's canvas, its first digit; None if there is nothing to read."""
    state = st.session_state
    drawing, behind, dataset = state.get("drawing"), state.get("behind"), dataset_thread().dataset
    if not drawing or not drawing.get("objects"):
        return None
    try:
        if behind is not None and dataset is not None:
            return over(dataset.test.images[behind], drawing)
        digits = find_on_canvas(drawing).digits
        return digits[0].image() if digits else None
    except DrawingError:
        return None


def _show_answer(
    run: Run, epoch: int, weights: Sequence[np.ndarray], image: np.ndarray, name: str, label: int | None
) -> None:
    """The image and the run's answer to it after an epoch. Its height is always the same."""
    read = _answer(run.id, epoch, float(weights[-1].sum()), image, run.recipe, weights)
    values = {"epoch": epoch, "epochs": run.recipe.epochs}
    left, right = st.columns([1, 3], gap="medium")
    with left:
        st.image(picture(image, 4), width=112, alt=name)
        st.caption(name if label is None else _("{image}: a {digit}", image=name, digit=label))
    with right:
        values |= {"digit": int(read.argmax()), "share": share(float(read.max()))}
        st.markdown(_("After epoch {epoch} of {epochs}: **{digit}** · {share}", **values))
        show_bars([""], [read])


@st.cache_data(max_entries=64, show_spinner=False)
def _answer(
    run_id: str, epoch: int, checksum: float, image: np.ndarray, _recipe: Recipe, _weights: Sequence[np.ndarray]
) -> np.ndarray:
    """The network's probabilities; the checksum tells a copy from one that has replaced it."""
    return probabilities(_recipe, _weights, image)
