"""The facts of a training: its course, and what a finished run's result says."""

import math
from typing import Any

from mnist_core.recipes.recipe import HELD_OUT, Recipe
from mnist_core.runs.curves import loss_key

Row = dict[str, Any]
Facts = dict[str, float | int | str]
MNIST_TEST = 10_000  # images


def of_steps(recipe: Recipe, rows: list[Row]) -> Facts:
    last = next((row for row in reversed(rows) if "epochs_done" in row), None)
    if not last:
        return {}
    per_epoch = round(last["step"] / last["epochs_done"])
    warmup = {"warmup_steps": per_epoch * recipe.epochs // 5} if recipe.schedule == "one-cycle" else {}
    return {"steps": last["step"], "seconds": last["seconds"], "steps_per_epoch": per_epoch, **warmup}


def of_epochs(recipe: Recipe, ends: list[Row]) -> Facts:
    """From the rows at the ends of epochs."""
    if not ends:
        return {}
    key = loss_key(ends)
    is_plain = key == "cross_entropy" or not (recipe.label_smoothing or recipe.other_handwriting)
    found = {"epochs": ends[-1]["epoch"], **_of_validation(ends)}
    for name, row in (("first", ends[0]), ("last", ends[-1])):
        found |= {f"{name}_loss": row[key] if is_plain else None, f"{name}_accuracy": row["accuracy"]}
    return _without_gaps(found)


def _of_validation(ends: list[Row]) -> Facts:
    measured = [row for row in ends if _is_finite(row.get("val_loss"))]
    if not measured:
        return {}
    lowest = min(measured, key=lambda row: row["val_loss"])
    best = max(measured, key=lambda row: row["val_accuracy"])
    return {
        "lowest_val_loss": lowest["val_loss"],
        "lowest_epoch": lowest["epoch"],
        "last_val_loss": ends[-1].get("val_loss"),
        "best_val_accuracy": best["val_accuracy"],
        "best_epoch": best["epoch"],
        "last_val_accuracy": ends[-1].get("val_accuracy"),
    }


def of_result(recipe: Recipe, result: dict[str, Any]) -> Facts:
    names = ("precision", "temperature", "test_accuracy", "test_loss")
    found = _without_gaps({name: result.get(name) for name in names})
    return found | (_of_split(recipe) if result.get("is_mnist") else {})


def _of_split(recipe: Recipe) -> Facts:
    """How many images of MNIST are for training and for validation, as in training/fill.py."""
    number, validation = recipe.num_images, recipe.validation
    kept = math.floor(number * (1 - validation)) if isinstance(validation, float) else number
    held_out = kept // HELD_OUT if recipe.label_smoothing else 0
    found = {"num_training_images": kept - held_out}
    if validation:
        found["num_validation_images"] = MNIST_TEST if validation == "test" else number - kept
    return found


def _without_gaps(found: dict[str, Any]) -> Facts:
    return {name: value for name, value in found.items() if isinstance(value, str) or _is_finite(value)}


def _is_finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
