"""Past runs: the table, one run in detail, several compared; rename, delete, download."""

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from mnist_core.language.messages import _, ngettext
from mnist_core.language.numbers import duration, figure, listed, short_moment
from mnist_core.recipes.words import known, title
from mnist_core.runs.history import changed, differences, history, started
from mnist_core.runs.origin import is_training_known
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import Snapshots, snapshot_of
from mnist_core.runs.words import status_word
from mnist_core.trash import Deleted
from pages.components.charts.curves import compare_curves
from pages.components.exchange.take_away import show_take_away
from pages.components.page.acts import acts, refusals
from pages.components.page.deleted import show_deleted
from pages.components.page.text import plain
from pages.components.page.whose import choose_whose, name_of, own_runs, runs_listed
from pages.components.resources import sweeps
from pages.components.training.learning import show_learning
from pages.components.training.published import show_published
from pages.components.training.run_view import show_run, show_state
from pages.components.visitor import visitor

# On a phone a Japanese name would otherwise stand one letter below the other.
_WHOLE_NAMES = """<style>
.st-key-differences tr > :first-child, .st-key-differences tr > :first-child * { white-space: nowrap }
</style>"""


def show_history(snapshots: Snapshots) -> None:
    """The runs of `snapshots` that have ended."""
    shown = [snapshot for snapshot in snapshots.all if not snapshot.is_active]
    ended = [snapshot.run for snapshot in shown]
    if not ended:
        show_deleted("run", _deleted_name)
        return
    st.header(_("Past runs"), anchor=False)
    if own_runs(ended):
        choose_whose("past")
    ended = runs_listed(ended)
    shown = [snapshot for snapshot in shown if snapshot.run in ended]
    with st.container(key="about-past-runs"):
        _say_where_sweeps_are()
        if ended:
            st.caption(_("Choose one to see it again, or several to compare them."))
    if not ended:
        show_deleted("run", _deleted_name)
        return
    table = pd.DataFrame(history(shown))
    picked = _choose(ended, table)
    with st.container(horizontal=True):
        st.download_button(
            _("All runs as CSV"),
            table.to_csv(index=False),
            "runs.csv",
            "text/csv",
            icon=":material/download:",
            key="csv",
        )
        is_theirs = all(acts().may_change(run) for run in picked)
        if len(picked) == 1 and is_theirs:
            _rename(picked[0])
        if picked and is_theirs:
            _delete(picked)
        show_deleted("run", _deleted_name)
    if len(picked) > 1:
        _compare(picked)
    elif picked:
        snapshot = snapshot_of(picked[0])
        st.subheader(_name(picked[0]), anchor=False)
        show_state(snapshot)
        show_run(snapshot, "past")
        show_published(snapshot.run, "past")
        show_learning(snapshot.run, "past")
        show_take_away(snapshot.run, "past")


def _say_where_sweeps_are() -> None:
    if number := len(sweeps().by_run()):
        words = ngettext(
            "{number} more run belongs to a sweep. It stands on the page [Sweep](sweep).",
            "{number} more runs belong to sweeps. They stand on the page [Sweep](sweep).",
            number,
        )
        st.caption(words)


def _choose(runs: Sequence[Run], table: pd.DataFrame) -> list[Run]:
    """The table of runs; returns those whose rows the visitor has selected."""
    shown = table.assign(
        name=[title(run.recipe) for run in runs],
        changed=[changed(run.recipe) or "–" for run in runs],
        state=[
            status_word(state) if is_training_known(run) else _("brought in")
            for run, state in zip(runs, table.state)
        ],
        **{name: [_accuracy(value) for value in table[name]] for name in ("test_accuracy", "published")},
        epochs=[
            f"{row.epochs or 0:.0f} / {row.epochs_planned}" if is_training_known(run) else "–"
            for run, row in zip(runs, table.fillna(0).itertuples())
        ],
        time=[duration(seconds) if seconds else "–" for seconds in table.seconds.fillna(0)],
        owner=[name_of(run.owner) for run in runs],
        started=[short_moment(when) if (when := started(run.id)) else "–" for run in runs],
    )
    columns = {
        "name": _("Name"),
        "test_accuracy": _("Test accuracy"),
        "state": _("State"),
        "time": _("Time"),
        "started": _("Started"),
        "epochs": _("Epochs"),
        "published": _("Published"),
        "changed": _("Changed"),
    }
    if not visitor().is_alone:
        columns = {"name": columns.pop("name"), "owner": _("Whose"), **columns}
    chosen = st.dataframe(
        shown,
        column_order=list(columns),
        column_config=columns,
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"past-{hash(tuple(run.id for run in runs))}",
        height=min(38 + 35 * len(runs), 318),
    ).selection.rows
    return [runs[row] for row in chosen if row < len(runs)]


def _name(run: Run) -> str:
    """The run's title, and when it was started, which tells it from others of the same recipe."""
    when = started(run.id)
    return " · ".join([plain(title(run.recipe)), *([short_moment(when)] if when else [])])


def _deleted_name(item: Deleted) -> str:
    when = started(item.place.rpartition("/")[2])
    return " · ".join([known(item.name), *([short_moment(when)] if when else [])])


def _accuracy(value: float | None) -> str:
    return "–" if value is None or math.isnan(value) else figure(value, ".4f")


def _compare(runs: Sequence[Run]) -> None:
    compare_curves(runs, "compared")
    results = [run.result or {} for run in runs]
    rows = {
        _("test accuracy"): [figure(result["test_accuracy"], ".4f") if result else "–" for result in results],
        _("time"): [duration(result["seconds"]) if result else "–" for result in results],
        **differences([run.recipe for run in runs]),
    }
    names = [f"{number} · {plain(title(run.recipe))}" for number, run in enumerate(runs, 1)]
    st.markdown(_("**What differs**") if len(rows) > 2 else _("**The same settings**"))
    st.html(_WHOLE_NAMES)
    with st.container(key="differences"):
        st.table(pd.DataFrame(rows.values(), index=list(rows), columns=names))


def _rename(run: Run) -> None:
    with st.popover(_("Rename"), icon=":material/edit:", key="rename"):
        name = st.text_input(_("New name"), title(run.recipe), key=f"rename-{run.id}")
        if st.button(_("Save"), key="rename-save"):
            with refusals():
                if name != title(run.recipe):  # a translated title is not stored
                    acts().rename(run, name)
                st.rerun()


def _delete(runs: Sequence[Run]) -> None:
    count, names = len(runs), listed([plain(title(run.recipe)) for run in runs])
    label = ngettext("Delete this run", "Delete these {number} runs", count)
    with st.popover(label, icon=":material/delete:", key="delete"):
        words = _(
            "The models and curves of these runs will be deleted: {names}. They can be restored for a day.",
            names=names,
        )
        st.markdown(words)
        sure = ngettext("Yes, delete this run", "Yes, delete these {number} runs", count)
        if st.button(sure, type="primary", key=f"delete-{hash(tuple(run.id for run in runs))}"):
            for run in runs:
                with refusals(as_toast=True):
                    acts().delete(run)
            st.rerun()
