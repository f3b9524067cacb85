"""Past runs: the table, one run in detail, several compared; rename, delete, download."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from mnist_core.runs.history import differences, history
from mnist_core.runs.run import Run, RunError
from mnist_core.runs.snapshot import Snapshots, snapshot_of
from pages.components.charts.curves import compare_curves
from pages.components.page.text import duration, plain
from pages.components.resources import store
from pages.components.training.run_view import show_run, show_state

COLUMNS = {
    "name": "Name",
    "changed": "Changed",
    "state": "State",
    "test_accuracy": st.column_config.NumberColumn("Test accuracy", format="%.4f"),
    "published": st.column_config.NumberColumn("Published", format="%.4f"),
    "epochs": "Epochs",
    "time": "Time",
    "started": "Started",
}


def show_history(snapshots: Snapshots) -> None:
    for problem in store().problems():
        st.warning(f"{plain(problem)}.", icon=":material/warning:")
    shown = [snapshot for snapshot in snapshots.all if not snapshot.is_active]
    ended = [snapshot.run for snapshot in shown]
    if not ended:
        return
    st.header("Past runs", anchor=False)
    st.caption("Choose one to see it again, or several to compare them.")
    table = pd.DataFrame(history(shown))
    picked = _choose(ended, table)
    with st.container(horizontal=True):
        st.download_button(
            "All runs as CSV",
            table.to_csv(index=False),
            "runs.csv",
            "text/csv",
            icon=":material/download:",
            key="csv",
        )
        if len(picked) == 1:
            _rename(picked[0])
        if picked:
            _delete(picked)
    if len(picked) > 1:
        _compare(picked)
    elif picked:
        snapshot = snapshot_of(picked[0])
        show_state(snapshot)
        show_run(snapshot, "past")


def _choose(runs: Sequence[Run], table: pd.DataFrame) -> list[Run]:
    """The table of runs; returns those whose rows the visitor has selected."""
    shown = table.assign(
        epochs=[f"{row.epochs or 0:.0f} of {row.epochs_planned}" for row in table.fillna(0).itertuples()],
        time=[duration(seconds) if seconds else "" for seconds in table.seconds.fillna(0)],
    )
    chosen = st.dataframe(
        shown,
        column_order=list(COLUMNS),
        column_config=COLUMNS,
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"past-{hash(tuple(run.id for run in runs))}",
        height=min(38 + 35 * len(runs), 318),
    ).selection.rows
    return [runs[row] for row in chosen if row < len(runs)]


def _compare(runs: Sequence[Run]) -> None:
    compare_curves(runs, "compared")
    results = [run.result or {} for run in runs]
    rows = {
        "test accuracy": [f"{result['test_accuracy']:.4f}" if result else "–" for result in results],
        "time": [duration(result["seconds"]) if result else "–" for result in results],
        **differences([run.recipe for run in runs]),
    }
    names = [f"{number} · {plain(run.recipe.title)}" for number, run in enumerate(runs, 1)]
    st.markdown("**What differs**" if len(rows) > 2 else "**The same settings**")
    st.table(pd.DataFrame(rows.values(), index=list(rows), columns=names))


def _rename(run: Run) -> None:
    with st.popover("Rename", icon=":material/edit:"):
        title = st.text_input("New name", run.recipe.title, max_chars=60, key=f"rename-{run.id}")
        if st.button("Save", key="rename-save"):
            try:
                run.rename(title)
                st.rerun()
            except (ValueError, OSError) as error:
                st.error(f"{error}.", icon=":material/error:")


def _delete(runs: Sequence[Run]) -> None:
    what = "this run" if len(runs) == 1 else f"these {len(runs)} runs"
    with st.popover(f"Delete {what}", icon=":material/delete:"):
        st.markdown(
            f"Its model and its curves go for good: {', '.join(plain(run.recipe.title) for run in runs)}."
        )
        if st.button(
            f"Yes, delete {what}", type="primary", key=f"delete-{hash(tuple(run.id for run in runs))}"
        ):
            for run in runs:
                try:
                    store().delete(run)
                except (RunError, OSError) as error:
                    st.toast(f"{run.id} was not deleted: {error}", icon=":material/error:")
            st.rerun()
