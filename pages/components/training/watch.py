"""The run to watch: the one that trains, or else the last one, with its name above its state and curves."""

from collections.abc import Mapping

import streamlit as st

from mnist_core.language.messages import _, ngettext
from mnist_core.recipes.words import title
from mnist_core.runs.snapshot import Snapshot, Snapshots, snapshots_of
from mnist_core.runs.words import status_word
from pages.components.page.acts import acts, refusals
from pages.components.page.text import plain
from pages.components.page.whose import is_seen, name_of, own_runs
from pages.components.resources import store, sweeps
from pages.components.training.live import live_state, poll_of
from pages.components.training.run_view import show_run, show_state, show_stop
from pages.components.training.words import queue_lines
from pages.components.visitor import visitor

_MOST_OTHERS = 6  # runs of others that wait, of a whole class


def watch(shown: tuple) -> None:
    """Show the run to watch; reruns the page when its key differs from `shown`."""
    snapshots = snapshots_of(store())
    snapshot = snapshots.focus
    if snapshot is None:
        with st.container(key="status"):
            st.markdown(_("**ready** · nothing has been trained here yet"))
        return
    lines = queue_lines(snapshots)
    poll = poll_of(snapshots) if snapshot.is_training else None
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="heading"):
        st.header(_heading(snapshot), anchor=False, width="content")
        if snapshot.is_active:
            show_stop(snapshot)
    with st.container(key="status"):
        with st.container(key="state"):
            if poll:
                live_state(snapshot, poll)
            else:
                show_state(snapshot, lines.get(snapshot.run.id, ""))
        _show_others(snapshots, lines)
    show_run(snapshot, "live", poll)
    if page_key(snapshots) != shown:
        st.rerun()


def _show_others(snapshots: Snapshots, lines: Mapping[str, str]) -> None:
    """The runs that wait, besides the one to watch: the visitor's, the first of the others', those of sweeps as
    a number."""
    swept = sweeps().by_run()
    waiting = [of for of in snapshots.waiting if of is not snapshots.focus]
    others = [of for of in waiting if of.run.id not in swept]
    own = own_runs([of.run for of in others])
    shown = [of for number, of in enumerate(others) if number < _MOST_OTHERS or of.run in own]
    for other in shown:
        _show_waiting(other, lines[other.run.id])
    if more := len(others) - len(shown):
        st.caption(ngettext("{number} more run waits.", "{number} more runs wait.", more))
    if of_sweeps := len(waiting) - len(others):
        words = ngettext(
            "{number} run of a [sweep](sweep) waits.", "{number} runs of [sweeps](sweep) wait.", of_sweeps
        )
        st.caption(words)


def check_for_another(shown: tuple) -> None:
    """Rerun the page when there is something else to show, such as another visitor's run."""
    if page_key(snapshots_of(store())) != shown:
        st.rerun()


def page_key(snapshots: Snapshots) -> tuple:
    """Changes when the whole page must rerun.

    While a run trains, the browser polls by itself, and only that part of the page is redrawn.
    """
    focus = snapshots.focus
    return (focus.run.id,) if focus and focus.is_training else snapshots.key


def _heading(snapshot: Snapshot) -> str:
    name = _name(snapshot)
    if snapshot.is_training:
        return _("Training now: {title}", title=name)
    if snapshot.status == "queued":
        return _("Next: {title}", title=name)
    return _("Last run: {title}", title=name)


def _name(snapshot: Snapshot) -> str:
    """The run's title, and on a server that many share whose it is."""
    run = snapshot.run
    name = plain(title(run.recipe)) if is_seen(run) else _("a hidden run")
    if visitor().is_alone or not run.owner:
        return name
    if run.owner == visitor().id:
        return _("{title} (yours)", title=name)
    return _("{title} ({name})", title=name, name=plain(name_of(run.owner)))


def _show_waiting(snapshot: Snapshot, line: str) -> None:
    """A queued run, with a button that removes it."""
    words, cancel = st.columns([5, 1], vertical_alignment="center")
    what = [f"**{status_word('queued')}**", _name(snapshot), line]
    words.markdown(" · ".join(what))
    key, is_theirs = f"cancel-{snapshot.run.id}", acts().may_change(snapshot.run)
    if is_theirs and cancel.button(_("Cancel"), key=key):
        with refusals(as_toast=True):
            acts().stop(snapshot.run)
            st.rerun()
