"""The ranges of a chart's axes, fixed before a run starts, so that they do not move while it trains."""

from collections.abc import Sequence
from typing import Any

from mnist_core.recipes.recipe import Published

# The loss axis is logarithmic: guessing has ln 10 = 2.303, a good network a hundredth of that.
LOSS = (0.005, 3.0)
LOWER = (0.0, 0.8, 0.9)  # possible lower ends of the accuracy axis
USUAL = 0.98  # the accuracy expected of a recipe without a published one
SETTLED = 0.5  # epochs: earlier points may lie outside the range


def limits(published: Published | None, points: Sequence[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    """The (lowest, highest) value on the axis of each measure.

    They depend on the run's progress only if a point after SETTLED lies outside: then the range becomes
    wider and stays so.
    """
    settled = [point for point in points if point["epoch"] >= SETTLED]
    return {
        "loss": _decades([point["loss"] for point in settled]),
        "accuracy": (_lower(published, [point["accuracy"] for point in settled]), 1.0),
    }


def widest(ranges: Sequence[dict[str, tuple[float, float]]]) -> dict[str, tuple[float, float]]:
    """The smallest ranges that contain all of these."""
    return {name: (min(of[name][0] for of in ranges), max(of[name][1] for of in ranges)) for name in ranges[0]}


def _decades(losses: Sequence[float]) -> tuple[float, float]:
    low, high = LOSS
    while losses and low > max(min(losses), 1e-6):
        low /= 10
    while losses and high < max(losses):
        high *= 10
    return low, high


def _lower(published: Published | None, accuracies: Sequence[float]) -> float:
    """The highest lower end that leaves room for twice the expected errors and for all points so far."""
    expected = min(accuracy for _, accuracy in published.accuracies) if published else USUAL
    needed = min([2 * expected - 1, *accuracies])
    return max((lower for lower in LOWER if lower <= needed + 1e-9), default=0.0)
