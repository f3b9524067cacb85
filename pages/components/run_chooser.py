"""Choosing a run: one choice that Draw and Gallery share and that stands in the address."""

from collections.abc import Sequence

import streamlit as st

from mnist_core.run import Run
from mnist_core.runs import STARTER
from pages.components.resources import describe
from pages.components.text import plain

_CHOICE = "chosen-run"


def choose_run(label: str, runs: Sequence[Run]) -> Run:
    """A select box over `runs`; what the address or another page has chosen comes first."""
    by_id = {run.id: run for run in runs}
    asked = st.query_params.get("run")
    if asked and asked != st.session_state.get("run-asked"):
        st.session_state["run-asked"] = st.session_state[_CHOICE] = asked
        if asked not in by_id:
            st.toast(f"The run {plain(asked[:60])} is not here; this is the starter.", icon=":material/info:")
    if st.session_state.get(_CHOICE) not in by_id:
        st.session_state[_CHOICE] = STARTER
    chosen = st.selectbox(
        label,
        list(by_id),
        format_func=lambda run_id: describe(by_id[run_id]),
        key=_CHOICE,
        persist_state="session",
    )
    if chosen != (asked or STARTER):
        st.query_params["run"] = st.session_state["run-asked"] = chosen
    return by_id[chosen]


def open_with(page: str, run: Run) -> None:
    """Go to a page with this run chosen."""
    st.session_state[_CHOICE] = run.id
    st.switch_page(page)
