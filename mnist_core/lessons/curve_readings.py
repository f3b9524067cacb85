"""Readings of the figures after each epoch."""

import math
from itertools import pairwise

import numpy as np

from mnist_core.lessons.evidence import Evidence, Numbers, Reading
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs.beside import history_of

FALLS = 0.98  # val_loss still falls if it gets below this share of its former lowest value
JUMP = 0.03  # a fall in accuracy from one epoch to the next that is called a jump
BY_HEART = 0.03  # how far the training accuracy is then at least above val_accuracy


def val_loss(evidence: Evidence) -> Reading:
    """Whether val_loss still falls in the second half of the epochs: "falls", "flat" or "rises"."""
    losses = [row["val_loss"] for row in evidence.ends]
    half = -(-len(losses) // 2)
    before, after = min(losses[:half]), min(losses[half:], default=math.inf)
    lowest = min(losses)
    outcome = "falls" if after < FALLS * before else "rises" if losses[-1] > 1.05 * lowest else "flat"
    rows = evidence.ends
    return outcome, {
        "lowest": lowest,
        "epoch": 1 + losses.index(lowest),
        "last": losses[-1],
        "half": half,
        "epochs": len(losses),
        "loss_half": rows[half - 1]["loss"],
        "loss_last": rows[-1]["loss"],
        **published(evidence.run.recipe),
    }


def published(recipe: Recipe) -> Numbers:
    """The test accuracy and the lowest val_loss that the recipe's tutorial printed, as far as it did."""
    history = history_of(recipe)
    if history is None:
        return {}
    losses = [(value, epoch) for epoch, value in zip(history.epoch, history.val_loss)]
    lowest = dict(zip(("published_lowest", "published_epoch"), min(losses))) if losses else {}
    return {"published": history.test_accuracy, **lowest}


def lowest_val_loss(evidence: Evidence) -> Reading:
    """In which third of the epochs val_loss was lowest: "first", "middle" or "last"."""
    _outcome, numbers = val_loss(evidence)
    place = (numbers["epoch"] - 1) * 3 // numbers["epochs"]
    return ("first", "middle", "last")[place], numbers


def gap(evidence: Evidence) -> Reading:
    """Which of loss and val_loss is lower after the last epoch."""
    last = evidence.ends[-1]
    numbers = {name: last[name] for name in ("loss", "val_loss", "accuracy", "val_accuracy")}
    return min("loss", "val_loss", key=numbers.get), numbers


def training_below(evidence: Evidence) -> Reading:
    """Whether the training accuracy is "below" or "above" val_accuracy after the last epoch."""
    _, numbers = gap(evidence)
    return ("below" if numbers["accuracy"] < numbers["val_accuracy"] else "above"), numbers


def jumps(evidence: Evidence) -> Reading:
    """Whether val_accuracy "jumps" or rises in a "steady" way: its largest fall from one epoch to the next."""
    accuracies = [row["val_accuracy"] for row in evidence.ends]
    falls = [before - after for before, after in pairwise(accuracies)] or [0.0]
    worst = int(np.argmax(falls))
    after = accuracies[min(worst + 1, len(accuracies) - 1)]
    return ("jumps" if falls[worst] > JUMP else "steady"), {
        "before": accuracies[worst],
        "after": after,
        "epoch": min(worst + 2, len(accuracies)),
        "last": accuracies[-1],
        **published(evidence.run.recipe),
    }


def memorised(evidence: Evidence) -> Reading:
    """Whether the training images are known by heart: "heart" if their accuracy is far above val_accuracy,
    "both" if both are high, "neither" if it has not learnt its training images either."""
    _lower, numbers = gap(evidence)
    numbers["epochs"] = len(evidence.ends)
    if numbers["accuracy"] - numbers["val_accuracy"] > BY_HEART:
        return "heart", numbers
    return ("both" if numbers["accuracy"] > 0.8 else "neither"), numbers
