"""A model's errors: an overview, the images, and each image in detail."""

import numpy as np
import streamlit as st

from mnist_core.evaluation.crowd import doubtful, votes
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.evaluation.selection import Material, Selection
from mnist_core.language.messages import _
from mnist_core.runs.run import Run
from pages.components.answer.map import problem_of
from pages.components.exchange.take_away import show_take_away
from pages.components.gallery.closely import show_closely
from pages.components.gallery.filters import SELECTION, choose, choose_view
from pages.components.gallery.grid import show_grid
from pages.components.gallery.map import show_map
from pages.components.gallery.overview import show_confidence, show_confusion, show_digits, show_figures
from pages.components.gallery.versus import Versus, compared, show_versus
from pages.components.page.address import number_in_address
from pages.components.page.frame import begin, damage_notice, data_notice
from pages.components.page.run_chooser import choose_other, choose_run
from pages.components.page.scroll import scroll
from pages.components.resources import dataset_thread, evaluation, judgements, map_of, runs_with_model


def show_whole(chosen: Selection, run: Run, answers: Evaluation, versus: Versus | str, problem: str) -> None:
    """All answers of the run in the chosen view."""
    view = chosen.view
    if view == "confusion":
        show_confusion(answers, chosen)
    elif view == "digits":
        show_digits(answers)
    elif view == "map":
        show_map(run, answers, chosen, problem, versus if isinstance(versus, Versus) else None)
    elif view == "confidence":
        show_confidence(answers, (run.result or {}).get("temperature", 1.0))
    else:
        show_versus(versus)


def in_force(chosen: Selection, run: Run, has_map: bool, has_other: bool) -> Selection:
    """The selection without impossible filters: a box without a map or of another run's map, or a comparison
    with no run."""
    before, st.session_state["gallery-run"] = st.session_state.get("gallery-run", run.id), run.id
    gone = {"box": None} if chosen.box and (not has_map or before != run.id) else {}
    if chosen.versus and not has_other:
        gone["versus"] = None
    if not gone:
        return chosen
    SELECTION.change(**gone)
    return SELECTION.get()


def show_gallery(run: Run, answers: Evaluation, other: Run | None) -> None:
    dataset, chosen = dataset_thread().dataset, SELECTION.get()
    versus = compared(run, answers, other)
    is_compared = isinstance(versus, Versus)
    problem = problem_of(answers)
    chosen = in_force(chosen, run, map_of(run) is not None, is_compared)
    index = None if problem else number_in_address("image", len(answers.labels))
    if index is not None:
        found, said = find(chosen, run, answers, versus), judgements(dataset)
        pair = versus if is_compared else None
        show_closely(index, found, chosen.size, run, answers, dataset, votes(dataset).get(index), said, pair)
        scroll()
        return
    show_figures(answers, doubtful(dataset) if not problem else np.array([]))
    left, right = st.columns([2, 3], gap="large")
    with left:
        choose_view()
        show_whole(chosen, run, answers, versus, problem)
    with right:
        if problem:
            st.info(problem, icon=":material/info:")
        else:
            show_images(chosen, run, answers, versus)
    scroll()


@st.fragment
def show_images(before: Selection, run: Run, answers: Evaluation, versus: Versus | str) -> None:
    """The filters and the images that pass them. A fragment: a new order does not redraw the views beside it.

    `before` is the selection with which the whole page was last drawn.
    """
    chosen, dataset = SELECTION.get(), dataset_thread().dataset
    if "image" in st.query_params or chosen.beside != before.beside:
        st.rerun()
    if not answers.num_errors and chosen.show == "errors":
        perfect(answers)
        return
    pair = versus if isinstance(versus, Versus) else None
    choose(chosen, pair.words() if pair else {})
    found = find(chosen, run, answers, versus)
    show_grid(found, chosen, dataset.test, answers, votes(dataset), judgements(dataset).all(), pair)


def find(chosen: Selection, run: Run, answers: Evaluation, versus: Versus | str) -> np.ndarray:
    """Indices of the test images that pass the filters, in order, int64."""
    dataset = dataset_thread().dataset
    compared_with = versus.comparison if isinstance(versus, Versus) else None
    said = judgements(dataset).all()
    found = map_of(run)
    points = None if found is None else found.points
    return chosen.find(Material(answers, points, compared_with, doubtful(dataset), said))


def perfect(answers: Evaluation) -> None:
    st.success(
        _(
            "There is no error in {count:,} test images, so there is nothing to show here.",
            count=len(answers.labels),
        ),
        icon=":material/celebration:",
    )
    st.button(_("Show all images"), key="show-all", on_click=SELECTION.change, kwargs={"show": "all"})


begin("gallery", _("Gallery"), _("The test images that a model gets wrong, its answers to them, and why."))
data_notice()
first, second = st.columns(2)
with first:
    run = choose_run(_("Model"), runs_with_model())
with second:
    other = choose_other(run, runs_with_model(), lambda: SELECTION.change(view="compare"))
try:
    answers = evaluation(run)
except ValueError as error:
    words = _("The results of this run cannot be shown. {reason}", reason=error)
    st.error(words, icon=":material/error:")
else:
    damage_notice(run)
    show_gallery(run, answers, other)
    show_take_away(run, "gallery")
