"""What a run's figures say about how it learns, in words and with its own numbers.

The four remarks are those of the tuning tutorials: a learning rate that is too high, a signal
that does not come through, overfitting, and epochs that no longer help.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from mnist_core.recipes.recipe import BOUNDS, USUAL_RATES, Recipe

Row = dict[str, Any]
GUESSING_LOSS = math.log(10)  # of a network that gives each digit a tenth
GUESSING_ACCURACY = 0.2  # the largest digit class has 0.1135 of the test set
STEPS_TO_LEARN = 300
JUMP = 0.03
LOWEST = BOUNDS["learning_rate"][0]
OVERFITTING_RISE = 1.1  # val_loss against its lowest
FLAT_LOSS, FLAT_ACCURACY = 1.05, 0.005  # within 5 % of the lowest, half a point of the highest


def diagnose(recipe: Recipe, rows: Sequence[Row]) -> str:
    """What is remarkable about the run whose metrics rows these are, the gravest only; often nothing."""
    rows = [row for row in rows if "loss" in row and row.get("accuracy") is not None]
    if not rows:
        return ""
    if remark := _not_a_number(recipe, rows) or _nothing_learnt(recipe, rows):
        return remark
    ends = [row for row in rows if "end" in row and None not in (row.get("val_loss"), row.get("val_accuracy"))]
    return _jumping(recipe, ends) or _overfitting(ends) or _flat(ends)


def _not_a_number(recipe: Recipe, rows: Sequence[Row]) -> str:
    lost = next((row for row in rows if row["loss"] is None), None)
    if not lost:
        return ""
    return (
        f"Since step {lost['step']:,} of epoch {lost['epoch']} the loss is no longer a number: the steps were "
        f"so large that the weights left all bounds. The learning rate of {recipe.learning_rate:g} is too "
        f"high; try {max(recipe.learning_rate / 10, LOWEST):g}. Nothing more can be learnt in this run."
    )


def _nothing_learnt(recipe: Recipe, rows: Sequence[Row]) -> str:
    last = rows[-1]
    recent = rows[-max(3, len(rows) // 3) :]
    if last["step"] < STEPS_TO_LEARN or max(row["accuracy"] for row in recent) > GUESSING_ACCURACY:
        return ""
    said = (
        f"After {last['step']:,} steps nothing is learnt: accuracy {last['accuracy']:.2f} is what guessing "
        f"gives, and a loss of {last['loss']:.2f} is no better than a tenth a digit ({GUESSING_LOSS:.2f})."
    )
    return f"{said} {_why_nothing(recipe, last['loss'])}"


def _why_nothing(recipe: Recipe, loss: float) -> str:
    hidden = [layer for layer in recipe.layers[:-1] if hasattr(layer, "kernel_initializer")]
    squashing = sum(layer.activation in ("sigmoid", "tanh", "softmax") for layer in hidden)
    if any(layer.kernel_initializer == "zeros" for layer in hidden):
        return "Weights that all begin at zero stay alike: choose another initialiser."
    if squashing >= 4:
        return (
            f"Vanishing gradient: each of {squashing} layers with such an activation passes on a fraction of "
            "the signal, and none is left for the first ones. Try relu, or fewer layers."
        )
    rate, usual = recipe.learning_rate, USUAL_RATES[recipe.optimizer]
    if rate >= 5 * usual or loss > GUESSING_LOSS + 0.02:
        return f"The learning rate of {rate:g} is probably too high; try {max(rate / 10, LOWEST):g}."
    return f"The learning rate of {rate:g} may be too low; try {rate * 10:g}."


def _jumping(recipe: Recipe, ends: Sequence[Row]) -> str:
    """Epochs at whose end the accuracy is far below that of the epoch before: one of the latest, or several."""
    jumps = [
        (before, after)
        for before, after in pairwise(ends)
        if before["val_accuracy"] - after["val_accuracy"] > JUMP
    ]
    if not jumps or (len(jumps) == 1 and ends[-1]["epoch"] - jumps[0][1]["epoch"] > 3):
        return ""
    before, after = jumps[-1]
    return (
        f"The accuracy jumps: {before['val_accuracy']:.4f} after epoch {before['epoch']}, "
        f"{after['val_accuracy']:.4f} after epoch {after['epoch']}. The steps are too large for the "
        f"way down: try a learning rate below {recipe.learning_rate:g}."
    )


def _overfitting(ends: Sequence[Row]) -> str:
    """val_loss well above its lowest, while the training loss has gone on falling."""
    if len(ends) < 3:
        return ""
    lowest, last = min(ends, key=lambda row: row["val_loss"]), ends[-1]
    if last["val_loss"] < OVERFITTING_RISE * lowest["val_loss"] or last["loss"] > 0.9 * lowest["loss"]:
        return ""
    return (
        f"Overfitting from epoch {lowest['epoch'] + 1} on: the training loss went on falling, from "
        f"{lowest['loss']:.4f} to {last['loss']:.4f}, while val_loss rose from {lowest['val_loss']:.4f} to "
        f"{last['val_loss']:.4f}. The network learns its training images by heart; dropout, augmentation "
        "or early stopping help."
    )


def _flat(ends: Sequence[Row]) -> str:
    """The epochs since which neither val_loss nor val_accuracy has got better to speak of."""
    if len(ends) < 5:
        return ""
    loss, accuracy = min(row["val_loss"] for row in ends), max(row["val_accuracy"] for row in ends)
    since = next(
        (
            r
            for r in ends
            if r["val_loss"] <= loss * FLAT_LOSS and r["val_accuracy"] >= accuracy - FLAT_ACCURACY
        ),
        ends[-1],
    )
    last = ends[-1]
    if last["epoch"] - since["epoch"] < max(3, last["epoch"] // 3):
        return ""
    return (
        f"Nearly flat since epoch {since['epoch']}: val_loss {since['val_loss']:.4f} then, "
        f"{last['val_loss']:.4f} now; val_accuracy {since['val_accuracy']:.4f} then, "
        f"{last['val_accuracy']:.4f} now. More epochs hardly help; another network would."
    )
