"""Why a model reads an image as it does: the Draw page's views below the answer."""

from collections.abc import Callable
from functools import lru_cache
from time import sleep

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from mnist_core.explain.attribution import WINDOW, occlusion
from mnist_core.explain.forward import probabilities
from mnist_core.explain.learnt import learnt_when
from mnist_core.language.catalogues import current
from mnist_core.language.figures import share
from mnist_core.language.messages import _
from mnist_core.preprocessing.found import DrawnDigit, PictureDigit
from mnist_core.preprocessing.image_text import to_text
from mnist_core.preprocessing.preprocess import ALL_STEPS, AS_IT_STANDS, Steps
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.run import Run, RunError
from pages.components.answer.map import show_place
from pages.components.answer.nearest import show_nearest
from pages.components.charts.vega import DATA, description, show_chart
from pages.components.images.pictures import heat_map, picture
from pages.components.network.section import show_section
from pages.components.network.weights import NO_WEIGHTS
from pages.components.resources import classifier, dataset_thread, kept_weights


def show_reasons(
    run: Run,
    image: np.ndarray,
    digit: DrawnDigit | PictureDigit | None = None,
    test_image: int | None = None,
    rival: int | None = None,
) -> None:
    """Views that explain an answer; only the chosen one is computed.

    `image` is that of a `digit` drawn or found in a picture, or the test image with the index `test_image`. If
    the answer is contested, `rival` is the other digit that it might be: then the network is open, with what
    speaks for that one.
    """
    key = "why" if test_image is None else "why-of-image"
    link = {"pixels": to_text(image)} if test_image is None else {"image": f"{test_image}"}
    label = None if test_image is None else int(dataset_thread().dataset.test.labels[test_image])
    views: dict[str, tuple[str, Callable[[], None]]] = {
        "pixels": (
            _("Which pixels matter"),
            lambda: _show_pixels_that_matter(run, classifier(run), image, rival),
        ),
        "inside": (_("Inside the network"), lambda: show_section(run, image, key, rival, label, link)),
        "nearest": (_("Nearest training images"), lambda: show_nearest(image)),
        "map": (_("Place on the map"), lambda: _show_place(run, image)),
        "learning": (_("How it learnt this"), lambda: _show_how_it_learnt(run, image, label)),
    }
    if digit:
        views = {
            "steps": (_("From drawing to input"), lambda: _show_preprocessing(classifier(run), digit)),
            **views,
        }
    _open_if_contested(key, rival is not None)
    chosen = st.segmented_control(
        _("**Why?**"),
        list(views),
        format_func=lambda view: views[view][0],
        key=key,
        persist_state="session",
        on_change=lambda: st.session_state.update({f"{key}-chosen": True}),
    )
    if not chosen:
        return
    try:
        views[chosen][1]()
    except RunError as error:
        st.error(str(error), icon=":material/error:")


def _open_if_contested(key: str, is_contested: bool) -> None:
    """Open the network for a contested answer, and nothing else, until the visitor chooses for themselves.

    Computing a view for every stroke would delay the next one.
    """
    if not st.session_state.get(f"{key}-chosen"):
        st.session_state[key] = "inside" if is_contested else None


def _show_preprocessing(model: Classifier, digit: DrawnDigit | PictureDigit) -> None:
    st.markdown(
        _(
            "Your digit is prepared as MNIST's images were, in these steps. Below each step stands what the "
            "model would answer there."
        )
    )
    first = _("The picture's ink, shrunk to 28 × 28")
    if isinstance(digit, DrawnDigit):
        first = _("The canvas, shrunk to 28 × 28")
    ways = {
        first: AS_IT_STANDS,
        _("Scaled to 20 pixels"): Steps(pen=False, centre=False),
        _("Pen width as in MNIST"): Steps(centre=False),
        _("Centre of mass in the middle"): ALL_STEPS,
    }
    with st.container(horizontal=True, gap="medium"):
        for words, steps in ways.items():
            _step(model, digit.image(steps), words)
    st.markdown(_("**Switch a step off** to see what it is for:"))
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        with st.container(width=260):
            scale = st.toggle(_("Scale to 20 pixels"), True, key="step-scale")
            pen = st.toggle(_("Pen width as in MNIST"), True, key="step-pen")
            centre = st.toggle(_("Centre of mass in the middle"), True, key="step-centre")
        _step(model, digit.image(Steps(scale, pen, centre)), _("with the steps chosen"))


