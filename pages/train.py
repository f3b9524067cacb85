"""Choose a recipe, train it, watch it learn; see past trainings again."""

import streamlit as st

from mnist_core.recipes.keras_code import script
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.run import Run
from pages.components.page.frame import begin, data_notice
from pages.components.page.text import duration, plain
from pages.components.resources import loader, store, worker
from pages.components.training.builder import show_summary
from pages.components.training.live import live_state, look_at
from pages.components.training.queue import all_states, focus, lines
from pages.components.training.recipe_form import OWN, choose_recipe, expected_seconds, own_recipe, settings
from pages.components.training.run_history import show_history
from pages.components.training.run_view import is_active, show_run, show_state

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
    worker().warm(recipe if ready and seconds <= LONGEST else None)
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


def watch(shown: tuple[str, str]) -> None:
    """The run to watch, by its `identity`; lets the page run again when that is no longer what is `shown`."""
    states = all_states()
    run, status = focus(states)
    if run is None:
        with st.container(key="status"):
            st.markdown("**ready** · nothing has been trained here yet")
        return
    waiting = lines(states)
    look = look_at(run, status, waiting) if status == "training" else None
    with st.container(key="status"):
        if look:
            live_state(run, look)
        else:
            show_state(run, status, waiting.get(run, ""))
        if status in ("training", "queued") and st.button("Stop", icon=":material/stop:", key=f"stop-{run.id}"):
            worker().stop(run)
            st.rerun()
        for other, line in waiting.items():
            if other != run:
                words, cancel = st.columns([5, 1], vertical_alignment="center")
                words.markdown(f"**queued** · {plain(other.recipe.title)} · {line}")
                if cancel.button("Cancel", key=f"cancel-{other.id}"):
                    worker().stop(other)
                    st.rerun()
    show_run(run, status, "live", look)
    if identity(run, status) != shown:
        st.rerun()


def look_for_another(shown: tuple[str, str]) -> None:
    """Lets the page run again once there is another run to watch: one that another visitor has started."""
    if identity(*focus(all_states())) != shown:
        st.rerun()


def identity(run: Run | None, status: str) -> tuple[str, str]:
    """What is watched, and how.

    While it trains the browser looks by itself, and else the page, as long as the run may still change.
    """
    if run is None:
        return "", ""
    return run.id, "live" if status == "training" else "active" if is_active(run, status) else ""


begin("Train a network", "Choose a recipe and watch it learn: loss and accuracy move as it goes.")
data_notice()
runs = store().list()
left, right = st.columns([2, 3], gap="large")
with left:
    name = choose_recipe(runs)
with right:
    with st.container():  # of its own, so that what is below stays in its place
        recipe = chosen_recipe(name)
    with st.container():
        start_button(recipe, runs)
    shown = identity(*focus(all_states()))
    st.fragment(watch, run_every=0.5 if shown[1] == "active" else None)(shown)
    if not shown[1]:
        st.fragment(look_for_another, run_every=3.0)(shown)
    show_history(runs)
