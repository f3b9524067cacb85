"""A sweep that is trained: how far it is, what trains, and what can be done with it as a whole."""

from collections.abc import Callable

import streamlit as st

from mnist_core.language.messages import _, ngettext
from mnist_core.language.numbers import duration
from mnist_core.recipes.words import title
from mnist_core.runs.snapshot import snapshots_of
from mnist_core.sweeps.duration import left
from mnist_core.sweeps.results import Results, Trial, results_of
from mnist_core.sweeps.store import SavedSweep
from mnist_core.sweeps.sweep import Sweep
from mnist_core.sweeps.words import setting_words
from pages.components.charts.curves import show_curves
from pages.components.page.acts import acts, refusals
from pages.components.page.text import plain
from pages.components.page.whose import seen_of
from pages.components.resources import dataset_thread, store, worker
from pages.components.training.words import state_words

EVERY = 1.5  # seconds
_MOST_TRAINING = 6  # trials of which the state is shown, on a cluster


def results(saved: SavedSweep) -> Results:
    """The sweep's results as the visitor may see them: a hidden run counts as gone."""
    return results_of(saved, store(), seen_of(snapshots_of(store())))


def show_progress(saved: SavedSweep, shown: tuple) -> None:
    """The sweep's name, its buttons and its progress; reruns the page once a run has begun or ended."""
    now = results(saved)
    if now.key != shown:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="sweep-heading"):
        st.header(plain(saved.name), anchor=False, width="content")
        _show_buttons(saved, now)
    st.caption(_what(saved.sweep))
    with st.container(key="sweep-status"):
        st.progress(now.fraction)
        st.markdown(" · ".join(_words(now)))
    for trial in now.training[:_MOST_TRAINING]:
        st.markdown(_now(trial, saved.sweep))
    if now.training:
        snapshot = now.training[0].snapshot
        show_curves(snapshot.run, snapshot.rows, "sweep-live")


def _what(sweep: Sweep) -> str:
    """What all runs have in common: the recipe, the values that are not varied, how long it is trained."""
    names = {axis.name for axis in sweep.varied}
    same = {name: value for name, value in sweep.points[0].items() if name not in names}
    words = [title(sweep.base), *([setting_words(same)] if same else [])]
    words.append(ngettext("{number} epoch", "{number} epochs", sweep.base.epochs))
    words.append(_("{number:,} training images", number=sweep.base.num_images))
    return plain(" · ".join(words))


def _show_buttons(saved: SavedSweep, now: Results) -> None:
    if not acts().may_change(saved):
        return
    if now.is_active:
        _button(_("Stop all"), "stop", "stop-sweep", lambda: acts().stop_sweep(saved))
        return
    if now.can_go_on:
        _button(_("Go on"), "resume", "resume-sweep", lambda: acts().resume_sweep(saved))
    with st.popover(_("Delete"), icon=":material/delete:", key="delete-sweep"):
        st.markdown(_("The sweep and its runs will be deleted. They can be restored for a day."))
        if st.button(_("Yes, delete the sweep"), type="primary", key=f"delete-{saved.id}"):
            with refusals():
                acts().delete_sweep(saved)
                st.rerun()


def _button(words: str, icon: str, key: str, act: Callable[[], None]) -> None:
    if st.button(words, icon=f":material/{icon}:", key=key):
        with refusals(as_toast=True):
            act()
            st.rerun()


def _words(now: Results) -> list[str]:
    """How many runs are done, train and wait, and how long it will take."""
    done, waiting = len(now.of_status("finished")), len(now.of_status("queued"))
    early = len(now.of_status("stopped", "failed")) - sum(
        trial in now.training for trial in now.of_status("stopped")
    )
    words = [_("**{done} of {all} runs done**", done=done, all=len(now.trials))]
    if now.training:
        words.append(ngettext("{number} trains", "{number} train", len(now.training)))
    if waiting:
        words.append(ngettext("{number} waits", "{number} wait", waiting))
    if early:
        words.append(ngettext("{number} ended early", "{number} ended early", early))
    if now.num_gone:
        words.append(ngettext("{number} is missing", "{number} are missing", now.num_gone))
    if now.is_active:
        dataset, runs = dataset_thread().dataset, store().list()
        num_images = len(dataset.train.labels) if dataset else 60_000
        seconds = left(now, num_images, runs, max(1, worker().places))
        words.append(_("about {time} left", time=duration(seconds)))
    return words


def _now(trial: Trial, sweep: Sweep) -> str:
    """A trial that trains: its setting, and its state in words."""
    first, *others = map(plain, state_words(trial.snapshot))
    return " · ".join([plain(setting_words(sweep.in_which_they_differ(trial.values))), f"**{first}**", *others])
