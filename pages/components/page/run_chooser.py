"""Choosing a run, and one to compare: Draw and Gallery share these choices, which are kept in the address."""

from collections.abc import Callable, Sequence

import streamlit as st

from mnist_core.language.messages import _
from mnist_core.runs.run import Run
from mnist_core.runs.store import STARTER
from pages.components.page.frame import leave_for
from pages.components.page.text import plain
from pages.components.page.whose import choose_whose, own_runs, runs_listed
from pages.components.resources import describe

_CHOICE, _OTHER = "chosen-run", "other-run"
_NONE = ""  # a select box uses None for "nothing chosen"


def chosen_run(runs: Sequence[Run]) -> Run:
    """The run of `runs` chosen by the address, another page or the select box; by default the starter."""
    by_id = {run.id: run for run in runs}
    _from_address("run", _CHOICE)
    _fall_back(_CHOICE, [*by_id], STARTER)
    return by_id[st.session_state[_CHOICE]]


def choose_run(label: str, runs: Sequence[Run]) -> Run:
    """A select box for one of `runs`; returns the choice."""
    by_id = {run.id: run for run in runs_listed(runs, [chosen_run(runs).id])}
    chosen = st.selectbox(
        label,
        list(by_id),
        format_func=lambda run_id: describe(by_id[run_id]),
        placeholder=_("Choose"),
        key=_CHOICE,
        persist_state="session",
    )
    if own_runs(runs):
        choose_whose("runs")
    _to_address("run", _CHOICE, chosen, STARTER)
    return by_id[chosen]


def chosen_other(first: Run, runs: Sequence[Run]) -> Run | None:
    """The run chosen for comparison with `first`, or None."""
    others = {run.id: run for run in runs if run != first}
    _from_address("other", _OTHER)
    if st.session_state.get(_OTHER) == first.id:
        st.session_state[_OTHER] = _NONE
    _fall_back(_OTHER, [_NONE, *others], _NONE)
    return others.get(st.session_state[_OTHER])


def choose_other(first: Run, runs: Sequence[Run], chose: Callable[[], None] = lambda: None) -> Run | None:
    """A select box for a run to compare with `first`; nothing if there is no other.

    `chose` is called when the visitor has chosen one.
    """
    other = chosen_other(first, runs)
    others = {run.id: run for run in runs_listed(runs, [other.id] if other else []) if run != first}
    if not others:
        return None
    chosen = st.selectbox(
        _("Compare with"),
        [_NONE, *others],
        format_func=lambda run_id: describe(others[run_id]) if run_id else _("no comparison"),
        placeholder=_("Choose"),
        key=_OTHER,
        on_change=lambda: st.session_state[_OTHER] and chose(),
        persist_state="session",
    )
    _to_address("other", _OTHER, chosen, _NONE)
    return others.get(chosen)


def _from_address(name: str, key: str) -> None:
    """Choose the run that the address names, once."""
    asked = st.query_params.get(name)
    if asked and asked != st.session_state.get(f"{key}-asked"):
        st.session_state[f"{key}-asked"] = st.session_state[key] = asked


def _fall_back(key: str, known: Sequence[str], default: str) -> None:
    """If the chosen run does not exist, say so and choose the default."""
    chosen = st.session_state.get(key, default)
    if chosen not in known:
        words = _("The run {run} is not here.", run=plain(chosen[:60]))
        st.toast(words, icon=":material/info:")
        chosen = default
    st.session_state[key] = chosen


def _to_address(name: str, key: str, chosen: str, default: str) -> None:
    asked = st.query_params.get(name)
    if chosen == (asked or default):
        return
    if chosen == _NONE:
        del st.query_params[name]
    else:
        st.query_params[name] = chosen
    st.session_state[f"{key}-asked"] = chosen


def open_with(page: str, run: Run) -> None:
    """Open a page with this run chosen."""
    st.session_state[_CHOICE] = run.id
    leave_for(page)
