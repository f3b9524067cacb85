"""Readings of a network's answers: to the test set, to one image, to images that were moved."""

import numpy as np

from mnist_core.evaluation.crowd import doubtful
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.lessons.curve_readings import published
from mnist_core.lessons.evidence import Evidence, Numbers, Reading, nearest
from mnist_core.lessons.run_readings import compared
from mnist_core.runs.run import Run

SHIFT = 4  # pixels


def test_accuracy(evidence: Evidence) -> Reading:
    """The test accuracy: the option that is nearest to it."""
    numbers = _figures(evidence)
    return nearest(numbers["accuracy"], evidence.options), numbers


def test_errors(evidence: Evidence) -> Reading:
    """The number of errors on the test set: the option that is nearest to it."""
    numbers = _figures(evidence)
    return nearest(numbers["errors"], evidence.options), numbers


def _figures(evidence: Evidence) -> Numbers:
    answers = evidence.evaluation(evidence.run)
    figures = {"accuracy": answers.accuracy, "loss": answers.loss, "errors": answers.num_errors}
    return {**figures, "images": len(answers.labels), **published(evidence.run.recipe)}


def beside_published(evidence: Evidence) -> Reading:
    """Whether the test accuracy is "higher", "lower" or the "same" as the published one."""
    numbers = _figures(evidence)
    return compared(numbers["accuracy"], numbers["published"]), numbers


def answer(evidence: Evidence) -> Reading:
    """Whether the run reads the step's image as its label says: "right" or "wrong"; "drawn" for a drawing."""
    read = evidence.probabilities(evidence.run, evidence.pixels[None])[0]
    second, first = (int(place) for place in read.argsort()[-2:])
    numbers = {
        "index": evidence.image,
        "first": first,
        "second": second,
        "share": float(read[first]),
        "second_share": float(read[second]),
        "sum": float(read.sum()),
    }
    if evidence.drawn is not None:
        return "drawn", numbers
    digit = int(evidence.dataset.test.labels[evidence.image])
    return ("right" if first == digit else "wrong"), numbers | {"digit": digit}


def one_digit(evidence: Evidence) -> Reading:
    """The counts of the digit with the lowest recall, and the measures that follow from them."""
    rows = evidence.evaluation(evidence.run).per_digit()
    return "", counts_of(evidence.evaluation(evidence.run), int(rows.recall.argmin()))


def counts_of(answers: Evaluation, digit: int) -> Numbers:
    """True and false positives and negatives of one digit, and accuracy, precision and recall from them."""
    row = answers.per_digit().loc[digit]
    hits, strays, missed = (int(row[n]) for n in ("true_positives", "false_positives", "false_negatives"))
    rest = len(answers.labels) - hits - strays - missed
    numbers = {"digit": digit, "tp": hits, "fp": strays, "fn": missed, "tn": rest, "all": len(answers.labels)}
    rates = {"accuracy": (hits + rest) / len(answers.labels), "precision": row.precision, "recall": row.recall}
    return numbers | {name: float(rate) for name, rate in rates.items()}


def digit_misread(evidence: Evidence) -> Reading:
    """The digit that is misread most often, and the most frequent confusion; "perfect" without errors."""
    answers = evidence.evaluation(evidence.run)
    if not answers.num_errors:
        return "perfect", {}
    missed = answers.per_digit().false_negatives
    true, predicted, count = answers.confused_pairs()[0]
    digit = int(missed.argmax())
    numbers = {"digit": digit, "missed": int(missed.max()), "errors": answers.num_errors}
    return f"{digit}", numbers | {"true": true, "predicted": predicted, "count": count}


def crowd(evidence: Evidence) -> Reading:
    """How many of the errors are images whose label people doubted: "none", "some" or "most"; "unasked" if the
    data is not MNIST."""
    answers = evidence.evaluation(evidence.run)
    doubted = doubtful(evidence.dataset)
    if not len(doubted):
        return "unasked", {}
    wrong = int((answers.predictions != answers.labels)[doubted].sum())
    outcome = "none" if not wrong else "most" if wrong > answers.num_errors / 2 else "some"
    return outcome, {"wrong": wrong, "errors": answers.num_errors, "doubted": len(doubted)}


def shifted(images: np.ndarray, down: int, right: int) -> np.ndarray:
    """uint8 (n, 28, 28), moved by whole pixels; what comes in from outside is black."""
    moved = np.roll(images, (down, right), axis=(1, 2))
    moved[:, : max(down, 0)] = moved[:, 28 + min(down, 0) :] = 0
    moved[:, :, : max(right, 0)] = moved[:, :, 28 + min(right, 0) :] = 0
    return moved


def after_shift(evidence: Evidence, run: Run, pixels: int, number: int = 1000) -> float:
    """The run's accuracy, 0..1, on the first test images, each moved right by `pixels`."""
    images, labels = (array[:number] for array in evidence.dataset.test)
    read = evidence.probabilities(run, shifted(images, 0, pixels))
    return float(np.mean(read.argmax(1) == labels))


def shift(evidence: Evidence) -> Reading:
    """Which of two runs keeps more of its accuracy when the digits are moved: "first" or "second"."""
    first, second = list(evidence.runs.values())[:2]
    found = {
        f"{name}_{when}": after_shift(evidence, run, pixels)
        for name, run in (("first", first), ("second", second))
        for when, pixels in (("before", 0), ("after", SHIFT))
    }
    kept = max(("first", "second"), key=lambda name: found[f"{name}_after"])
    return kept, found | {"pixels": SHIFT}
