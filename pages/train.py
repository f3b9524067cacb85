"""Choose a recipe, train it, watch it learn; see past trainings again."""

import streamlit as st

from mnist_core.language.messages import _
from mnist_core.language.numbers import duration
from mnist_core.recipes.keras_code import script
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.recipes.words import shows, title
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import Snapshots, snapshots_of
from mnist_core.runs.words import status_word
from pages.components.page.frame import begin, data_notice
from pages.components.page.text import plain
from pages.components.resources import dataset_thread, store, worker
from pages.components.training.builder import show_summary
from pages.components.training.learning import show_learning
from pages.components.training.live import live_state, poll_of
from pages.components.training.recipe_form import OWN, choose_recipe, expected_seconds, own_recipe, settings
from pages.components.training.run_history import show_history
from pages.components.training.run_view import show_run, show_state
from pages.components.training.words import queue_lines

# Space for the longest text about a run that trains, so that what is below does not move.
STATE = """<style>
    .stVerticalBlock.st-key-state { flex: none; height: 5.2rem; overflow-y: auto }
    @media (max-width: 1100px) { .stVerticalBlock.st-key-state { height: 6.8rem } }
</style>"""
LONGEST = 3 * 3600  # seconds: the longest training that a visitor may start on a shared machine


def chosen_recipe(name: str) -> Recipe | None:
    """The recipe with the visitor's settings; None, with a message, if it cannot be trained."""
    try:
        if name == OWN:
            recipe, key = own_recipe()
        else:
            recipe, key = RECIPES[name], name
            st.subheader(title(recipe), anchor=False)
            st.markdown(shows(recipe))
        with st.expander(_("The network"), key="network", expanded=name == OWN):
            show_summary(recipe.layers)
        with st.expander(_("Settings"), key="settings"):
            recipe = settings(recipe, key)
        with st.expander(_("As Keras code"), key="keras-code"):
            st.code(script(recipe), language="python")
            st.download_button(
                _("Download"),
                script(recipe),
                f"{recipe.name}.py",
                "text/x-python",
                icon=":material/download:",
                key="download-script",
            )
        return recipe
    except ValueError as error:
        st.error(_("This cannot be trained. {reason}", reason=plain(str(error))), icon=":material/error:")
        return None


def start_button(recipe: Recipe | None, runs: list[Run]) -> None:
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
            st.markdown(about if ready else _("waiting for the data"))
    if seconds > LONGEST:
        st.error(
            _(
                "A training may take at most {time}. Choose fewer epochs, fewer training images, or a smaller "
                "network. A finished run can be given more epochs.",
                time=duration(LONGEST),
            ),
            icon=":material/error:",
        )
    if start:
        worker().submit(recipe)
        st.rerun()


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
    with st.container(key="status"):
        with st.container(key="state"):
            if poll:
                live_state(snapshot, poll)
            else:
                show_state(snapshot, lines.get(snapshot.run.id, ""))
        for other in snapshots.waiting:
            if other is not snapshot:
                words, cancel = st.columns([5, 1], vertical_alignment="center")
                what = [f"**{status_word('queued')}**", plain(title(other.run.recipe)), lines[other.run.id]]
                words.markdown(" · ".join(what))
                if cancel.button(_("Cancel"), key=f"cancel-{other.run.id}"):
                    worker().stop(other.run)
                    st.rerun()
    show_run(snapshot, "live", poll)
    if page_key(snapshots) != shown:
        st.rerun()


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


begin(
    "train",
    _("Train a network"),
    _("Choose a recipe and watch the network learn: loss and accuracy are updated during training."),
)
data_notice()
st.html(STATE)
snapshots = snapshots_of(store())
runs = [snapshot.run for snapshot in snapshots.all]
left, right = st.columns([2, 3], gap="large")
with left:
    name = choose_recipe(runs)
with right:
    with st.container():  # of its own, so that what is below does not move
        recipe = chosen_recipe(name)
    with st.container():
        start_button(recipe, runs)
    shown, focus = page_key(snapshots), snapshots.focus
    is_active = focus is not None and focus.is_active
    is_live = focus is not None and focus.is_training
    st.fragment(watch, run_every=0.5 if is_active and not is_live else None)(shown)
    st.fragment(check_for_another, run_every=None if is_active else 3.0)(shown)
    with st.container():
        if focus is not None:
            show_learning(focus.run, "live", is_live)
    show_history(snapshots)
