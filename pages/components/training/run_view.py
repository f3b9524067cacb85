"""One run as the Train page shows it: state, progress, curves, result."""

import streamlit as st

from mnist_core.recipes.recipe import BOUNDS
from mnist_core.runs import curves
from mnist_core.runs.diagnosis import diagnose
from mnist_core.runs.run import Run, RunError, is_alive
from pages.components.charts.curves import show_curves
from pages.components.page.run_chooser import open_with
from pages.components.page.text import duration, plain
from pages.components.resources import worker
from pages.components.training.live import live_curves, training_words


def is_active(run: Run, status: str) -> bool:
    """Whether the run's folder may still change by itself."""
    if status == "stopped":
        return run.result is None and bool(run.attempt) and is_alive(run.attempt)
    return status in ("queued", "training") or (status == "failed" and worker().holds(run))


def show_run(run: Run, status: str, key: str, look: dict | None = None) -> None:
    """Everything of a run below its state; `status` was read before anything else.

    With a `look` at it the browser draws the curves by itself.
    """
    rows = run.metrics()
    if result := run.result:
        _show_result(run, result, key)
    for row in rows:
        if "note" in row:
            st.info(row["note"], icon=":material/info:")
    if remark := diagnose(run.recipe, rows):
        st.warning(remark, icon=":material/lightbulb:")
    if status == "failed":
        st.error(
            "The training process ended before its work was done. What it printed last is below; "
            "start the recipe again, or change its settings.",
            icon=":material/error:",
        )
        _show_resume(run, key)
        st.code(run.log_tail() or "(it printed nothing)", language=None, wrap_lines=True)
    if look:
        live_curves(run, look)
    elif rows:
        show_curves(run, rows, key)


def show_state(run: Run, status: str, line: str = "") -> None:
    """The state in words that begin with it, how far the training has come, or its place in `line`."""
    recipe, rows = run.recipe, run.metrics()
    where = curves.progress(rows, recipe.epochs, recipe.batch_size)
    words = [status, plain(recipe.title)]
    if status == "training":
        words = [plain(word) for word in training_words(run, rows)]
    elif status == "queued":
        words.append(line or "next in line")
    elif status == "stopped" and not run.result:
        words.append(
            "saving what it has learnt …" if is_active(run, status) else "before it had learnt anything"
        )
    elif where and status != "finished":
        words.append(f"at epoch {where.epoch} of {recipe.epochs}")
    st.markdown(f"**{words[0]}** · " + " · ".join(words[1:]))
    if status in ("queued", "training"):
        st.progress(where.fraction if where else 0.0)


def _show_resume(run: Run, key: str) -> None:
    """The button with which a run that ended goes on, where it can."""
    more = 0
    if run.can_resume:
        label = "Resume"
    elif run.can_take_more_epochs and run.recipe.epochs < BOUNDS["epochs"][1]:
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


def _show_result(run: Run, result: dict, key: str) -> None:
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
            _show_resume(run, key)
    if not result["is_mnist"]:
        st.caption("Trained and tested on stand-in digits, not on MNIST.")
    if result["status"] == "finished" and result["epochs"] < run.recipe.epochs:
        st.caption(
            f"Ended early, after epoch {result['epochs']} of {run.recipe.epochs}: val_loss had no new lowest "
            f"value for {run.recipe.patience} epochs."
        )
