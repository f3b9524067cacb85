"""A sweep that is trained: how far it is, what trains, and what can be done with it as a whole."""

from collections.abc import Callable

import streamlit as st

from mnist_core.language.messages import _, message, ngettext
from mnist_core.language.numbers import duration
from mnist_core.recipes.words import title
from mnist_core.runs.run import RunError
from mnist_core.runs.snapshot import snapshots_of
from mnist_core.sweeps.duration import left
from mnist_core.sweeps.results import Results, Trial, results_of
from mnist_core.sweeps.store import SavedSweep
from mnist_core.sweeps.sweep import Sweep
from mnist_core.sweeps.words import setting_words
from pages.components.charts.curves import show_curves
from pages.components.page.acts import acts, refusals
from pages.components.page.text import plain
from pages.components.page.whose import is_seen
from pages.components.resources import dataset_thread, store, sweeps, worker
from pages.components.sweep.choice import STATE
from pages.components.sweep.early import show_early
from pages.components.training.words import state_words

EVERY = 1.5  # seconds
_MOST_TRAINING = 6  # trials of which the state is shown, on a cluster


def results(saved: SavedSweep) -> Results:
    """The sweep's results as the visitor may see them: without those of hidden runs."""
    return results_of(saved, store(), snapshots_of(store()), is_seen)


def show_progress(saved: SavedSweep, shown: tuple) -> None:
    """The sweep's name, its buttons and its progress; reruns the page once a run has begun or ended.

    The buttons act before that, in callbacks: a click is not lost because something has changed meanwhile.
    """
    now = results(saved)
    if now.key != shown or not _is_here(saved):
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="sweep-heading"):
        st.header(plain(saved.name), anchor=False, width="content")
        _show_buttons(saved, now)
    st.caption(_what(saved.sweep))
    with st.container(key="sweep-status"):
        st.progress(now.fraction)
        st.markdown(" · ".join(_words(now)))
        show_early(now)
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
        _button(_("Stop all"), "stop", "stop-sweep", acts().stop_sweep, saved)
    if now.can_go_on:
        _button(_("Go on"), "resume", "resume-sweep", acts().resume_sweep, saved)
    if now.is_active:
        return
    with st.popover(_("Delete"), icon=":material/delete:", key=f"delete-sweep-{saved.id}"):
        words = _(
            "The sweep {name} and its runs will be deleted. They can be restored for a day.",
            name=plain(saved.name),
        )
        st.markdown(words)
        sure = _("Yes, delete the sweep")
        st.button(sure, type="primary", key=f"delete-{saved.id}", on_click=_delete, args=[saved])


def _button(words: str, icon: str, key: str, act: Callable[[SavedSweep], None], saved: SavedSweep) -> None:
    st.button(words, icon=f":material/{icon}:", key=key, on_click=_act, args=[act, saved])


def _act(act: Callable[[SavedSweep], None], saved: SavedSweep) -> None:
    with refusals(as_toast=True):
        if not _is_here(saved):
            raise RunError(message("The sweep {name} was deleted in another window.", name=saved.name))
        act(saved)


def _delete(saved: SavedSweep) -> None:
    """Delete the sweep, unless a double click or another window has done so."""
    with refusals(as_toast=True):
        if _is_here(saved):
            acts().delete_sweep(saved)
        STATE.change(sweep=None, across=None, down=None)
        words = _("The sweep {name} was deleted. Below, it can be restored for a day.", name=plain(saved.name))
        st.toast(words, icon=":material/delete:", duration="long")


def _is_here(saved: SavedSweep) -> bool:
    return saved in sweeps().list()


def _words(now: Results) -> list[str]:
    """How many runs are done, train and wait, and how long it will take."""
    done, waiting = len(now.of_status("finished")), len(now.of_status("queued"))
    words = [_("**{done} of {all} runs done**", done=done, all=len(now.trials))]
    if now.training:
        words.append(ngettext("{number} trains", "{number} train", len(now.training)))
    if waiting:
        words.append(ngettext("{number} waits", "{number} wait", waiting))
    if early := len(now.ended_early):
        words.append(ngettext("{number} ended early", "{number} ended early", early))
    if now.num_hidden:
        words.append(ngettext("{number} is hidden", "{number} are hidden", now.num_hidden))
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
