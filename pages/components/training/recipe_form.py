"""Choosing what to train: a recipe from the table or one's own network, and its settings."""

import dataclasses
from collections.abc import Callable

import streamlit as st

from mnist_core.jobs import estimate
from mnist_core.recipes.recipe import AUGMENTATIONS, BOUNDS, OPTIMIZERS, SCHEDULES, USUAL_RATES, Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.run import Run
from pages.components.page.text import duration
from pages.components.resources import dataset_thread
from pages.components.training.builder import build_network

OWN = "own"
VALIDATIONS = {"test": "test set", 0.2: "last 20 % of the training images", 0.1: "last 10 %", None: "none"}
BATCH_SIZES = (16, 32, 50, 64, 128, 256, 512, 1024)
_SHORT_ON_A_PHONE = (  # there the list is above everything else
    "<style>@media (max-width: 640px) { .st-key-recipe [data-testid='stCaptionContainer'] { display: none } }"
    "</style>"
)
IMAGE_COUNTS = (500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000)


def choose_recipe(runs: list[Run]) -> str:
    """A radio button for the recipe; returns its name, or OWN."""
    captions = []
    for recipe in RECIPES.values():
        published = f"published {recipe.published.accuracy:.4f} · " if recipe.published else ""
        captions.append(f"{published}about {duration(expected_seconds(recipe, runs))} here")
    st.html(_SHORT_ON_A_PHONE)
    return st.radio(
        "Recipe",
        [*RECIPES, OWN],
        format_func=lambda name: f"**{RECIPES[name].title if name in RECIPES else 'Your own network'}**",
        captions=[*captions, "layers of your choice"],
        key="recipe",
        persist_state="session",
    )


def own_recipe() -> tuple[Recipe, str]:
    """The recipe of the network that the visitor builds, and a key for its settings. Both start from a recipe
    of the table. ValueError if its layers do not fit together."""
    left, right = st.columns(2)
    begin_with = left.selectbox(
        "Begin with",
        list(RECIPES),
        list(RECIPES).index("chollet-cnn"),
        format_func=lambda name: RECIPES[name].title,
        key="own-begin",
        persist_state="session",
    )
    title = right.text_input("Name", "My network", max_chars=60, key="own-title", persist_state="session")
    layers = build_network(RECIPES[begin_with].layers, f"own-{begin_with}")
    begun = RECIPES[begin_with]
    recipe = dataclasses.replace(
        begun,
        name=OWN,
        title=title.strip() or "My network",
        layers=layers,
        shows="A network of one's own.",
        published=None,
    )
    return recipe, f"{OWN}-{begin_with}"


def settings(recipe: Recipe, own_key: str) -> Recipe:
    """The recipe with the visitor's changes. ValueError if they are invalid together."""

    def key(name: str) -> dict:
        return {"key": f"{name}-{own_key}", "persist_state": "session"}

    changes = {}
    for column, fields in zip(st.columns(3), (_descent, _length, _images)):
        with column:
            changes |= fields(recipe, key)
    if hidden := _hidden(recipe):
        st.caption(f"Also part of this recipe: {', '.join(hidden)}.")
    return dataclasses.replace(recipe, **changes)


def _descent(recipe: Recipe, key: Callable[[str], dict]) -> dict:
    optimizer = st.selectbox("Optimizer", OPTIMIZERS, OPTIMIZERS.index(recipe.optimizer), **key("optimizer"))
    usual = recipe.learning_rate if optimizer == recipe.optimizer else USUAL_RATES[optimizer]
    low, high = BOUNDS["learning_rate"]
    rate = st.number_input(
        "Learning rate", low, high, usual, step=usual / 10, format="%.5g", **key(f"rate-{optimizer}")
    )
    schedule = st.selectbox(
        "Schedule",
        SCHEDULES,
        SCHEDULES.index(recipe.schedule),
        help="How the learning rate changes: not at all, down along a cosine, or first up and then down.",
        **key("schedule"),
    )
    seed = st.number_input("Seed", *BOUNDS["seed"], recipe.seed, **key("seed"))
    return {"optimizer": optimizer, "learning_rate": float(rate), "schedule": schedule, "seed": seed}


def _length(recipe: Recipe, key: Callable[[str], dict]) -> dict:
    sizes = sorted({*BATCH_SIZES, recipe.batch_size})
    size = st.select_slider("Batch size", sizes, recipe.batch_size, **key("batch_size"))
    epochs = st.number_input("Epochs", *BOUNDS["epochs"], recipe.epochs, **key("epochs"))
    patience = st.number_input(
        "Early stopping",
        *BOUNDS["patience"],
        recipe.patience,
        help="Ends the training after this many epochs without a new lowest val_loss. 0 switches it off.",
        **key("patience"),
    )
    return {"batch_size": size, "epochs": epochs, "patience": patience}


def _images(recipe: Recipe, key: Callable[[str], dict]) -> dict:
    validation = st.selectbox(
        "Validation",
        list(dict.fromkeys([recipe.validation, *VALIDATIONS])),
        format_func=lambda share: VALIDATIONS.get(share) or f"last {share:.0%}",
        **key("validation"),
    )
    number = st.select_slider("Training images", IMAGE_COUNTS, recipe.num_images, **key("num_images"))
    names = dict(AUGMENTATIONS)
    if recipe.augmentation not in names.values():
        names["recipe's"] = recipe.augmentation
    augmentation = st.selectbox(
        "Augmentation",
        list(names),
        list(names.values()).index(recipe.augmentation),
        help="Moves the training images at random, differently in each epoch: shifted, or also rotated and "
        "scaled.",
        **key("augmentation"),
    )
    return {"validation": validation, "num_images": number, "augmentation": names[augmentation]}


def _hidden(recipe: Recipe) -> list[str]:
    """Settings of the recipe for which there is no widget, in words."""
    return [
        *([] if recipe.scaling else ["raw pixels from 0 to 255"]),
        *([f"weight decay {recipe.weight_decay:g}"] if recipe.weight_decay else []),
        *([f"label smoothing {recipe.label_smoothing:g}"] if recipe.label_smoothing else []),
        *([f"weights averaged (EMA {recipe.ema_momentum:g})"] if recipe.ema_momentum else []),
        *(
            ["extra training images: slashed zeros, crossed sevens, and things that are not digits"]
            * recipe.other_handwriting
        ),
        *(["the answer is the mean over four shifts by one pixel"] * recipe.test_time_shifts),
        *(["bfloat16 where the processor has it"] if recipe.precision == "bfloat16" else []),
    ]


def expected_seconds(recipe: Recipe, runs: list[Run]) -> float:
    dataset = dataset_thread().dataset
    num_images = min(len(dataset.train.labels) if dataset else 60_000, recipe.num_images)
    if isinstance(recipe.validation, float):
        num_images = round(num_images * (1 - recipe.validation))
    return estimate.seconds(recipe, num_images, runs)
