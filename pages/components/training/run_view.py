"""One run on the Train page: state, progress, curves, result."""

import streamlit as st

from mnist_core.recipes.recipe import BOUNDS
from mnist_core.runs.run import RunError
from mnist_core.runs.snapshot import Snapshot
from pages.components.charts.curves import show_curves
from pages.components.page.run_chooser import open_with
from pages.components.page.text import duration, plain
from pages.components.resources import worker
from pages.components.training.words import state_words

_ACCURACY, _TIME = 140, 230  # pixels: the width of a metric, also while it is empty


def show_run(snapshot: Snapshot, key: str, poll: dict | None = None) -> None:
    """Everything about a run below its state. With a `poll` the browser keeps the curves up to date.

    What appears during the run has space reserved or is below the curves, so that the curves do not move.
    """
    with st.container():
        if snapshot.result or snapshot.is_active:
            _show_result(snapshot, key)
    with st.container():
        if snapshot.status == "failed":
            _show_failure(snapshot, key)
    with st.container():
        if snapshot.rows or snapshot.is_active:
            show_curves(snapshot.run, snapshot.rows, key, poll["at"] if poll else None)
    with st.container():
        _show_remarks(snapshot)


def show_state(snapshot: Snapshot, line: str = "") -> None:
    """The progress bar and the state in words; `line` is the text for a queued run."""
    if snapshot.progress or snapshot.is_active:
        st.progress(snapshot.progress.fraction if snapshot.progress else 0.0)
    first, *others = map(plain, state_words(snapshot, line))
    st.markdown(f"**{first}** · " + " · ".join(others))


def _show_failure(snapshot: Snapshot, key: str) -> None:
    st.error(
        "The training process ended before its work was done. What it printed last is below; "
        "start the recipe again, or change its settings.",
        icon=":material/error:",
    )
    if snapshot.can_resume:
        _show_go_on(snapshot, key)
    st.code(snapshot.run.log_tail() or "(it printed nothing)", language=None, wrap_lines=True)


def _show_remarks(snapshot: Snapshot) -> None:
    run, result = snapshot.run, snapshot.result
    for note in snapshot.notes:
        st.info(note, icon=":material/info:")
    if snapshot.remark:
        st.warning(snapshot.remark.words, icon=":material/lightbulb:")
    if snapshot.status == "not responding":
        _show_silence(snapshot)
    if result and not result["is_mnist"]:
        st.caption("Trained and tested on stand-in digits, not on MNIST.")
    if result and result["status"] == "finished" and result["epochs"] < run.recipe.epochs:
        st.caption(
            f"Ended early, after epoch {result['epochs']} of {run.recipe.epochs}: val_loss had no new lowest "
            f"value for {run.recipe.patience} epochs."
        )


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


def _show_result(snapshot: Snapshot, key: str) -> None:
    """The run's final metrics and buttons for what can be done with it; dashes and disabled until it ends."""
    run, result = snapshot.run, snapshot.result
    published = run.recipe.published
    with st.container(horizontal=True, gap="medium"):
        st.metric("Test accuracy", f"{result['test_accuracy']:.2%}" if result else "–", width=_ACCURACY)
        if published:
            st.metric("Published", f"{published.accuracy:.2%}", width=_ACCURACY, help=published.tutorial)
        st.metric("Training time", duration(result["seconds"]) if result else "–", width=_TIME)
    with st.container(horizontal=True):
        usable = {"disabled": not run.has_model}
        if st.button("Draw with it", icon=":material/draw:", key=f"{key}-draw", **usable):
            open_with("pages/draw.py", run)
        if st.button("See its errors", icon=":material/grid_view:", key=f"{key}-errors", **usable):
            open_with("pages/gallery.py", run)
        if snapshot.is_active:
            _show_stop(snapshot)
        else:
            _show_go_on(snapshot, key)


def _show_stop(snapshot: Snapshot) -> None:
    run, is_stoppable = snapshot.run, snapshot.is_training or snapshot.status == "queued"
    if st.button("Stop", icon=":material/stop:", key=f"stop-{run.id}", disabled=not is_stoppable):
        worker().stop(run)
        st.rerun()


def _show_go_on(snapshot: Snapshot, key: str) -> None:
    """The button that resumes a run that has ended; if disabled, its tooltip gives the reason."""
    run = snapshot.run
    more = 0 if snapshot.can_resume else min(5, BOUNDS["epochs"][1] - run.recipe.epochs)
    label = "Resume" if snapshot.can_resume else f"{more} more epochs" if more > 1 else "1 more epoch"
    why_not = _why_it_is_over(snapshot)
    if st.button(
        label, icon=":material/resume:", key=f"{key}-resume", disabled=why_not is not None, help=why_not
    ):
        try:
            worker().resume(run, run.recipe.epochs + more if more else None)
            st.rerun()
        except RunError as error:
            st.toast(f"{error}.", icon=":material/error:")


def _why_it_is_over(snapshot: Snapshot) -> str | None:
    recipe = snapshot.run.recipe
    if snapshot.can_resume:
        return None
    if recipe.epochs >= BOUNDS["epochs"][1]:
        return f"{recipe.epochs} epochs are as many as a run may have."
    if snapshot.can_take_more_epochs:
        return None
    if recipe.schedule != "constant":
        return "Its learning rate was planned to reach its end with the last epoch."
    if recipe.patience:
        return "It was to end once val_loss has no new lowest value."
    return "It left no checkpoint to go on from."
