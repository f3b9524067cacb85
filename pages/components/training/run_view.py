"""One run on the Train page: state, progress, curves, result."""

import streamlit as st

from mnist_core.language.messages import _, message, ngettext, sentences
from mnist_core.language.numbers import duration, figure
from mnist_core.recipes.recipe import BOUNDS
from mnist_core.runs.attempt import CLUSTER
from mnist_core.runs.origin import data_words, was_tested_on_mnist
from mnist_core.runs.snapshot import Snapshot
from mnist_core.runs.words import log_words, own_sentence
from pages.components.charts.curves import show_curves
from pages.components.exchange.origin import found
from pages.components.page.acts import acts, refusals
from pages.components.page.discreet import show_log
from pages.components.page.frame import damage_notice
from pages.components.page.run_chooser import open_with
from pages.components.page.text import plain
from pages.components.training.words import state_words

_ACCURACY, _TIME = 140, 230  # pixels: the width of a metric, also while it is empty


def show_run(snapshot: Snapshot, key: str, poll: dict | None = None) -> None:
    """Everything about a run below its state. With a `poll` the browser keeps the curves up to date.

    What appears during the run has space reserved or is below the curves, so that the curves do not move.
    """
    with st.container():
        damage_notice(snapshot.run)
        if snapshot.status == "failed":
            _show_failure(snapshot, key)
    with st.container():
        if snapshot.rows or snapshot.is_active:
            show_curves(snapshot.run, snapshot.rows, key, poll["at"] if poll else None)
    with st.container():
        if snapshot.result or snapshot.is_active:
            _show_result(snapshot, key)
        elif snapshot.status == "stopped":
            _show_go_on(snapshot, key)
    with st.container():
        _show_remarks(snapshot)


def show_state(snapshot: Snapshot, line: str = "") -> None:
    """The progress bar and the state in words; `line` is the text for a queued run."""
    if snapshot.progress or snapshot.is_active:
        st.progress(snapshot.progress.fraction if snapshot.progress else 0.0)
    first, *others = map(plain, state_words(snapshot, line))
    st.markdown(" · ".join([f"**{first}**", *others]))


def _show_failure(snapshot: Snapshot, key: str) -> None:
    ended = message("The training process ended before its work was done.")
    why = plain(own_sentence(snapshot.run.log_tail()))
    unknown = message("What it printed last is below. Start the recipe again, or change its settings.")
    st.error(str(sentences([ended, why or unknown])), icon=":material/error:")
    if snapshot.can_resume or snapshot.can_begin_again:
        _show_go_on(snapshot, key)
    show_log(snapshot.run)


def _show_remarks(snapshot: Snapshot) -> None:
    run, result = snapshot.run, snapshot.result
    for note in snapshot.notes:
        st.info(plain(str(note)), icon=":material/info:")
    if snapshot.status == "stopped" and (why := run.why_stopped):
        st.info(plain(log_words(why)), icon=":material/timer_off:")
    if snapshot.remark:
        st.warning(str(snapshot.remark.words), icon=":material/lightbulb:")
    if snapshot.status == "not responding":
        _show_silence(snapshot)
    if run.origin and result:
        words = message("Brought in from the file {file}.", file=plain(run.origin["file"]))
        st.caption(str(sentences([words, *data_words(run), *found(run)])))
    elif result and not was_tested_on_mnist(run):
        st.caption(_("Trained and tested on stand-in digits, not on MNIST."))
    if result and result["status"] == "finished" and result["epochs"] < run.recipe.epochs:
        st.caption(
            _(
                "Ended early, after epoch {epoch} of {epochs}: val_loss had no new lowest value for {patience} "
                "epochs.",
                epoch=result["epochs"],
                epochs=run.recipe.epochs,
                patience=run.recipe.patience,
            )
        )


