"""Choose a recipe, train it, watch it learn; see past trainings again."""

import dataclasses

import pandas as pd
import streamlit as st

from mnist_core import estimate
from mnist_core.recipe import BOUNDS, OPTIMIZERS, Recipe
from mnist_core.recipes import RECIPES
from mnist_core.runs import Run, RunError
from pages.components.charts import overlay_curves
from pages.components.frame import begin
from pages.components.resources import loader, store, worker
from pages.components.run_view import is_active, show_run, show_state
from pages.components.text import duration

VALIDATIONS = {"test": "test set", 0.2: "last 20 % of the training images", 0.1: "last 10 %", None: "none"}
USUAL_RATES = {"sgd": 0.01, "momentum": 0.01, "nesterov": 0.01, "rmsprop": 0.001, "adam": 0.001, "adamw": 0.001}
BATCH_SIZES = (16, 32, 50, 64, 128, 256, 512, 1024)


def choose_recipe(runs: list[Run]) -> Recipe:
    captions = []
    for recipe in RECIPES.values():
        published = f"published {recipe.published.accuracy:.4f} · " if recipe.published else ""
        captions.append(f"{recipe.shows}  \n{published}about {expected_time(recipe, runs)} here")
    name = st.radio(
        "Recipe",
        list(RECIPES),
        format_func=lambda name: f"**{RECIPES[name].title}**",
        captions=captions,
        key="recipe",
        persist_state="session",
    )
    return RECIPES[name]


def settings(recipe: Recipe) -> Recipe:
    """The recipe with the visitor's changes."""

    def key(name: str) -> dict:
        return {"key": f"{name}-{recipe.name}", "persist_state": "session"}

    left, middle, right = st.columns(3)
    with left:
        optimizer = st.selectbox(
            "Optimizer", OPTIMIZERS, OPTIMIZERS.index(recipe.optimizer), **key("optimizer")
        )
        usual = recipe.learning_rate if optimizer == recipe.optimizer else USUAL_RATES[optimizer]
        low, high = BOUNDS["learning_rate"]
        rate = st.number_input(
            "Learning rate", low, high, usual, step=usual / 10, format="%.5g", **key(f"rate-{optimizer}")
        )
    with middle:
        sizes = sorted({*BATCH_SIZES, recipe.batch_size})
        size = st.select_slider("Batch size", sizes, recipe.batch_size, **key("batch_size"))
        epochs = st.number_input("Epochs", *BOUNDS["epochs"], recipe.epochs, **key("epochs"))
    with right:
        choices = list(dict.fromkeys([recipe.validation, *VALIDATIONS]))
        validation = st.selectbox(
            "Validation",
            choices,
            format_func=lambda share: VALIDATIONS.get(share) or f"last {share:.0%}",
            **key("validation"),
        )
        seed = st.number_input("Seed", *BOUNDS["seed"], recipe.seed, **key("seed"))
    return dataclasses.replace(
        recipe,
        optimizer=optimizer,
        learning_rate=float(rate),
        batch_size=size,
        epochs=epochs,
        validation=validation,
        seed=seed,
    )


def expected_time(recipe: Recipe, runs: list[Run]) -> str:
    dataset = loader().dataset
    num_images = len(dataset.train.labels) if dataset else 60_000
    if isinstance(recipe.validation, float):
        num_images = round(num_images * (1 - recipe.validation))
    return duration(estimate.seconds(recipe, num_images, runs))


def as_code(recipe: Recipe) -> str:
    """The network as one would write it with Keras."""
    lines = []
    for layer in recipe.layers:
        arguments = ", ".join(f"{k}={v!r}" for k, v in dataclasses.asdict(layer).items() if v is not None)
        lines.append(f"{type(layer).__name__}({arguments})")
    return "\n".join(lines)


def focus(runs: list[Run]) -> tuple[Run | None, str]:
    """The run to watch, with its status: the one that trains, else the next in line, else the last.

    A run that was taken out of the queue before it began is not worth watching.
    """
    states = [(run, run.status) for run in runs]
    for wanted in ("training", "queued"):
        for run, status in reversed(states):
            if status == wanted:
                return run, status
    return next((state for state in states if state[0].attempt), (None, ""))


