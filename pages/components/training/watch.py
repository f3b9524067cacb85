"""The run to watch: the one that trains, or else the last one, with its name above its state and curves."""

from collections.abc import Mapping, Sequence

import streamlit as st

from mnist_core.language.messages import _, ngettext
from mnist_core.recipes.words import title
from mnist_core.runs.snapshot import Snapshot, Snapshots, snapshots_of
from mnist_core.runs.words import status_word
from pages.components.page.acts import acts, refusals
from pages.components.page.text import plain
from pages.components.page.whose import is_seen, name_of, own_runs
from pages.components.resources import store, sweeps, worker
from pages.components.training.live import live_state, poll_of
from pages.components.training.problem import show_problem
from pages.components.training.run_view import show_run, show_state, show_stop
from pages.components.training.words import queue_lines
from pages.components.visitor import visitor

_MOST_OTHERS = 6  # runs of others that train, and that wait, of a whole class


def watch(shown: tuple) -> None:
    """Show the run to watch; reruns the page when its key differs from `shown`."""
    snapshots = snapshots_of(store(), visitor().id)
    snapshot = snapshots.focus
    show_problem()
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
    """The runs that train or wait, besides the one to watch: the visitor's, and the first of the others'; of
    those of sweeps that wait, the number."""
    shown, more = _first_and_own(snapshots.training, snapshots.focus)
    for other in shown:
        attempt = other.attempt
        where = "" if attempt.is_here else _("on {host}", host=plain(attempt.host))
        _show_other(other, where, _("Stop"), "stop-other")
    if more:
        st.caption(ngettext("{number} more run trains.", "{number} more runs train.", more))
    swept = sweeps().by_run()
    single = [of for of in snapshots.waiting if of.run.id not in swept]
    shown, more = _first_and_own(single, snapshots.focus)
    for other in shown:
        _show_other(other, lines[other.run.id], _("Cancel"), "cancel")
    if more:
        st.caption(ngettext("{number} more run waits.", "{number} more runs wait.", more))
    if of_sweeps := sum(of.run.id in swept and of is not snapshots.focus for of in snapshots.waiting):
        words = ngettext(
            "{number} run of a [sweep](sweep) waits.", "{number} runs of [sweeps](sweep) wait.", of_sweeps
        )
        st.caption(words)


def _first_and_own(runs: Sequence[Snapshot], watched: Snapshot | None) -> tuple[list[Snapshot], int]:
    """Of those that are not watched, which are shown, and the number of the rest."""
    others = [of for of in runs if of is not watched]
    own = own_runs([of.run for of in others])
    shown = [of for number, of in enumerate(others) if number < _MOST_OTHERS or of.run in own]
    return shown, len(others) - len(shown)


def check_for_another(shown: tuple) -> None:
    """Rerun the page when there is something else to show, such as another visitor's run."""
    if page_key(snapshots_of(store(), visitor().id)) != shown:
        st.rerun()


def page_key(snapshots: Snapshots) -> tuple:
    """Changes when the whole page must rerun.

    While a run trains, the browser polls by itself, and only that part of the page is redrawn.
    """
    focus = snapshots.focus
    key = (focus.run.id,) if focus and focus.is_training else snapshots.key
    return (*key, f"{worker().problem}")


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


def _show_other(snapshot: Snapshot, line: str, action: str, key: str) -> None:
    """A run that trains or waits, with a button that stops it or removes it from the queue."""
    words, stop = st.columns([5, 1], vertical_alignment="center")
    what = [f"**{status_word(snapshot.status)}**", _name(snapshot), line]
    words.markdown(" · ".join(filter(None, what)))
    is_theirs = acts().may_change(snapshot.run)
    if is_theirs and stop.button(action, key=f"{key}-{snapshot.run.id}"):
        with refusals(as_toast=True):
            acts().stop(snapshot.run)
            st.rerun()
