"""The learning curves of one run, and of several laid over each other."""

import math
from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from mnist_core.curves import TRAINING, VALIDATION, points
from mnist_core.recipe import Published
from mnist_core.runs import Run
from pages.components.theme import GREY

MEASURES = {"loss": "Loss", "accuracy": "Accuracy"}
_COLUMNS = ["epoch", "series", "loss", "accuracy"]


def show_curves(run: Run, rows: Sequence[dict], key: str) -> None:
    """Loss and accuracy against the epoch, training and validation, with the published accuracy."""
    recipe, table = run.recipe, pd.DataFrame(points(rows), columns=_COLUMNS)
    colour = alt.Color("series:N", scale=alt.Scale(domain=[TRAINING, VALIDATION]), legend=None)
    names = f":blue[━ {TRAINING}]" + (f"\u2003:orange[━ {VALIDATION}]" if recipe.validation else "")
    st.markdown(names + ("\u2003:gray[┅ published]" if recipe.published else ""))
    for measure, column in zip(MEASURES, st.columns(2)):
        if measure == "accuracy" and recipe.published:
            chart = _lines(table, measure, recipe.epochs, colour, recipe.published.accuracy)
            chart = alt.layer(chart, *_published(recipe.published, recipe.epochs))
        else:
            chart = _lines(table, measure, recipe.epochs, colour)
        with column:
            _show(chart, measure, f"{key}-{measure}")


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
        with column:
            _show(_lines(table, measure, epochs, colour), measure, f"{key}-{measure}", 200 + 30 * len(runs))


def _lines(table: pd.DataFrame, measure: str, epochs: int, colour: alt.Color, *also: float) -> alt.LayerChart:
    """A line for each series, and a dot at each validation; `also` must fit on the y axis."""
    axis = alt.Axis(tickMinStep=1, tickCount=min(epochs, 10), format="d")
    base = alt.Chart(table).encode(
        x=alt.X("epoch:Q", title="epoch", scale=alt.Scale(domain=[0, epochs], nice=False), axis=axis),
        y=alt.Y(f"{measure}:Q", title=None, scale=alt.Scale(domain=_range(table[measure], measure, also))),
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


def _range(values: pd.Series, measure: str, also: Sequence[float]) -> list[float]:
    """The part of the axis where learning can be seen: the first steps may begin outside."""
    if values.empty:
        return [0.0, 1.0]
    if measure == "loss":
        return [0.0, float(values.quantile(0.92)) * 1.1]
    low, high = min([values.quantile(0.08), *also]), max([values.max(), *also])
    return [math.floor(low * 20) / 20, min(1.0, high + 0.01)]


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


def _show(chart: alt.Chart, measure: str, key: str, height: int = 240) -> None:
    st.markdown(f"**{MEASURES[measure]}**")
    st.altair_chart(chart.properties(height=height), key=key, alt=f"{MEASURES[measure]} against the epoch")
