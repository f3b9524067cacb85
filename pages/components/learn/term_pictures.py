"""The pictures of the glossary, of one run: what PICTURES in glossary.py promises."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import streamlit as st

from mnist_core.language.messages import _
from mnist_core.lessons.glossary import Term
from mnist_core.runs.run import Run, RunError
from pages.components.answer.map import problem_of
from pages.components.answer.nearest import image_label
from pages.components.charts.bars import show_bars
from pages.components.charts.curves import show_curves
from pages.components.images.pictures import picture, signed
from pages.components.images.pixels import show_numbers
from pages.components.learn.pictures import show_cells
from pages.components.resources import classifier, dataset_thread, evaluation, final_weights

_UNITS = 8


def show_picture(term: Term, run: Run, facts: Mapping[str, Any]) -> None:
    """The term's picture; nothing where the run lacks what it needs."""
    try:
        _PICTURES[term.picture](term, run, facts)
    except (RunError, ValueError):
        return


def _image(index: int) -> tuple[np.ndarray, int]:
    test = dataset_thread().dataset.test
    return test.images[index], int(test.labels[index])


def _digit(term: Term, run: Run, facts: Mapping[str, Any]) -> None:
    image, label = _image(0)
    st.image(picture(image, 4), width=112, alt=image_label("test", 0, label))


def _pixels(term: Term, run: Run, facts: Mapping[str, Any]) -> None:
    show_numbers(_image(0)[0], _("the 784 pixels of this image"))


def _one_hot(term: Term, run: Run, facts: Mapping[str, Any]) -> None:
    show_cells({"y_test[0]": np.eye(10)[_image(0)[1]]})


def _probabilities(term: Term, run: Run, facts: Mapping[str, Any]) -> None:
    index = 0 if problem_of(evaluation(run)) else int(facts["doubtful"])
    image, label = _image(index)
    left, right = st.columns([1, 3])
    left.image(picture(image, 4), width=112, alt=image_label("test", index, label))
    with right:
        show_bars([""], [classifier(run).probabilities(image[None])[0]])


def _curves(term: Term, run: Run, facts: Mapping[str, Any]) -> None:
    show_curves(run, run.metrics(), f"{term.name}-curves")


def _confusion(term: Term, run: Run, facts: Mapping[str, Any]) -> None:
    answers = evaluation(run)
    if problem_of(answers) or not answers.num_errors:
        return
    true, predicted, _count = answers.confused_pairs()[0]
    index = int(np.flatnonzero((answers.labels == true) & (answers.predictions == predicted))[0])
    caption = _("{digit} read as {read}", digit=true, read=predicted)
    st.image(picture(_image(index)[0], 4), width=112, caption=caption, alt=caption)


def _filters(term: Term, run: Run, facts: Mapping[str, Any]) -> None:
    weights = final_weights(run)[0]
    if weights.ndim != 4 and weights.shape[0] != 784:
        return  # its first layer with weights does not see the image itself
    units = weights.reshape(28, 28, -1) if weights.ndim == 2 else weights[:, :, 0]
    shown = units[:, :, :_UNITS]
    row = np.hstack([np.pad(shown[:, :, i], ((0, 0), (0, 1))) for i in range(shown.shape[2])])
    source = signed(row, float(np.abs(shown).max()) or 1.0, max(1, 420 // row.shape[1]))
    st.image(source, alt=_("weights of the first layer"))


_PICTURES: dict[str, Callable[[Term, Run, Mapping[str, Any]], None]] = {
    "digit": _digit,
    "pixels": _pixels,
    "one_hot": _one_hot,
    "probabilities": _probabilities,
    "curves": _curves,
    "confusion": _confusion,
    "filters": _filters,
}