def _step(model: Classifier, image: np.ndarray, words: str) -> None:
    probabilities = model.probabilities(image[None])[0]
    with st.container(width=150, gap="xsmall"):
        st.image(picture(image, 5), width=140, alt=words)
        st.markdown(f"**{probabilities.argmax()}** · {share(probabilities.max())}")
        st.caption(words)


def _show_pixels_that_matter(run: Run, model: Classifier, image: np.ndarray, rival: int | None) -> None:
    best = int(model.probabilities(image[None])[0].argmax()) if rival is None else rival
    digit = st.segmented_control(
        _("Evidence for"),
        range(10),
        default=best,
        required=True,
        key=f"evidence-{best}",
        help=_("Choose any of the ten digits."),
        wrap=True,
    )
    st.image(
        heat_map(image, _heat(run.id, image, digit, model), 12),
        width=336,
        alt=_("what speaks for {digit} and against it", digit=digit),
    )
    st.caption(
        _(
            ":blue[Blue] speaks for {digit}, :red[red] against it. A window of {size} × {size} pixels is moved "
            "over the image and covers it, once as ink and once as paper. The colour shows how much the "
            "probability falls (occlusion, Zeiler and Fergus 2014).",
            digit=digit,
            size=WINDOW,
        )
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _heat(run_id: str, image: np.ndarray, digit: int, _model: Classifier) -> np.ndarray:
    return occlusion(_model, image, digit)


@st.cache_data(max_entries=16, show_spinner=False)
def _learnt(run_id: str, epochs: tuple[int, ...], image: np.ndarray, _run: Run) -> dict[int, np.ndarray]:
    """The network's probabilities after each epoch of which a copy was kept."""
    copies = kept_weights(_run)
    return {epoch: probabilities(_run.recipe, copies[epoch], image) for epoch in epochs}


def _show_place(run: Run, image: np.ndarray) -> None:
    if not kept_weights(run):
        st.info(str(NO_WEIGHTS), icon=":material/info:")
        return
    try:
        show_place(run, image)
    except ValueError as error:
        st.info(str(error), icon=":material/info:")


def _show_how_it_learnt(run: Run, image: np.ndarray, label: int | None) -> None:
    copies = kept_weights(run)
    if not copies:
        st.info(str(NO_WEIGHTS), icon=":material/info:")
        return
    learnt = _learnt(run.id, tuple(copies), image, run)
    st.markdown(_("What the model would have answered for this image after each epoch of its training:"))
    if label is not None:
        right = {epoch: int(of.argmax()) == label for epoch, of in learnt.items()}
        st.markdown(f"**{learnt_when(right)}**")
    place = st.empty()
    play = len(learnt) > 1 and st.button(_("Play it again"), icon=":material/replay:", key="replay")
    for last in list(learnt) if play else [max(learnt)]:
        with place.container():
            _show_learning({epoch: of for epoch, of in learnt.items() if epoch <= last}, run.recipe.epochs)
        if play:
            sleep(min(0.6, 4 / len(learnt)))


def _show_learning(learnt: dict[int, np.ndarray], epochs: int) -> None:
    rows = [
        {"epoch": epoch, "digit": f"{digit}", "probability": float(p)}
        for epoch, of in learnt.items()
        for digit, p in enumerate(of)
    ]
    last = max(learnt)
    values = {"epoch": last, "digit": learnt[last].argmax(), "share": share(learnt[last].max())}
    st.markdown(_("After epoch {epoch}: **{digit}** · {share}", **values))
    label = _("the ten probabilities after each epoch")
    show_chart(_learning(epochs, current()), pd.DataFrame(rows), "learning", label)


@lru_cache(maxsize=16)
def _learning(epochs: int, language: str) -> dict:
    chart = (
        alt.Chart(alt.NamedData(DATA))
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=alt.X(
                "epoch:Q",
                title=_("epoch"),
                scale=alt.Scale(domain=[0, epochs], nice=False),
                axis=alt.Axis(format="d", tickMinStep=1),
            ),
            y=alt.Y("probability:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
            color=alt.Color(
                "digit:N",
                scale=alt.Scale(domain=[f"{d}" for d in range(10)], scheme="tableau10"),
                legend=alt.Legend(orient="top", title=None, columns=5, symbolSize=60),
            ),
            tooltip=[
                alt.Tooltip("digit:N", title=_("digit")),
                alt.Tooltip("epoch:Q", title=_("epoch")),
                alt.Tooltip("probability:Q", title=_("probability"), format=".2%"),
            ],
        )
        .properties(height=280)
    )
    return description(chart)
