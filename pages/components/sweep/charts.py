"""A sweep's results as charts: a heat map along two settings, and parallel coordinates along all of them.

The colour follows the logarithm of the error rate: between 97 and 98 % lies more than between 60 and 61 %.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from mnist_core.language.catalogues import current
from mnist_core.language.messages import _
from mnist_core.language.numbers import figure
from mnist_core.sweeps.results import Results
from mnist_core.sweeps.sweep import Axis, value_words
from mnist_core.sweeps.words import axis_word, setting_words
from pages.components.charts.vega import DATA, description, show_chart
from pages.components.page.language import translated
from pages.components.page.theme import GREY, MARK, ink, paper
from pages.components.sweep.choice import STATE, Shown

_DARK = 0.45  # up to here the colours of the heat map are dark, and its numbers white
_WORST, _BEST = "#c46a00", MARK  # told apart by all who see colours differently, and clear on both backgrounds
_SMALLEST = 1e-4  # an error rate below this counts as this
_ROW, _ROWS = 56, 560  # pixels: the height of a heat map's row, and of all rows where they are many
_NARROWEST = 36  # pixels: the narrowest cell into which a number fits
_MOST_TICKS = 12  # values that are written beside an axis of the parallel coordinates
_FEW = 3  # axes whose names fit side by side on a phone


def show_heat_map(now: Results) -> None:
    """The mean accuracy for each pair of values of two settings, over all others and the seeds."""
    axes = [axis for axis in now.sweep.varied if axis.name != "seed"] or list(now.sweep.varied)
    across, down = _choose_axes(axes, STATE.get())
    table = _cells(now, across, down)
    spec = _heat_map(across.name, down.name if down else "", _texts(across), _texts(down), ink(), current())
    show_chart(spec, table, "sweep-heat-map", _("mean validation accuracy for each pair of values"))
    st.caption(
        _("Validation accuracy: the mean over the seeds and all other settings. The brighter, the higher.")
    )


def _choose_axes(axes: Sequence[Axis], shown: Shown) -> tuple[Axis, Axis | None]:
    """The settings across and down; there is something to choose from three on."""
    by_name = {axis.name: axis for axis in axes}
    if len(axes) == 1:
        return axes[0], None
    names = list(by_name)
    across = shown.across if shown.across in by_name else names[0]
    rest = [name for name in names if name != across]
    down = shown.down if shown.down in rest else rest[0]
    if len(axes) > 2:
        with st.container(horizontal=True):
            _select(_("Across"), names, "across", across)
            _select(_("Down"), rest, "down", down)
    return by_name[across], by_name[down]


def _select(label: str, names: Sequence[str], field: str, value: str) -> None:
    key = translated(f"sweep-{field}")
    st.session_state[key] = value
    st.selectbox(
        label,
        names,
        format_func=axis_word,
        placeholder=_("Choose"),
        key=key,
        on_change=lambda: STATE.change(**{field: st.session_state[key]}),
    )


def _texts(axis: Axis | None) -> tuple[str, ...]:
    return tuple(map(value_words, axis.values)) if axis else ("",)


def _cells(now: Results, across: Axis, down: Axis | None) -> pd.DataFrame:
    """A row for each cell: its mean accuracy, also as text, and its place 0..1 from the worst to the best."""
    rows = []
    for x in across.values:
        for y in down.values if down else ("",):
            mean = now.mean_at({across.name: x, **({down.name: y} if down else {})})
            text = figure(mean, ".2%") if mean is not None else ""
            rows.append({"x": value_words(x), "y": value_words(y), "mean": mean, "text": text})
    table = pd.DataFrame(rows)
    table["place"] = _places(table["mean"])
    return table


def _places(accuracies: pd.Series) -> pd.Series:
    """0 for the lowest accuracy, 1 for the highest, between them by the logarithm of the error rate."""
    errors = -np.log((1 - accuracies.astype(float)).clip(lower=_SMALLEST))
    spread = errors.max() - errors.min()
    return (errors - errors.min()) / spread if spread > 0 else errors * 0 + 1.0


@lru_cache(maxsize=32)
def _heat_map(
    across: str, down: str, columns: tuple[str, ...], rows: tuple[str, ...], text_colour: str, language: str
) -> dict:
    y_title = axis_word(down) if down else None
    base = alt.Chart(alt.NamedData(DATA)).encode(
        x=alt.X(
            "x:N",
            sort=columns,
            title=axis_word(across),
            axis=alt.Axis(labelAngle=0, labelOverlap=True),
            scale=_whole(columns),
        ),
        y=alt.Y("y:N", sort=rows, title=y_title, axis=alt.Axis(labelOverlap=True), scale=_whole(rows)),
        tooltip=[
            alt.Tooltip("x:N", title=axis_word(across)),
            *([alt.Tooltip("y:N", title=y_title)] if down else []),
            alt.Tooltip("mean:Q", title=_("validation accuracy"), format=".2%"),
        ],
    )
    colour = alt.Color("place:Q", scale=alt.Scale(scheme="viridis", domain=[0, 1]), legend=None)
    cells = base.transform_filter("isValid(datum.mean)").mark_rect(stroke=text_colour, strokeOpacity=0.3)
    on_dark = alt.condition(f"datum.place < {_DARK}", alt.value("white"), alt.value("black"))
    row = min(_ROW, max(8, _ROWS // len(rows)))
    cell = f"width / {len(columns)}"  # pixels; `width` is that of the chart, which follows the window's
    fits = alt.condition(f"{cell} >= {_NARROWEST} && {row} >= 14", alt.value(1), alt.value(0))
    size = alt.ExprRef(f"clamp({cell} / 4.2, 8, 14)")
    numbers = base.mark_text(fontSize=size).encode(text="text:N", color=on_dark, opacity=fits)
    height = max(110, row * len(rows) + 50)
    return description((cells.encode(color=colour) + numbers).properties(height=height))


def _whole(values: Sequence[str]) -> alt.Scale:
    """All values, those without a result, too."""
    return alt.Scale(domain=list(values), paddingInner=0.03, paddingOuter=0.02)


def show_parallel(now: Results) -> None:
    """One line a setting, through its values to its accuracy; the best one is thick."""
    axes = [axis for axis in now.sweep.varied if axis.name != "seed"]
    lines, ticks = _lines(now, axes), _ticks(now, axes)
    names = (*(axis_word(axis.name) for axis in axes), _("accuracy"))
    table = pd.concat([lines, ticks], ignore_index=True)
    show_chart(
        _parallel(names, ink(), paper(), current()), table, "sweep-parallel", _("one line for each setting")
    )
    st.caption(_("From orange to blue, the accuracy rises. The thick line is the best setting."))


def _height(axis: Axis, value: object) -> float:
    """Where a value stands on its axis, 0..1: the values are spread evenly."""
    return axis.values.index(value) / (len(axis.values) - 1)


def _lines(now: Results, axes: Sequence[Axis]) -> pd.DataFrame:
    """A row for each setting and axis: `height` on the axis, `place` of the accuracy, both 0..1."""
    places = _places(pd.Series([setting.mean for setting in now.ranked]))
    rows = []
    for number, (setting, place) in enumerate(zip(now.ranked, places)):
        what = {
            "what": setting_words(now.sweep.in_which_they_differ(setting.values)),
            "place": place,
            "mean": setting.mean,
            "rank": number,
        }
        rows += [
            {**what, "axis": axis_word(axis.name), "height": _height(axis, setting.values[axis.name])}
            for axis in axes
        ]
        rows.append({**what, "axis": _("accuracy"), "height": place})
    return pd.DataFrame(rows)


def _ticks(now: Results, axes: Sequence[Axis]) -> pd.DataFrame:
    """A row for each value that is written beside an axis."""
    rows = [
        {"axis": axis_word(axis.name), "height": _height(axis, value), "text": value_words(value)}
        for axis in axes
        for value in axis.values[:: math.ceil(len(axis.values) / _MOST_TICKS)]
    ]
    means = [setting.mean for setting in now.ranked]
    for height, mean in {0.0: min(means), 1.0: max(means)}.items():
        rows.append({"axis": _("accuracy"), "height": height, "text": figure(mean, ".2%")})
    return pd.DataFrame(rows)


@lru_cache(maxsize=32)
def _parallel(names: tuple[str, ...], text_colour: str, background: str, language: str) -> dict:
    x = alt.X("axis:N", sort=names, title=None, scale=alt.Scale(domain=list(names), padding=0.35))
    is_slanted = len(names) > _FEW
    x = x.axis(
        orient="top",
        labelAngle=-40 if is_slanted else 0,
        labelAlign="left" if is_slanted else "center",
        labelOverlap=False,
        domain=False,
        ticks=False,
        labelPadding=14,
        labelLimit=160,
    )
    y = alt.Y("height:Q", axis=None, scale=alt.Scale(domain=[0, 1]))
    base = alt.Chart(alt.NamedData(DATA)).encode(x=x)
    rules = base.mark_rule(color=GREY, strokeWidth=1).encode(
        y=alt.Y("min(height):Q", axis=None), y2="max(height)"
    )
    colour = alt.Color("place:Q", scale=alt.Scale(range=[_WORST, GREY, _BEST], domain=[0, 0.5, 1]), legend=None)
    tooltip = [
        alt.Tooltip("what:N", title=_("setting")),
        alt.Tooltip("mean:Q", title=_("validation accuracy"), format=".2%"),
    ]
    lines = (
        base.transform_filter("isValid(datum.rank)")
        .mark_line()
        .encode(
            y=y,
            detail="rank:N",
            color=colour,
            tooltip=tooltip,
            strokeWidth=alt.condition("datum.rank == 0", alt.value(5), alt.value(1.5)),
            opacity=alt.condition("datum.rank == 0", alt.value(1.0), alt.value(0.75)),
        )
    )
    written = base.transform_filter("isValid(datum.text)").encode(y=y, text="text:N")
    size = alt.ExprRef(f"clamp(width / {len(names)} / 5, 9, 13)")
    look = {"align": "right", "dx": -7, "fontSize": size, "fontWeight": "bold"}
    halo = written.mark_text(**look, stroke=background, strokeWidth=4)
    words = written.mark_text(**look, color=text_colour)
    return description((rules + lines + halo + words).properties(height=380 if is_slanted else 300))
