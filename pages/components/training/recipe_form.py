"""Choosing what to train: a recipe from the table or one's own network, and its settings."""

import dataclasses
from collections.abc import Callable

import streamlit as st

from mnist_core.jobs import estimate
from mnist_core.language.messages import _
from mnist_core.language.numbers import duration, listed
from mnist_core.recipes import words
from mnist_core.recipes.recipe import AUGMENTATIONS, BOUNDS, OPTIMIZERS, SCHEDULES, USUAL_RATES, Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.run import Run
from pages.components.page.language import translated
from pages.components.resources import dataset_thread
from pages.components.training.builder import build_network

OWN = "own"
VALIDATIONS = ("test", 0.2, 0.1, None)
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
        took = {"time": duration(expected_seconds(recipe, runs))}
        if recipe.published:
            took["accuracy"] = recipe.published.accuracy
            captions.append(_("published accuracy {accuracy:.4f} · about {time} here", **took))
        else:
            captions.append(_("about {time} here", **took))
    st.html(_SHORT_ON_A_PHONE)
    return st.radio(
        _("Recipe"),
        [*RECIPES, OWN],
        format_func=lambda name: f"**{_name(name)}**",
        captions=[*captions, _("layers of your choice")],
        key=translated("recipe"),
        persist_state="session",
    )


def _name(recipe: str) -> str:
    return words.title(RECIPES[recipe]) if recipe in RECIPES else _("Your own network")


def own_recipe() -> tuple[Recipe, str]:
    """The recipe of the network that the visitor builds, and a key for its settings. Both start from a recipe
    of the table. ValueError if its layers do not fit together."""
    left, right = st.columns(2)
    begin_with = left.selectbox(
        _("Begin with"),
        list(RECIPES),
        list(RECIPES).index("chollet-cnn"),
        format_func=lambda name: words.title(RECIPES[name]),
        placeholder=_("Choose"),
        key=translated("own-begin"),
        persist_state="session",
    )
    title = right.text_input(_("Name"), _("My network"), max_chars=60, key="own-title", persist_state="session")
    layers = build_network(RECIPES[begin_with].layers, f"own-{begin_with}")
    begun = RECIPES[begin_with]
    recipe = dataclasses.replace(
        begun,
        name=OWN,
        title=title.strip() or _("My network"),
        layers=layers,
        shows=words.OWN,
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
        st.caption(_("Also part of this recipe: {settings}.", settings=listed(hidden)))
    return dataclasses.replace(recipe, **changes)


def _choice(key: dict) -> dict:
    """What a select box is given besides its options."""
    return {**key, "key": translated(key["key"]), "placeholder": _("Choose")}


def _descent(recipe: Recipe, key: Callable[[str], dict]) -> dict:
    optimizer = st.selectbox(
        _("Optimizer"), OPTIMIZERS, OPTIMIZERS.index(recipe.optimizer), **_choice(key("optimizer"))
    )
    usual = recipe.learning_rate if optimizer == recipe.optimizer else USUAL_RATES[optimizer]
    low, high = BOUNDS["learning_rate"]
    rate = st.number_input(
        _("Learning rate"), low, high, usual, step=usual / 10, format="%.5g", **key(f"rate-{optimizer}")
    )
    schedule = st.selectbox(
        _("Schedule"),
        SCHEDULES,
        SCHEDULES.index(recipe.schedule),
        help=_("How the learning rate changes: not at all, down along a cosine, or first up and then down."),
        **_choice(key("schedule")),
    )
    seed = st.number_input(_("Seed"), *BOUNDS["seed"], recipe.seed, **key("seed"))
    return {"optimizer": optimizer, "learning_rate": float(rate), "schedule": schedule, "seed": seed}


def _length(recipe: Recipe, key: Callable[[str], dict]) -> dict:
    sizes = sorted({*BATCH_SIZES, recipe.batch_size})
    size = st.select_slider(_("Batch size"), sizes, recipe.batch_size, **key("batch_size"))
    epochs = st.number_input(_("Epochs"), *BOUNDS["epochs"], recipe.epochs, **key("epochs"))
    patience = st.number_input(
        _("Early stopping"),
        *BOUNDS["patience"],
        recipe.patience,
        help=_("Ends the training after this many epochs without a new lowest val_loss. 0 switches it off."),
        **key("patience"),
    )
    return {"batch_size": size, "epochs": epochs, "patience": patience}


def _images(recipe: Recipe, key: Callable[[str], dict]) -> dict:
    validation = st.selectbox(
        _("Validation"),
        list(dict.fromkeys([recipe.validation, *VALIDATIONS])),
        format_func=_validation,
        **_choice(key("validation")),
    )
    number = st.select_slider(_("Training images"), IMAGE_COUNTS, recipe.num_images, **key("num_images"))
    names = dict(AUGMENTATIONS)
    if recipe.augmentation not in names.values():
        names["recipe's"] = recipe.augmentation
    augmentation = st.selectbox(
        _("Augmentation"),
        list(names),
        list(names.values()).index(recipe.augmentation),
        format_func={
            "none": _("none"),
            "shift": _("shifted"),
            "affine": _("shifted, rotated and scaled"),
            "recipe's": _("the recipe's own"),
        }.get,
        help=_(
            "Moves the training images at random, differently in each epoch: shifted, or also rotated and "
            "scaled."
        ),
        **_choice(key("augmentation")),
    )
    return {"validation": validation, "num_images": number, "augmentation": names[augmentation]}


def _hidden(recipe: Recipe) -> list[str]:
    """Settings of the recipe for which there is no widget, in words."""
    applies = {
        _("raw pixels from 0 to 255"): not recipe.scaling,
        _("weight decay {rate:g}", rate=recipe.weight_decay): recipe.weight_decay,
        _("label smoothing {share:g}", share=recipe.label_smoothing): recipe.label_smoothing,
        _("weights averaged (EMA {momentum:g})", momentum=recipe.ema_momentum): recipe.ema_momentum,
        _(
            "extra training images: slashed zeros, crossed sevens, and things that are not digits"
        ): recipe.other_handwriting,
        _("the answer is the mean of the outputs for four shifted images"): recipe.test_time_shifts,
        _("bfloat16 where the processor has it"): recipe.precision == "bfloat16",
    }
    return [said for said, is_so in applies.items() if is_so]


def _validation(share: str | float | None) -> str:
    if share is None:
        return _("none")
    if share == "test":
        return _("test set")
    return _("last {share:.0%} of the training images", share=share)


def expected_seconds(recipe: Recipe, runs: list[Run]) -> float:
    dataset = dataset_thread().dataset
    num_images = min(len(dataset.train.labels) if dataset else 60_000, recipe.num_images)
    if isinstance(recipe.validation, float):
        num_images = round(num_images * (1 - recipe.validation))
    return estimate.seconds(recipe, num_images, runs)
