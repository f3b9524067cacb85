"""What a run's metrics say about how it learns, in words with the run's own numbers.

The remarks follow the tuning tutorials: a learning rate that is too high, vanishing gradients, overfitting,
and epochs that no longer help.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from mnist_core.language.messages import N_, message, sentences
from mnist_core.recipes.recipe import BOUNDS, USUAL_RATES, Recipe
from mnist_core.runs.curves import loss_key

Row = dict[str, Any]
GUESSING_LOSS = math.log(10)  # of a network that gives each digit a probability of 0.1
GUESSING_ACCURACY = 0.2  # well above guessing: the most frequent digit is 0.1135 of the test set
STEPS_TO_LEARN = 300
JUMP = 0.03
LOWEST = BOUNDS["learning_rate"][0]
OVERFITTING_RISE = 1.1  # val_loss relative to its lowest value
FLAT_LOSS, FLAT_ACCURACY = 1.05, 0.005  # within 5 % of the lowest loss and 0.005 of the highest accuracy
STILL_FALLING = 0.02  # of the training loss, an epoch: softmax regression's falls by 0.006, others' by 0.05
NOTHING_LEARNT = N_(
    "After {step:,} steps nothing has been learnt: the accuracy of {accuracy:.2f} is what guessing would give, "
    "and the loss of {loss:.2f} is no better than giving each digit a tenth ({guessing_loss:.2f})."
)
_WHY_NOTHING = ("zeros", "vanishing gradient", "rate too high", "rate too low")
WORDS = {
    "not a number": N_(
        "Since step {step:,} of epoch {epoch} the loss is no longer a number: the steps were so large that the "
        "weights diverged. The learning rate of {rate:g} is too high; try {better_rate:g}. Nothing more "
        "can be learnt in this run."
    ),
    "zeros": N_("Weights that all start at zero stay equal: choose another initialiser."),
    "vanishing gradient": N_(
        "Vanishing gradient: each of {num_layers} layers with such an activation passes on only a fraction "
        "of the gradient, and nothing is left for the first layers. Try relu, or fewer layers."
    ),
    "rate too high": N_("The learning rate of {rate:g} is probably too high; try {better_rate:g}."),
    "rate too low": N_("The learning rate of {rate:g} may be too low; try {better_rate:g}."),
    "jumping": N_(
        "The accuracy jumps: {accuracy_before:.4f} after epoch {epoch_before}, {accuracy:.4f} after epoch "
        "{epoch}. The steps are too large: try a learning rate below {rate:g}."
    ),
    "overfitting": N_(
        "Overfitting from epoch {epoch} on: the training loss went on falling, from {loss_before:.4f} to "
        "{loss:.4f}, while val_loss rose from {val_loss_before:.4f} to {val_loss:.4f}. The network is "
        "memorising its training images; dropout, augmentation or early stopping can help."
    ),
    "flat": N_(
        "Nearly flat since epoch {epoch}: val_loss {val_loss_before:.4f} then, {val_loss:.4f} now; "
        "val_accuracy {val_accuracy_before:.4f} then, {val_accuracy:.4f} now. More epochs will hardly help; "
        "a different network might."
    ),
}


@dataclass(frozen=True)
class Remark:
    """A notable fact about a run: a key of WORDS, and the numbers in that text."""

    code: str
    numbers: Mapping[str, float]

    @property
    def words(self) -> str:
        """In the reader's language."""
        begin = [NOTHING_LEARNT] if self.code in _WHY_NOTHING else []
        return str(sentences(message(text, **self.numbers) for text in (*begin, WORDS[self.code])))


def diagnose(recipe: Recipe, rows: Sequence[Row]) -> Remark | None:
    """The most serious remark about the run with these metrics rows; often None."""
    rows = [row for row in rows if "loss" in row and row.get("accuracy") is not None]
    if not rows:
        return None
    if remark := _not_a_number(recipe, rows) or _nothing_learnt(recipe, rows):
        return remark
    ends = [row for row in rows if "end" in row and None not in (row.get("val_loss"), row.get("val_accuracy"))]
    return _jumping(recipe, ends) or _overfitting(ends) or _flat(ends)


def _not_a_number(recipe: Recipe, rows: Sequence[Row]) -> Remark | None:
    lost = next((row for row in rows if row["loss"] is None), None)
    if not lost:
        return None
    rate = recipe.learning_rate
    numbers = {"step": lost["step"], "epoch": lost["epoch"], "rate": rate, "better_rate": _tenth(rate)}
    return Remark("not a number", numbers)