def watch(shown: tuple[str, str]) -> None:
    """The live part: reads files, and lets the page run again when there is another run to watch."""
    run, status = focus(store().list())
    if run is None:
        with st.container(key="status"):
            st.markdown("**ready** · nothing has been trained here yet")
        return
    active = is_active(run, status)
    with st.container(key="status"):
        show_state(run, status)
        if status in ("training", "queued") and st.button("Stop", icon=":material/stop:", key=f"stop-{run.id}"):
            worker().stop(run)
        for other in worker().queue():
            if other != run:
                waiting, cancel = st.columns([5, 1], vertical_alignment="center")
                waiting.markdown(f"queued · {other.recipe.title}")
                if cancel.button("Cancel", key=f"cancel-{other.id}"):
                    worker().stop(other)
                    st.rerun()
    show_run(run, status, "live")
    if (run.id, active) != shown:
        st.rerun()


def past_runs(runs: list[Run]) -> None:
    ended = [run for run in runs if not is_active(run, run.status)]
    if not ended:
        return
    st.header("Past runs", anchor=False)
    st.caption("Choose one to see it again, or several to lay their curves over each other.")
    table = pd.DataFrame([_table_row(run) for run in ended])
    chosen = st.dataframe(
        table,
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"past-{len(ended)}-{ended[0].id}",
        height=min(38 + 35 * len(ended), 318),
    ).selection.rows
    picked = [ended[row] for row in chosen if row < len(ended)]
    if len(picked) > 1:
        overlay_curves(picked, "overlay")
    elif picked:
        show_state(picked[0], picked[0].status)
        show_run(picked[0], picked[0].status, "past")
    if picked and st.button(
        f"Delete {'this run' if len(picked) == 1 else f'these {len(picked)} runs'}", key="delete"
    ):
        for run in picked:
            try:
                store().delete(run)
            except (RunError, OSError) as error:
                st.toast(f"{run.id} was not deleted: {error}", icon=":material/error:")
        st.rerun()


def _table_row(run: Run) -> dict:
    recipe, result = run.recipe, run.result or {}
    stamp = run.id
    original = RECIPES.get(recipe.name, recipe)
    changes = [
        f"{field.name.replace('_', ' ')} {getattr(recipe, field.name)}"
        for field in dataclasses.fields(recipe)
        if field.name not in ("title", "shows", "published")
        and getattr(recipe, field.name) != getattr(original, field.name)
    ]
    return {
        "recipe": recipe.title,
        "changed": ", ".join(changes),
        "state": run.status,
        "test accuracy": f"{result['test_accuracy']:.4f}" if result else "",
        "published": f"{recipe.published.accuracy:.4f}" if recipe.published else "",
        "epochs": f"{result.get('epochs', 0)} of {recipe.epochs}",
        "time": duration(result["seconds"]) if result else "",
        "started": f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]} {stamp[9:11]}:{stamp[11:13]}:{stamp[13:15]}",
    }


begin("Train a network", "Choose a recipe and watch it learn: loss and accuracy move as it goes.")
runs = store().list()
worker().warm()
left, right = st.columns([2, 3], gap="large")
with left:
    chosen = choose_recipe(runs)
with right:
    st.subheader(chosen.title, anchor=False)
    with st.expander("The network"):
        st.code(as_code(chosen), language="python")
    with st.expander("Settings"):
        recipe = settings(chosen)
    ready = loader().dataset is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        start = st.button(
            "Start training",
            type="primary",
            icon=":material/play_arrow:",
            key="start-training",
            disabled=not ready,
        )
        st.markdown(f"about {expected_time(recipe, runs)}" if ready else "waits for the data")
    if start:
        worker().submit(recipe)
        st.rerun()
    run, status = focus(runs)
    active = run is not None and is_active(run, status)
    st.fragment(watch, run_every=0.5 if active else None)((run.id if run else "", active))
    past_runs(runs)
