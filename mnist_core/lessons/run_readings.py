"""Readings of what runs have reached, and of runs beside each other."""

import math

from mnist_core.lessons.curve_readings import published
from mnist_core.lessons.evidence import Evidence, Reading, nearest
from mnist_core.runs.run import Run
from mnist_core.runs.teaching import is_lesson

SAME_ACCURACY = 0.002  # two accuracies that differ by less are called equal


def accuracy(run: Run) -> float:
    """A finished run's test accuracy, 0..1."""
    return run.result["test_accuracy"]


def compared(value: float, other: float) -> str:
    if abs(value - other) < SAME_ACCURACY:
        return "same"
    return "higher" if value > other else "lower"


def second_run(evidence: Evidence) -> Reading:
    """The second run's accuracy beside the first one's: "higher", "lower" or "same"."""
    first, second = list(evidence.runs.values())[:2]
    before, after = accuracy(first), accuracy(second)
    numbers = {"before": before, "after": after, "difference": abs(after - before)}
    for place, run in enumerate((first, second), 1):
        numbers |= {f"{name}_{place}": value for name, value in published(run.recipe).items()}
    return compared(after, before), numbers


def early_stopping(evidence: Evidence) -> Reading:
    """What early stopping cost: "higher", "lower" or the "same" accuracy, and the epochs it spared."""
    outcome, numbers = second_run(evidence)
    whole, early = list(evidence.runs.values())[:2]
    seconds = {"seconds": whole.result["seconds"], "early_seconds": early.result["seconds"]}
    return outcome, numbers | seconds | {"epochs": early.result["epochs"], "of": early.recipe.epochs}


def learnt(evidence: Evidence) -> Reading:
    """Whether the run has learnt anything: "nothing" near guessing, "something", or "broken" for a loss that is
    not a number."""
    share = accuracy(evidence.run)
    losses = [row["loss"] for row in evidence.run.metrics() if "loss" in row]
    outcome = "broken" if None in losses else "nothing" if share < 0.2 else "something"
    last = losses[-1] if losses and losses[-1] is not None else math.nan
    return outcome, {"accuracy": share, "loss": last, "guessing": math.log(10)}


def story(evidence: Evidence) -> Reading:
    """The accuracies of all runs of the step, by the lesson's names for them."""
    return "", {name: accuracy(run) for name, run in evidence.runs.items()}


def best_of(evidence: Evidence) -> Reading:
    """The learning rate of the run with the highest accuracy."""
    found = {run.recipe.learning_rate: accuracy(run) for run in evidence.runs.values()}
    best, worst = max(found, key=found.get), min(found, key=found.get)
    numbers = {"best": best, "accuracy": found[best], "worst": worst, "worst_accuracy": found[worst]}
    return nearest(best, evidence.options), numbers


def taught(evidence: Evidence) -> Reading:
    """What teaching one's own digits changed: MNIST is read "worse", "same" or "better" than before."""
    runs = [run for run in evidence.runs.values() if is_lesson(run) and "test_before" in (run.result or {})]
    if not runs:
        return "none", {}
    result = runs[-1].result
    named = {"higher": "better", "lower": "worse", "same": "same"}
    names = (
        "test_before",
        "test_after",
        "held_back_before",
        "held_back_after",
        "taught_before",
        "taught_after",
    )
    numbers = {name: result[name] for name in names}
    return named[compared(result["test_after"], result["test_before"])], numbers
