"""Mine or everybody's: what lists show on a server that many share. Elsewhere nothing is said about it."""

from collections.abc import Sequence

import streamlit as st

from mnist_core.language.messages import _
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import Snapshots
from mnist_core.runs.store import STARTER
from mnist_core.visitors.hidden import Hidden
from pages.components.page.language import translated
from pages.components.resources import store, sweeps
from pages.components.visitor import register, visitor

MINE, ALL = "mine", "all"
_STATE = "whose"


def choose_whose(place: str) -> str:
    """The control; returns MINE or ALL. One choice for all lists; `place` tells the controls apart."""
    key = translated(f"whose-{place}")
    st.session_state[key] = st.session_state.get(_STATE, MINE)

    def chosen() -> None:
        st.session_state[_STATE] = st.session_state[key]

    return st.segmented_control(
        _("Whose"),
        (MINE, ALL),
        format_func={MINE: _("Mine"), ALL: _("Everybody's")}.get,
        key=key,
        required=True,
        on_change=chosen,
        label_visibility="collapsed",
    )


def is_seen(run: Run) -> bool:
    """Whether the run is not hidden from the visitor."""
    return Hidden.of(store().home).is_seen_by(visitor(), run)


def seen_of(snapshots: Snapshots) -> Snapshots:
    """Those of the runs that are not hidden from the visitor."""
    return Snapshots(tuple(snapshot for snapshot in snapshots.all if is_seen(snapshot.run)))


def own_runs(runs: Sequence[Run]) -> list[Run]:
    """Those of some runs that are the visitor's; none on one's own machine."""
    now = visitor()
    return [] if now.is_alone else [run for run in runs if run.owner == now.id]


def runs_listed(runs: Sequence[Run], chosen: Sequence[str] = ()) -> list[Run]:
    """Those of some runs to list: the visitor's, if they have some and want only these, and those `chosen`."""
    runs = without_sweeps(runs, chosen)
    own = own_runs(runs)
    if not own or st.session_state.get(_STATE, MINE) == ALL:
        return runs
    kept = {*own, *(run for run in runs if run.id == STARTER or run.id in chosen)}
    return [run for run in runs if run in kept]


def without_sweeps(runs: Sequence[Run], chosen: Sequence[str | None] = ()) -> list[Run]:
    """Those of some runs that belong to no sweep, and those `chosen`: a sweep's would fill every list."""
    swept = sweeps().by_run()
    return [run for run in runs if run.id not in swept or run.id in chosen]


def name_of(visitor_id: str) -> str:
    """What a visitor is called: the name that they gave, unless it is hidden, else a number of theirs."""
    if not visitor_id:
        return _("everybody")
    now = visitor()
    is_hidden = visitor_id in Hidden.of(store().home).names and not now.is_teacher and visitor_id != now.id
    name = "" if is_hidden else register().name(visitor_id)
    return name or _("Visitor {number}", number=visitor_id[:4])
