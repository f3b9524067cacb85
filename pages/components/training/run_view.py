"""One run as the Train page shows it: state, progress, curves, result."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from mnist_core.recipes.recipe import BOUNDS
from mnist_core.runs.run import RunError
from mnist_core.runs.snapshot import Snapshot
from pages.components.charts.curves import show_curves
from pages.components.page.run_chooser import open_with
from pages.components.page.text import duration, plain
from pages.components.resources import worker
from pages.components.training.live import live_curves
from pages.components.training.words import state_words


def show_run(snapshot: Snapshot, key: str, look: dict | None = None) -> None:
    """Everything of a run below its state. With a `look` at it the browser draws the curves by itself."""
    run = snapshot.run
    if snapshot.result:
        _show_result(snapshot, snapshot.result, key)
    for note in snapshot.notes:
        st.info(note, icon=":material/info:")
    if snapshot.remark:
        st.warning(snapshot.remark.words, icon=":material/lightbulb:")
    if snapshot.status == "not responding":
        _show_silence(snapshot)
    if snapshot.status == "failed":
        st.error(
            "The training process ended before its work was done. What it printed last is below; "
            "start the recipe again, or change its settings.",
            icon=":material/error:",
        )
        _show_resume(snapshot, key)
        st.code(run.log_tail() or "(it printed nothing)", language=None, wrap_lines=True)
    if look:
        live_curves(snapshot, look)
    elif snapshot.rows:
        show_curves(run, snapshot.rows, key)


def show_state(snapshot: Snapshot, line: str = "") -> None:
    """The state in words that begin with it, how far the training has come, or its place in `line`."""
    first, *others = map(plain, state_words(snapshot, line))
    st.markdown(f"**{first}** · " + " · ".join(others))
    if snapshot.status == "queued" or snapshot.is_training:
        st.progress(snapshot.progress.fraction if snapshot.progress else 0.0)


def _show_silence(snapshot: Snapshot) -> None:
    attempt = snapshot.attempt
    where = "" if attempt.is_here else f" on {plain(attempt.host)}"
    way_out = "stop it" if attempt.is_child else f"end process {attempt.pid} there"
    st.warning(
        f"Nothing is heard of the training process{where}. It may have been paused, or its machine may be "
        f"asleep or overloaded: then it goes on by itself. Otherwise {way_out}; from its last checkpoint the "
        "run can be resumed.",
        icon=":material/hourglass_disabled:",
    )


def _show_resume(snapshot: Snapshot, key: str) -> None:
    """The button with which a run that ended goes on, where it can."""
    run, more = snapshot.run, 0
    if snapshot.can_resume:
        label = "Resume"
    elif snapshot.can_take_more_epochs and run.recipe.epochs < BOUNDS["epochs"][1]:
        more = min(5, BOUNDS["epochs"][1] - run.recipe.epochs)
        label = f"{more} more epochs" if more > 1 else "1 more epoch"
    else:
        return
    if st.button(label, icon=":material/resume:", key=f"{key}-resume"):
        try:
            worker().resume(run, run.recipe.epochs + more if more else None)
            st.rerun()
        except RunError as error:
            st.toast(f"{error}.", icon=":material/error:")


def _show_result(snapshot: Snapshot, result: Mapping[str, Any], key: str) -> None:
    run = snapshot.run
    published = run.recipe.published
    with st.container(horizontal=True, gap="large"):
        st.metric("Test accuracy", f"{result['test_accuracy']:.2%}", width="content")
        if published:
            st.metric("Published", f"{published.accuracy:.2%}", width="content", help=published.tutorial)
        st.metric("Training time", duration(result["seconds"]), width="content")
    if run.has_model:
        with st.container(horizontal=True):
            if st.button("Draw with it", icon=":material/draw:", key=f"{key}-draw"):
                open_with("pages/draw.py", run)
            if st.button("See its errors", icon=":material/grid_view:", key=f"{key}-errors"):
                open_with("pages/gallery.py", run)
            _show_resume(snapshot, key)
    if not result["is_mnist"]:
        st.caption("Trained and tested on stand-in digits, not on MNIST.")
    if result["status"] == "finished" and result["epochs"] < run.recipe.epochs:
        st.caption(
            f"Ended early, after epoch {result['epochs']} of {run.recipe.epochs}: val_loss had no new lowest "
            f"value for {run.recipe.patience} epochs."
        )
