"""The button that starts a training, with the time that it will take."""

import time
from collections.abc import Sequence

import streamlit as st

from mnist_core.language.messages import _
from mnist_core.language.numbers import duration
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs.run import Run
from pages.components.page.acts import acts, refusals
from pages.components.resources import dataset_thread, worker
from pages.components.training.estimates import expected_seconds
from pages.components.training.to_sweep import sweep_button

LONGEST = 3 * 3600  # seconds: the longest training that a visitor may start on a shared machine
DOUBLE = 1.0  # seconds: a further click within this time belongs to a double click
_STARTED = "training-started"  # until when clicks are not counted


def start_button(recipe: Recipe | None, runs: Sequence[Run]) -> None:
    ready = dataset_thread().dataset is not None
    seconds = expected_seconds(recipe, runs) if recipe else 0.0
    worker().warm(recipe if ready and seconds <= LONGEST else None)
    with st.container(horizontal=True, vertical_alignment="center"):
        start = st.button(
            _("Start training"),
            type="primary",
            icon=":material/play_arrow:",
            key="start-training",
            disabled=not ready or recipe is None or seconds > LONGEST,
        )
        if recipe:
            about = _("about {time}", time=duration(seconds))
            st.markdown(about if ready else _("waiting for the data"), width="content")
            sweep_button(recipe)
    if seconds > LONGEST:
        say_it_is_too_long()
    if start and recipe and is_counted():
        with refusals():
            acts().start(recipe, seconds=seconds)
            count_a_click()
            st.rerun()


def is_counted() -> bool:
    """Whether a click on a button that starts trainings is not the second one of a double click."""
    return time.monotonic() > st.session_state.get(_STARTED, 0.0)


def count_a_click() -> None:
    """Say that a click has started something."""
    # The second click of a double click waits until this run of the page has ended, which takes long.
    st.session_state[_STARTED] = float("inf")


def settle_start() -> None:
    """Count clicks again soon: call it at the end of the page, when what the click started is shown."""
    if st.session_state.get(_STARTED) == float("inf"):
        st.session_state[_STARTED] = time.monotonic() + DOUBLE


def say_it_is_too_long() -> None:
    st.error(
        _(
            "A training may take at most {time}. Choose fewer epochs, fewer training images, or a smaller "
            "network. A finished run can be given more epochs.",
            time=duration(LONGEST),
        ),
        icon=":material/error:",
    )