def _show_silence(snapshot: Snapshot) -> None:
    attempt = snapshot.attempt
    words = _(
        "The training process does not respond. It may have been paused, or its machine may be asleep or "
        "overloaded; it then goes on by itself."
    )
    if not attempt.is_here:
        words = _(
            "The training process on {host} does not respond. It may have been paused, or its machine may be "
            "asleep or overloaded; it then goes on by itself.",
            host=plain(attempt.host),
        )
    way_out = _("Otherwise stop it: the run can be resumed from its last checkpoint.")
    if not attempt.is_child and attempt.engine != CLUSTER:
        way_out = _(
            "Otherwise end process {pid} there: the run can be resumed from its last checkpoint.",
            pid=attempt.pid,
        )
    st.warning(f"{words} {way_out}", icon=":material/hourglass_disabled:")


def _show_result(snapshot: Snapshot, key: str) -> None:
    """The run's final metrics and buttons for what can be done with it; dashes and disabled until it ends."""
    run, result = snapshot.run, snapshot.result
    published = run.recipe.published
    with st.container(horizontal=True, gap="medium"):
        accuracy = figure(result["test_accuracy"], ".2%") if result else "–"
        st.metric(_("Test accuracy"), accuracy, width=_ACCURACY)
        if published:
            printed = figure(published.accuracy, ".2%")
            st.metric(_("Published"), printed, width=_ACCURACY, help=plain(published.tutorial))
        st.metric(
            _("Training time"),
            duration(result["seconds"]) if result and result["seconds"] else "–",
            width=_TIME,
        )
    with st.container(horizontal=True):
        usable = {"disabled": not run.has_model}
        if st.button(_("Draw with this model"), icon=":material/draw:", key=f"{key}-draw", **usable):
            open_with("pages/draw.py", run)
        if st.button(_("See this model's errors"), icon=":material/grid_view:", key=f"{key}-errors", **usable):
            open_with("pages/gallery.py", run)
        if not snapshot.is_active:
            _show_go_on(snapshot, key)


def show_stop(snapshot: Snapshot) -> None:
    run, is_stoppable = snapshot.run, snapshot.is_training or snapshot.status == "queued"
    is_stoppable = is_stoppable and acts().may_change(run)
    if st.button(_("Stop"), icon=":material/stop:", key=f"stop-{run.id}", disabled=not is_stoppable):
        with refusals(as_toast=True):
            acts().stop(run)
            st.rerun()


def _show_go_on(snapshot: Snapshot, key: str) -> None:
    """The button that resumes a run that has ended; if disabled, its tooltip gives the reason."""
    run = snapshot.run
    is_early = snapshot.can_resume or snapshot.can_begin_again
    more = 0 if is_early else min(5, BOUNDS["epochs"][1] - run.recipe.epochs)
    label = ngettext("{number} more epoch", "{number} more epochs", more)
    if is_early:
        label = _("Resume") if snapshot.can_resume else _("Start again")
    why_not = _why_it_is_over(snapshot)
    if st.button(
        label, icon=":material/resume:", key=f"{key}-resume", disabled=why_not is not None, help=why_not
    ):
        with refusals(as_toast=True):
            acts().resume(run, run.recipe.epochs + more if more else None)
            st.rerun()


def _why_it_is_over(snapshot: Snapshot) -> str | None:
    recipe = snapshot.run.recipe
    if not acts().may_change(snapshot.run):
        return _("Only who started it, or a teacher, can go on with it.")
    if snapshot.can_resume or snapshot.can_begin_again:
        return None
    if recipe.epochs >= BOUNDS["epochs"][1]:
        return _("A run can have at most {epochs} epochs.", epochs=recipe.epochs)
    if snapshot.can_take_more_epochs:
        return None
    if recipe.schedule != "constant":
        return _("Its learning rate schedule ends with the last epoch, so epochs cannot be added.")
    if recipe.patience:
        return _("Early stopping has ended this run, so epochs cannot be added.")
    return _("It left no checkpoint from which it could go on.")
