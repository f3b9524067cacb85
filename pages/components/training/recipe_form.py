"""The settings of a recipe: how it is trained."""

import dataclasses
from collections.abc import Callable
from typing import Any

import streamlit as st

from mnist_core.language.messages import _
from mnist_core.language.numbers import listed
from mnist_core.lessons.glossary import hint
from mnist_core.recipes.recipe import AUGMENTATIONS, BOUNDS, OPTIMIZERS, SCHEDULES, USUAL_RATES, Recipe
from pages.components.page.language import translated

_NONE = ""  # a select box uses None for "nothing chosen"
VALIDATIONS = ("test", 0.2, 0.1, None)
BATCH_SIZES = (16, 32, 50, 64, 128, 256, 512, 1024)
Begin = Callable[[str, Any], dict[str, Any]]
IMAGE_COUNTS = (500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000)


def settings(recipe: Recipe, own_key: str) -> Recipe:
    """The recipe with the visitor's changes. ValueError if they are invalid together."""

    def begin(name: str, value: Any) -> dict[str, Any]:
        """A widget's key, and what keeps its value; the value is `value` at first."""
        key = f"{name}-{own_key}"
        st.session_state[key] = st.session_state.get(key, value)  # a default beside it would be a second one
        return {"key": key, "persist_state": "session"}

    changes = {}
    for column, fields in zip(st.columns(3), (_descent, _length, _images)):
        with column:
            changes |= fields(recipe, begin)
    if hidden := _hidden(recipe):
        st.caption(_("Also part of this recipe: {settings}.", settings=listed(hidden)))
    return dataclasses.replace(recipe, **changes)


def _choice(begun: dict[str, Any]) -> dict[str, Any]:
    """What a select box is given besides its options."""
    return {**begun, "key": translated(begun["key"]), "placeholder": _("Choose")}


def _descent(recipe: Recipe, begin: Begin) -> dict[str, Any]:
    optimizer = st.selectbox(
        _("Optimizer"),
        OPTIMIZERS,
        help=hint("optimizer"),
        **_choice(begin("optimizer", recipe.optimizer)),
    )
    usual = recipe.learning_rate if optimizer == recipe.optimizer else USUAL_RATES[optimizer]
    rate = st.number_input(
        _("Learning rate"),
        *BOUNDS["learning_rate"],
        step=usual / 10,
        format="%.5g",
        help=hint("learning_rate"),
        **begin(f"rate-{optimizer}", usual),
    )
    schedule = st.selectbox(
        _("Schedule"),
        SCHEDULES,
        help=_("How the learning rate changes: not at all, down along a cosine, or first up and then down."),
        **_choice(begin("schedule", recipe.schedule)),
    )
    seed = st.number_input(_("Seed"), *BOUNDS["seed"], help=hint("seed"), **begin("seed", recipe.seed))
    return {"optimizer": optimizer, "learning_rate": float(rate), "schedule": schedule, "seed": seed}


def _length(recipe: Recipe, begin: Begin) -> dict[str, Any]:
    sizes = sorted({*BATCH_SIZES, recipe.batch_size})
    size = st.select_slider(
        _("Batch size"), sizes, help=hint("batch_size"), **begin("batch_size", recipe.batch_size)
    )
    epochs = st.number_input(
        _("Epochs"), *BOUNDS["epochs"], help=hint("epoch"), **begin("epochs", recipe.epochs)
    )
    patience = st.number_input(
        _("Early stopping"),
        *BOUNDS["patience"],
        help=_("Ends the training after this many epochs without a new lowest val_loss. 0 switches it off."),
        **begin("patience", recipe.patience),
    )
    return {"batch_size": size, "epochs": epochs, "patience": patience}


def _images(recipe: Recipe, begin: Begin) -> dict[str, Any]:
    validation = st.selectbox(
        _("Validation"),
        [_NONE if share is None else share for share in dict.fromkeys([recipe.validation, *VALIDATIONS])],
        format_func=_validation,
        help=hint("validation_data"),
        **_choice(begin("validation", _NONE if recipe.validation is None else recipe.validation)),
    )
    counts = sorted({*IMAGE_COUNTS, recipe.num_images})
    number = st.select_slider(
        _("Training images"), counts, help=hint("training_data"), **begin("num_images", recipe.num_images)
    )
    names = dict(AUGMENTATIONS)
    if recipe.augmentation not in names.values():
        names["recipe's"] = recipe.augmentation
    augmentation = st.selectbox(
        _("Augmentation"),
        list(names),
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
        **_choice(begin("augmentation", next(name for name in names if names[name] == recipe.augmentation))),
    )
    validation = None if validation == _NONE else validation
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


def _validation(share: str | float) -> str:
    if share == _NONE:
        return _("none")
    if share == "test":
        return _("test set")
    return _("last {share:.0%} of the training images", share=share)
