"""The map of the test set: images that are similar to the network are close together."""

from functools import lru_cache

import numpy as np
import pandas as pd
import streamlit as st

from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.evaluation.selection import MOST_POINTS, Selection
from mnist_core.language.catalogues import current
from mnist_core.language.messages import _
from mnist_core.runs.run import Run
from pages.components.answer.map import BY_DIGIT, ON_A_CANVAS, PLACE, offer_map
from pages.components.charts.vega import selected, selecting_key
from pages.components.gallery.filters import SELECTION
from pages.components.gallery.versus import Versus
from pages.components.page.theme import GREY, ink, series
from pages.components.resources import map_of


def show_map(
    run: Run, answers: Evaluation, chosen: Selection, problem: str, versus: Versus | None = None
) -> None:
    """The map if there is one; otherwise its progress, or a button that makes it.

    With a `problem` of the data it cannot be made. With `versus` it shows which run reads an image correctly.
    """
    found = map_of(run)
    if found is not None and len(found.points) == len(answers.labels):
        _show_points(run, found.points, answers, chosen, versus)
    else:
        offer_map(run, problem)


def _show_points(
    run: Run, points: np.ndarray, answers: Evaluation, chosen: Selection, versus: Versus | None
) -> None:
    if versus:
        words = _(
            "Each point is a test image. :blue[Diamonds]: only :blue[{first}] is right. :orange[Triangles]: "
            "only :orange[{second}] is right. Crosses: both are wrong. Click a point, or drag a box, to see "
            "those images.",
            **versus.names,
        )
    else:
        words = _(
            "Each point is a test image, coloured by its digit; **errors are the large ones**. Click a point, "
            "or drag a box, to see those images."
        )
    st.markdown(words)
    name = f"map-{run.id}"
    key = selecting_key(name, (chosen.box, chosen.points))
    spec = _spec(ink(), current())
    if versus:
        spec = {**spec, "encoding": {**spec["encoding"], **_compared(ink(), tuple(series()[:2]))}}
    if chosen.box and f"{name}-selected" not in st.session_state:  # the box comes from a link
        left, right, bottom, top = chosen.box
        point, box = spec["params"]
        spec = {**spec, "params": [point, {**box, "value": {"x": [left, right], "y": [bottom, top]}}]}
    with st.container(key="map"):
        st.vega_lite_chart(
            _table(points, answers, versus),
            spec,
            key=key,
            on_select=lambda: _picked(key, name),
            alt=_("map of the test set"),
        )


def _picked(key: str, name: str) -> None:
    picked = st.session_state[key].selection
    sides, picked_points = picked.get("box", {}), picked.get("point", [])
    box, points = None, ()
    if sides.get("x") and sides.get("y"):
        (left, right), (bottom, top) = sorted(sides["x"]), sorted(sides["y"])
        if left < right and bottom < top:
            box = tuple(float(f"{side:.4g}") for side in (left, right, bottom, top))
    elif picked_points:
        points = tuple(int(point["index"]) for point in picked_points[-MOST_POINTS:])
    selected(name, (box, points))
    # Show all images of a selection, and errors again once nothing is selected.
    SELECTION.change(show="all" if box or points else "errors", box=box, points=points)


def _table(points: np.ndarray, answers: Evaluation, versus: Versus | None) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "x": points[:, 0],
            "y": points[:, 1],
            "index": np.arange(len(points), dtype=np.int32),
            "digit": answers.labels,
            "read": answers.predictions.astype(np.uint8),
        }
    )
    # Errors are drawn last, on top.
    last = table.digit != table["read"]
    if versus:
        theirs = versus.comparison.second.predictions == answers.labels
        table["right"] = np.where(last, np.where(theirs, "second", "none"), np.where(theirs, "both", "first"))
        last = table.right != "both"
    return table.iloc[np.argsort(last, kind="stable")]


def _compared(text_colour: str, colours: tuple[str, str]) -> dict:
    """How the points show which of two runs reads their image correctly."""
    kinds = ["both", "none", "first", "second"]
    shapes = ["circle", "cross", "diamond", "triangle-up"]
    field = {"field": "right", "type": "nominal", "legend": None}
    is_small = {"test": "datum.right == 'both'"}
    return {
        "color": {**field, "scale": {"domain": kinds, "range": [GREY, text_colour, *colours]}},
        "shape": {**field, "scale": {"domain": kinds, "range": shapes}},
        "size": {"condition": {**is_small, "value": 16}, "value": 110},
        "stroke": {"value": None},
        "opacity": {"condition": {**is_small, "value": 0.4}, "value": 1},
    }


@lru_cache(maxsize=2)
def _spec(text_colour: str, language: str) -> dict:
    is_error = "datum.digit != datum.read"
    return {
        "height": 420,
        "usermeta": ON_A_CANVAS,
        "params": [
            {"name": "point", "select": {"type": "point", "fields": ["index"], "on": "click", "clear": False}},
            {"name": "box", "select": {"type": "interval"}},
        ],
        "mark": {"type": "point", "filled": True, "cursor": "pointer"},
        "encoding": {
            **PLACE,
            "color": BY_DIGIT,
            "size": {"condition": {"test": is_error, "value": 110}, "value": 16},
            "shape": {"condition": {"test": is_error, "value": "diamond"}, "value": "circle"},
            "stroke": {"condition": {"test": is_error, "value": text_colour}, "value": None},
            "opacity": {"condition": {"test": is_error, "value": 1}, "value": 0.5},
            "tooltip": [
                {"field": "index", "type": "quantitative", "title": _("test image")},
                {"field": "digit", "type": "nominal", "title": _("true digit")},
                {"field": "read", "type": "nominal", "title": _("read as")},
            ],
        },
    }
