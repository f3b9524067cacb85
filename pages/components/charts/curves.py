"""The learning curves of one run, and of several laid over each other."""

import math
from collections.abc import Sequence
from functools import lru_cache

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from mnist_core.recipes.recipe import Published, Recipe
from mnist_core.runs.curves import TRAINING, VALIDATION, points
from mnist_core.runs.run import Run
from pages.components.charts.vega import DATA, description, show_chart
from pages.components.page.theme import GREY

MEASURES = {"loss": "Loss", "accuracy": "Accuracy"}
_COLUMNS = ["epoch", "series", "loss", "accuracy"]


def show_curves(run: Run, rows: Sequence[dict], key: str) -> None:
    """Loss and accuracy against the epoch, training and validation, with the published accuracy."""
    recipe, table = run.recipe, pd.DataFrame(points(rows), columns=_COLUMNS)
    show_names(recipe)
    for measure, column in zip(MEASURES, st.columns(2)):
        published = recipe.published if measure == "accuracy" else None
        also = (published.accuracy,) if published else ()
        spec = _curves(measure, recipe.epochs, visible_range(table[measure], measure, also), published)
        with column:
            _show(spec, table, measure, f"{key}-{measure}")


def show_names(recipe: Recipe) -> None:
    """Which line is which, for both charts."""
    names = f":blue[━ {TRAINING}]" + (f"\u2003:orange[━ {VALIDATION}]" if recipe.validation else "")
    st.markdown(names + ("\u2003:gray[┅ published]" if recipe.published else ""))


@lru_cache(maxsize=64)
def _curves(measure: str, epochs: int, limits: tuple[float, float], published: Published | None) -> dict:
    colour = alt.Color("series:N", scale=alt.Scale(domain=[TRAINING, VALIDATION]), legend=None)
    chart = _lines(measure, epochs, limits, colour)
    if published:
        chart = alt.layer(chart, *_published(published, epochs))
    return description(chart)


def overlay_curves(runs: Sequence[Run], key: str) -> None:
    """Several runs laid over each other: validation where there is one, else training."""
    tables = []
    for run in runs:
        table = pd.DataFrame(points(run.metrics()), columns=_COLUMNS)
        series = VALIDATION if (table.series == VALIDATION).any() else TRAINING
        time = f"{run.id[9:11]}:{run.id[11:13]}:{run.id[13:15]}"
        name = f"{run.recipe.title}, {time}, {series}"
        tables.append(table[table.series == series].assign(series=name))
    table = pd.concat(tables)
    colour = alt.Color(
        "series:N",
        sort=None,
        scale=alt.Scale(domain=list(dict.fromkeys(table.series))),
        legend=alt.Legend(title=None, orient="top", columns=1, labelLimit=320, labelFontSize=11),
    )
    epochs = max(run.recipe.epochs for run in runs)
    for measure, column in zip(MEASURES, st.columns(2)):
        spec = description(_lines(measure, epochs, visible_range(table[measure], measure), colour))
        with column:
            _show(spec, table, measure, f"{key}-{measure}", 200 + 30 * len(runs))


def _lines(measure: str, epochs: int, limits: tuple[float, float], colour: alt.Color) -> alt.LayerChart:
    """A line for each series, and a dot at each validation."""
    axis = alt.Axis(tickMinStep=1, tickCount=min(epochs, 10), format="d")
    base = alt.Chart(alt.NamedData(DATA)).encode(
        x=alt.X("epoch:Q", title="epoch", scale=alt.Scale(domain=[0, epochs], nice=False), axis=axis),
        y=alt.Y(f"{measure}:Q", title=None, scale=alt.Scale(domain=limits)),
        color=colour,
        tooltip=[
            alt.Tooltip("series:N"),
            alt.Tooltip("epoch:Q", format=".2f"),
            alt.Tooltip("loss:Q", format=".4f"),
            alt.Tooltip("accuracy:Q", format=".2%"),
        ],
    )
    dots = base.transform_filter(f"indexof(datum.series, '{VALIDATION}') >= 0").mark_point(
        filled=True, size=36, clip=True
    )
    return base.mark_line(strokeWidth=2, clip=True) + dots


def visible_range(values: Sequence[float], measure: str, also: Sequence[float] = ()) -> tuple[float, float]:
    """The part of the axis where learning can be seen: the first steps may begin outside.

    In coarse steps, so that it stays as it is for a while as points come in.
    """
    if len(values) == 0:
        return 0.0, 1.0
    if measure == "loss":
        high = max(float(np.quantile(values, 0.92)) * 1.1, 1e-6)
        unit = 10.0 ** math.floor(math.log10(high))
        return 0.0, unit * next(step for step in (1.5, 2, 3, 5, 7, 10) if unit * step >= high)
    low, high = min([np.quantile(values, 0.08), *also]), max([*values, *also])
    lower = max(step for step in (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98) if step <= low)
    return lower, next((step for step in (0.2, 0.4, 0.6, 0.8) if step > high), 1.0)


def _published(published: Published, epochs: int) -> list[alt.Chart]:
    """The tutorial's last figure as a dashed line, its earlier ones as diamonds."""
    line = pd.DataFrame({"accuracy": [published.accuracy], "text": [f"published {published.accuracy:.4f}"]})
    rule = alt.Chart(line).mark_rule(strokeDash=[5, 4], color=GREY, size=1.5).encode(y="accuracy:Q")
    label = (
        alt.Chart(line)
        .mark_text(align="right", dy=9, color=GREY, fontSize=12)
        .encode(y="accuracy:Q", x=alt.datum(epochs), text="text:N")
    )
    figures = pd.DataFrame(published.accuracies, columns=["epoch", "accuracy"])
    marks = (
        alt.Chart(figures[figures.epoch <= epochs])
        .mark_point(shape="diamond", filled=True, size=70, color=GREY, opacity=1)
        .encode(
            x="epoch:Q", y="accuracy:Q", tooltip=[alt.Tooltip("accuracy:Q", title="published", format=".4f")]
        )
    )
    return [rule, label, marks]


def _show(spec: dict, table: pd.DataFrame, measure: str, key: str, height: int = 240) -> None:
    st.markdown(f"**{MEASURES[measure]}**")
    show_chart({**spec, "height": height}, table, key, f"{MEASURES[measure]} against the epoch")
