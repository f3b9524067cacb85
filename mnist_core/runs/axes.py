"""The ranges of a chart's axes, known before a run begins, so that they stay as they are while it trains."""

from collections.abc import Sequence
from typing import Any

from mnist_core.recipes.recipe import Published

# The axis of the loss is logarithmic: guessing has ln 10 = 2.303, and what learns well a hundredth of that.
LOSS = (0.005, 3.0)
LOWER = (0.0, 0.8, 0.9)  # where the axis of the accuracy may begin
USUAL = 0.98  # what accuracy is expected where nothing was published
SETTLED = 0.5  # epochs: what a run does before may lie outside


def limits(published: Published | None, points: Sequence[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    """The (lowest, highest) value of each measure that its axis shows.

    They do not depend on how far the run has come, except where a point later than SETTLED lies outside: then
    the range becomes wider, and stays so.
    """
    settled = [point for point in points if point["epoch"] >= SETTLED]
    return {
        "loss": _decades([point["loss"] for point in settled]),
        "accuracy": (_lower(published, [point["accuracy"] for point in settled]), 1.0),
    }


def widest(ranges: Sequence[dict[str, tuple[float, float]]]) -> dict[str, tuple[float, float]]:
    """The ranges in which all of these lie."""
    return {name: (min(of[name][0] for of in ranges), max(of[name][1] for of in ranges)) for name in ranges[0]}


def _decades(losses: Sequence[float]) -> tuple[float, float]:
    low, high = LOSS
    while losses and low > max(min(losses), 1e-6):
        low /= 10
    while losses and high < max(losses):
        high *= 10
    return low, high


def _lower(published: Published | None, accuracies: Sequence[float]) -> float:
    """The highest beginning that leaves room for twice the errors expected, and for what has been reached."""
    expected = min(accuracy for _, accuracy in published.accuracies) if published else USUAL
    needed = min([2 * expected - 1, *accuracies])
    return max((lower for lower in LOWER if lower <= needed + 1e-9), default=0.0)
