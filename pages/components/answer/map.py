"""The map of the test set: how it is made, and the place of one image on it."""

from functools import lru_cache
from zlib import crc32

import numpy as np
import pandas as pd
import streamlit as st

from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.explain.forward import activations
from mnist_core.explain.map import NEAREST, Map
from mnist_core.jobs.tasks import map_task
from mnist_core.language.catalogues import current
from mnist_core.language.messages import _, ngettext
from mnist_core.runs.run import Run
from pages.components.answer.nearest import show_images
from pages.components.charts.vega import DATA, show_chart
from pages.components.page.discreet import discreet
from pages.components.page.theme import ink
from pages.components.resources import dataset_thread, evaluation, kept_weights, map_of, maps

MOST_POINTS = 3000  # on the map beside a drawing, because it is sent to the browser after each stroke
_FLAT = {"axis": None, "type": "quantitative", "scale": {"domain": [-1.04, 1.04]}}
PLACE = {"x": {"field": "x", **_FLAT}, "y": {"field": "y", **_FLAT}}  # Vega-Lite, as below
BY_DIGIT = {
    "field": "digit",
    "type": "nominal",
    "scale": {"domain": list(range(10)), "scheme": "tableau10"},
    "legend": {"orient": "top", "title": None, "columns": 10, "symbolSize": 80},
}
ON_A_CANVAS = {"embedOptions": {"renderer": "canvas"}}  # in SVG each point would be an element


def problem_of(answers: Evaluation) -> str:
    """Why the run's test images cannot be shown; "" if they can."""
    dataset = dataset_thread().dataset
    if dataset is None:
        return _("The images are still being loaded. Please try again in a moment.")
    if np.array_equal(dataset.test.labels, answers.labels):
        return ""
    return _(
        "This model was tested on a different set of images, so they cannot be shown here. Train the recipe "
        "again with the data that is here now."
    )


def offer_map(run: Run, problem: str) -> None:
    """The progress of the run's map, or a button that makes it; with a `problem` of the data, only that."""
    if maps().progress(map_task(run)) is not None:
        _show_progress(run)
        return
    if problem:
        st.info(problem, icon=":material/info:")
        return
    st.markdown(
        _(
            "Each test image becomes a point. Images with similar values in the network's last hidden layer "
            "lie close together (t-SNE). Making the map takes about 15 seconds, once for each run; you can go "
            "on working meanwhile."
        )
    )
    if error := maps().error(map_task(run)):
        words = _("The map could not be made. Try it again. The program said: {error}", error=discreet(error))
        st.error(words, icon=":material/error:")
    st.button(
        _("Make the map"),
        icon=":material/map:",
        key="make-map",
        on_click=maps().start,
        args=(map_task(run),),
    )


@st.fragment(run_every=1.0)
def _show_progress(run: Run) -> None:
    progress = maps().progress(map_task(run))
    if progress is None:
        st.rerun()
    words = _("Waiting for another map, or for the program to start")
    if progress:
        words = _("The map is being made: {progress:.0%}", progress=progress)
    st.progress(progress, text=words)


def show_place(run: Run, image: np.ndarray) -> None:
    """Where the `image` uint8 (28, 28) is on the run's map, and the nearest test images."""
    dataset_thread().wait(5.0)  # on the Draw page nothing else waits for the data
    answers, copies, found = evaluation(run), kept_weights(run), map_of(run)
    problem = problem_of(answers)
    if found is None or not found.has_places or len(found.points) != len(answers.labels):
        offer_map(run, problem)
        return
    itself = None if problem else (dataset_thread().dataset.test.images == image).all((1, 2))
    place = found.place(activations(run.recipe, copies[max(copies)], image[None])[-2].ravel(), itself)
    labels = answers.labels[place.nearest]
    votes = np.bincount(labels, minlength=10)
    st.markdown(
        ngettext(
            "The cross is this image. Of the {nearest} test images that are nearest to it in the network's "
            "last hidden layer, {number} is labelled **{digit}**.",
            "The cross is this image. Of the {nearest} test images that are nearest to it in the network's "
            "last hidden layer, {number} are labelled **{digit}**.",
            int(votes.max()),
            nearest=NEAREST,
            digit=votes.argmax(),
        )
    )
    if not problem:
        show_images("test", place.nearest, dataset_thread().dataset.test.images[place.nearest], labels)
    here = pd.DataFrame({"x": [place.x], "y": [place.y]})
    spec = {
        **_spec(ink(), current()),
        "datasets": {"points": _points(run.id, crc32(found.points.tobytes()), found, answers)},
    }
    with st.container(width=640):
        show_chart(spec, here, f"place-{run.id}", _("the place of this image on the map of the test set"))


@st.cache_data(max_entries=4, show_spinner=False)
def _points(run_id: str, checksum: int, _map: Map, _answers: Evaluation) -> pd.DataFrame:
    every = -(-len(_map.points) // MOST_POINTS)
    x, y = _map.points[::every].T
    return pd.DataFrame({"x": x, "y": y, "digit": _answers.labels[::every]})


@lru_cache(maxsize=2)
def _spec(text_colour: str, language: str) -> dict:
    return {
        "height": 380,
        "usermeta": ON_A_CANVAS,
        "layer": [
            {
                "data": {"name": "points"},
                "mark": {"type": "point", "filled": True, "size": 16, "opacity": 0.5},
                "encoding": {
                    **PLACE,
                    "color": BY_DIGIT,
                    "tooltip": [{"field": "digit", "type": "nominal", "title": _("true digit")}],
                },
            },
            {
                "data": {"name": DATA},
                "mark": {"type": "point", "shape": "cross", "filled": True, "size": 260, "stroke": "white"},
                "encoding": {**PLACE, "color": {"value": text_colour}},
            },
        ],
    }
