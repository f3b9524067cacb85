"""The inside of a network on one image: the diagram, its weights as pictures, and one step of training."""

import numpy as np
import streamlit as st

from mnist_core.language.messages import _
from mnist_core.runs.run import Run
from pages.components.network.backward import show_backward
from pages.components.network.network import show_network
from pages.components.network.weights import say_there_are_none, show_weights
from pages.components.page.language import translated
from pages.components.resources import weights_by_epoch


@st.fragment
def show_section(
    run: Run,
    image: np.ndarray,
    key: str,
    digit: int | None = None,
    label: int | None = None,
    link: dict[str, str] | None = None,
) -> None:
    """The `image` uint8 (28, 28) in the network of `run`; `digit` and `link` as in `show_network`.

    `label` is the true digit, if known. `key` begins the keys of the widgets.
    """
    copies = weights_by_epoch(run)  # once: a run that trains replaces its newest copy
    if not copies:
        say_there_are_none(run)
        return
    epoch = show_network(run, copies, image, key, digit, link)
    if epoch is None:
        return
    weights = _part(_("The weights as pictures"), ":material/grid_on:", f"{key}-weights-part")
    if weights.open:
        with weights:
            show_weights(run, copies, epoch, f"{key}-weights")
    step = _part(_("One step of training with this image"), ":material/undo:", f"{key}-step-part")
    if step.open:
        with step:
            show_backward(run, copies[max(copies)], image, label)


def _part(words: str, icon: str, key: str):
    """A part that is closed at first, and then costs nothing."""
    return st.expander(words, icon=icon, key=translated(key), on_change="rerun")
