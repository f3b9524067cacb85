"""Choose a recipe, train it, watch it learn; see past trainings again."""

import streamlit as st

from mnist_core.keras_code import script
from mnist_core.recipe import Recipe
from mnist_core.recipes import RECIPES
from mnist_core.run import Run
from pages.components.builder import show_summary
from pages.components.frame import begin, data_notice
from pages.components.recipe_form import OWN, choose_recipe, expected_seconds, own_recipe, settings
from pages.components.resources import loader, store, worker
from pages.components.run_history import show_history
from pages.components.run_view import is_active, seconds_left, show_run, show_state
from pages.components.text import duration, plain

LONGEST = 3 * 3600  # seconds: what one visitor may start on a machine that others share


def chosen_recipe(name: str) -> Recipe | None:
    """The recipe as the visitor has set it; None, with the reason in words, where it cannot be trained."""
    try:
        if name == OWN:
            recipe, key = own_recipe()
        else:
            recipe, key = RECIPES[name], name
            st.subheader(recipe.title, anchor=False)
            st.markdown(recipe.shows)
        with st.expander("The network", expanded=name == OWN):
            show_summary(recipe.layers)
        with st.expander("Settings"):
            recipe = settings(recipe, key)
        with st.expander("As Keras code"):
            st.code(script(recipe), language="python")
            st.download_button(
                "Download", script(recipe), f"{recipe.name}.py", "text/x-python", icon=":material/download:"
            )
        return recipe
    except ValueError as error:
        st.error(f"This cannot be trained: {plain(str(error))}.", icon=":material/error:")
        return None


def start_button(recipe: Recipe | None, runs: list[Run]) -> None:
    ready = loader().dataset is not None
    seconds = expected_seconds(recipe, runs) if recipe else 0.0
    with st.container(horizontal=True, vertical_alignment="center"):
        start = st.button(
            "Start training",
            type="primary",
            icon=":material/play_arrow:",
            key="start-training",
            disabled=not ready or recipe is None or seconds > LONGEST,
        )
        if recipe:
            st.markdown(f"about {duration(seconds)}" if ready else "waits for the data")
    if seconds > LONGEST:
        st.error(
            f"At most {duration(LONGEST)} can be started at a time: take fewer epochs, fewer training images, "
            "or a smaller network. A finished run can be given more epochs.",
            icon=":material/error:",
        )
    if start:
        worker().submit(recipe)
        st.rerun()


def focus(states: list[tuple[Run, str]]) -> tuple[Run | None, str]:
    """The run to watch, with its status: the one that trains, else the next in line, else the last.

    A run that was taken out of the queue before it began is not worth watching.
    """
    for wanted in ("training", "queued"):
        for run, status in reversed(states):
            if status == wanted:
                return run, status
    return next((state for state in states if state[0].attempt), (None, ""))


def lines(states: list[tuple[Run, str]]) -> dict[Run, str]:
    """For each run that waits, next one first: its place in line and when it begins."""
    runs = [run for run, _ in states]
    wait, found = sum(seconds_left(run, runs) for run, status in states if status == "training"), {}
    for run in [run for run, status in reversed(states) if status == "queued"]:
        place = f"number {len(found) + 1} in line" if found else "next in line"
        found[run] = place + (f" · begins in about {duration(wait)}" if wait else "")
        wait += expected_seconds(run.recipe, runs)
    return found


def _pace(run: Run, runs: list[Run]) -> float:
    """Seconds from one look at the run to the next: what is drawn here, the training has to wait for."""
    return 0.5 if expected_seconds(run.recipe, runs) < 30 else 1.0


def watch(shown: tuple[str, str]) -> None:
    """The live part: reads files, and lets the page run again when there is another run to watch."""
    states = [(run, run.status) for run in store().list()]
    run, status = focus(states)
    if run is None:
        with st.container(key="status"):
            st.markdown("**ready** · nothing has been trained here yet")
        return
    active = is_active(run, status)
    with st.container(key="status"):
        waiting = lines(states)
        show_state(run, status, waiting.get(run, ""))
        if status in ("training", "queued") and st.button("Stop", icon=":material/stop:", key=f"stop-{run.id}"):
            worker().stop(run)
        for other, line in waiting.items():
            if other != run:
                words, cancel = st.columns([5, 1], vertical_alignment="center")
                words.markdown(f"**queued** · {plain(other.recipe.title)} · {line}")
                if cancel.button("Cancel", key=f"cancel-{other.id}"):
                    worker().stop(other)
                    st.rerun()
    show_run(run, status, "live")
    if (run.id, active) != shown:
        st.rerun()


begin("Train a network", "Choose a recipe and watch it learn: loss and accuracy move as it goes.")
data_notice()
runs = store().list()
worker().warm()
left, right = st.columns([2, 3], gap="large")
with left:
    name = choose_recipe(runs)
with right:
    with st.container():  # of its own, so that what is below stays in its place
        recipe = chosen_recipe(name)
    with st.container():
        start_button(recipe, runs)
    run, status = focus([(run, run.status) for run in runs])
    active = run is not None and is_active(run, status)
    st.fragment(watch, run_every=_pace(run, runs) if active else None)((run.id if run else "", active))
    show_history(runs)
