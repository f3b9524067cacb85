"""The runs of the class: accuracy against time or size, and what a teacher can do with them."""

from collections.abc import Sequence
from functools import lru_cache

import altair as alt
import pandas as pd
import streamlit as st

from mnist_core.language.catalogues import current
from mnist_core.language.messages import _
from mnist_core.language.numbers import duration, figure
from mnist_core.recipes.words import title
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import Snapshot, snapshots_of
from mnist_core.runs.words import status_word
from mnist_core.visitors import overview
from mnist_core.visitors.hidden import Hidden
from pages.components.charts.vega import DATA, description, show_chart
from pages.components.classroom.csv import show_csv
from pages.components.page.acts import acts, refusals
from pages.components.page.language import translated
from pages.components.page.whose import name_of
from pages.components.resources import store
from pages.components.visitor import register


def show_runs() -> None:
    """All runs that have ended, as points and as a table."""
    ended = [snapshot for snapshot in snapshots_of(store()).all if not snapshot.is_active]
    if not ended:
        st.markdown(_("Nothing has been trained here yet."))
        return
    _show_scatter([snapshot for snapshot in ended if snapshot.result])
    _show_table(ended)


def _show_scatter(finished: Sequence[Snapshot]) -> None:
    against = st.segmented_control(
        _("Test accuracy against"),
        ("seconds", "parameters"),
        format_func={"seconds": _("training time"), "parameters": _("number of parameters")}.get,
        default="seconds",
        required=True,
        key=translated("class-against"),
    )
    rows = [
        {
            "against": snapshot.result.get(against),
            "accuracy": snapshot.result["test_accuracy"],
            "what": title(snapshot.run.recipe),
            "who": name_of(snapshot.run.owner),
        }
        for snapshot in finished
    ]
    shown = [row for row in rows if row["against"]]
    if shown:
        st.caption(_("Each point is a run: the higher, the more test images are read correctly."))
        show_chart(
            _points(current(), against), pd.DataFrame(shown), "class-scatter", _("the runs of the class")
        )


@lru_cache(maxsize=8)
def _points(language: str, against: str) -> dict:
    words = {"seconds": _("training time in seconds"), "parameters": _("number of parameters")}[against]
    chart = alt.Chart(alt.NamedData(DATA)).mark_circle(size=160, opacity=0.75)
    shape = "~s" if against == "parameters" else "~r"
    axis = alt.Axis(labelFontSize=15, titleFontSize=16, labelFlush=True, format=shape)
    accuracy = alt.Axis(labelFontSize=15, titleFontSize=16, format="~%")
    legend = alt.Legend(orient="bottom", title=None, labelFontSize=15, columns=2, labelLimit=260)
    chart = chart.encode(
        x=alt.X("against:Q", title=words, axis=axis, scale=alt.Scale(type="log", nice=True)),
        y=alt.Y("accuracy:Q", title=_("test accuracy"), axis=accuracy, scale=alt.Scale(zero=False, nice=True)),
        color=alt.Color("what:N", legend=legend),
        tooltip=[
            alt.Tooltip("what:N", title=_("recipe")),
            alt.Tooltip("who:N", title=_("whose")),
            alt.Tooltip("accuracy:Q", title=_("test accuracy"), format=".2%"),
            alt.Tooltip("against:Q", title=words, format=",.0f"),
        ],
    )
    return description(chart.properties(height=420))


def _show_table(ended: Sequence[Snapshot]) -> None:
    hidden = Hidden.of(store().home).runs
    rows = [
        {
            "name": title(of.run.recipe),
            "owner": name_of(of.run.owner),
            "accuracy": figure(of.result["test_accuracy"], ".2%") if of.result else "–",
            "time": duration(of.result["seconds"]) if of.result and of.result.get("seconds") else "–",
            "state": status_word(of.status),
            "hidden": of.run.id in hidden,
        }
        for of in ended
    ]
    columns = {
        "name": _("Name"),
        "owner": _("Whose"),
        "accuracy": _("Test accuracy"),
        "time": _("Time"),
        "state": _("State"),
        "hidden": _("Hidden"),
    }
    picked = st.dataframe(
        pd.DataFrame(rows),
        column_order=list(columns),
        column_config=columns,
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"class-runs-{hash(tuple(of.run.id for of in ended))}",
        height=min(38 + 35 * len(rows), 388),
    ).selection.rows
    with st.container(horizontal=True):
        show_csv(overview.runs(ended, register()), "runs")
        if chosen := [ended[row].run for row in picked if row < len(ended)]:
            _show_acts(chosen)


def _show_acts(runs: Sequence[Run]) -> None:
    for what, words, icon in (
        ("hide", _("Hide"), "visibility_off"),
        ("show", _("Show"), "visibility"),
        ("delete", _("Delete"), "delete"),
    ):
        st.button(words, icon=f":material/{icon}:", key=f"class-{what}", on_click=_do, args=(what, runs))


def _do(what: str, runs: Sequence[Run]) -> None:
    for run in runs:
        with refusals(as_toast=True):
            if what == "delete":
                acts().delete(run)
            else:
                acts().hide(run, what == "hide")
