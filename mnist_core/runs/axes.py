"""The ranges of a chart's axes, fixed before a run starts, so that they do not move while it trains."""

from collections.abc import Sequence
from typing import Any

from mnist_core.recipes.published import History
from mnist_core.recipes.recipe import Published

# The loss axis is logarithmic: guessing has ln 10 = 2.303, a good network a hundredth of that.
LOSS = (0.005, 3.0)
NARROW = (
    0.2  # the lower end where a tutorial printed only losses well above it: its small changes are then seen
)
LOWER = (0.0, 0.8, 0.9)  # possible lower ends of the accuracy axis
USUAL = 0.98  # the accuracy expected of a recipe without a published one
SETTLED = 0.5  # epochs: earlier points may lie outside the range


def limits(
    published: Published | None, points: Sequence[dict[str, Any]], history: History | None = None
) -> dict[str, tuple[float, float]]:
    """The (lowest, highest) value on the axis of each measure; all that `history` holds is on it.

    They depend on the run's progress only if a point after SETTLED lies outside: then the range becomes
    wider and stays so.
    """
    settled = [point for point in points if point["epoch"] >= SETTLED]
    losses, accuracies = ([point[name] for point in settled] for name in ("loss", "accuracy"))
    printed = _losses(history)
    if history:
        accuracies += [value for value in (*history.accuracy, *history.val_accuracy) if value is not None]
    low = NARROW if printed and min(printed) > 1.1 * NARROW else LOSS[0]
    return {
        "loss": _decades([*losses, *printed], low),
        "accuracy": (_lower(published, accuracies), 1.0),
    }


def widest(ranges: Sequence[dict[str, tuple[float, float]]]) -> dict[str, tuple[float, float]]:
    """The smallest ranges that contain all of these."""
    return {name: (min(of[name][0] for of in ranges), max(of[name][1] for of in ranges)) for name in ranges[0]}


def _losses(history: History | None) -> list[float]:
    """All losses that a tutorial printed."""
    return [value for value in (*history.loss, *history.val_loss) if value is not None] if history else []


def _decades(losses: Sequence[float], low: float) -> tuple[float, float]:
    high = LOSS[1]
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