def _nothing_learnt(recipe: Recipe, rows: Sequence[Row]) -> Remark | None:
    last = rows[-1]
    recent = rows[-max(3, len(rows) // 3) :]
    if last["step"] < STEPS_TO_LEARN or max(row["accuracy"] for row in recent) > GUESSING_ACCURACY:
        return None
    figures = {name: last[name] for name in ("step", "accuracy", "loss")} | {"guessing_loss": GUESSING_LOSS}
    code, numbers = _why_nothing(recipe, last["loss"])
    return Remark(code, figures | numbers)


def _why_nothing(recipe: Recipe, loss: float) -> tuple[str, dict[str, float]]:
    hidden = [layer for layer in recipe.layers[:-1] if hasattr(layer, "kernel_initializer")]
    functions = [getattr(layer, "activation", None) for layer in recipe.layers[:-1]]
    squashing = sum(function in ("sigmoid", "tanh", "softmax") for function in functions)
    if any(layer.kernel_initializer == "zeros" for layer in hidden):
        return "zeros", {}
    if squashing >= 4:
        return "vanishing gradient", {"num_layers": squashing}
    rate, usual = recipe.learning_rate, USUAL_RATES[recipe.optimizer]
    if rate >= 5 * usual or loss > GUESSING_LOSS + 0.02:
        return "rate too high", {"rate": rate, "better_rate": _tenth(rate)}
    return "rate too low", {"rate": rate, "better_rate": rate * 10}


def _tenth(rate: float) -> float:
    return max(rate / 10, LOWEST)


def _jumping(recipe: Recipe, ends: Sequence[Row]) -> Remark | None:
    """A large fall in accuracy from one epoch to the next: once in the last epochs, or several times."""
    jumps = [
        (before, after)
        for before, after in pairwise(ends)
        if before["val_accuracy"] - after["val_accuracy"] > JUMP
    ]
    if not jumps or (len(jumps) == 1 and ends[-1]["epoch"] - jumps[0][1]["epoch"] > 3):
        return None
    before, after = jumps[-1]
    numbers = {
        "accuracy_before": before["val_accuracy"],
        "epoch_before": before["epoch"],
        "accuracy": after["val_accuracy"],
        "epoch": after["epoch"],
        "rate": recipe.learning_rate,
    }
    return Remark("jumping", numbers)


def _overfitting(ends: Sequence[Row]) -> Remark | None:
    """val_loss is well above its lowest value for two epochs, while the training loss has continued to fall."""
    if len(ends) < 3:
        return None
    key = loss_key(ends)
    lowest, last = min(ends, key=lambda row: row["val_loss"]), ends[-1]
    risen = min(row["val_loss"] for row in ends[-2:])
    if risen < OVERFITTING_RISE * lowest["val_loss"] or last[key] > 0.9 * lowest[key]:
        return None
    numbers = {
        "epoch": lowest["epoch"] + 1,
        "loss_before": lowest[key],
        "loss": last[key],
        "val_loss_before": lowest["val_loss"],
        "val_loss": last["val_loss"],
    }
    return Remark("overfitting", numbers)


def _flat(ends: Sequence[Row]) -> Remark | None:
    """Neither val_loss nor val_accuracy has improved much for many epochs, and the training loss hardly falls.

    While the training loss still falls noticeably, the network has not come to its end: what follows may be
    overfitting, or, after a plateau, further learning.
    """
    if len(ends) < 5:
        return None
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
    num_epochs = last["epoch"] - since["epoch"]
    if num_epochs < max(3, last["epoch"] // 3) or _fall(ends, since, last, num_epochs) > STILL_FALLING:
        return None
    numbers = {
        "epoch": since["epoch"],
        "val_loss_before": since["val_loss"],
        "val_loss": last["val_loss"],
        "val_accuracy_before": since["val_accuracy"],
        "val_accuracy": last["val_accuracy"],
    }
    return Remark("flat", numbers)


def _fall(ends: Sequence[Row], since: Row, last: Row, num_epochs: int) -> float:
    """By what share the training loss fell from one epoch to the next, as a geometric mean."""
    key = loss_key(ends)
    return 1 - (max(last[key], 1e-9) / max(since[key], 1e-9)) ** (1 / num_epochs)
