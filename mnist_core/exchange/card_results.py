"""The part of a model card about the results: figures, confusion matrix, calibration, and where it fails."""

from collections.abc import Iterator

import numpy as np

from mnist_core.data.mnist import Split
from mnist_core.evaluation.calibration import calibration_error, reliability
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.exchange import card_pictures
from mnist_core.exchange.markdown import SVG, heading, inside, picture, table
from mnist_core.language.messages import _
from mnist_core.language.numbers import figure
from mnist_core.runs.run import Run

MOST_PAIRS, MOST_IMAGES = 6, 6  # confused pairs of digits, and images of each


def section(run: Run, answers: Evaluation, test: Split | None) -> Iterator[str]:
    """`test` holds the images of the test set, None where they are not there."""
    yield heading(2, _("Evaluation results"))
    if not np.isfinite(answers.probabilities).all():
        yield _("Its answers are not numbers, because its training diverged.")
        return
    yield _figures(answers)
    yield heading(3, _("Each digit"))
    yield _per_digit(answers)
    yield heading(3, _("Confusion matrix"))
    yield _("Rows are true digits, columns are what they were read as.")
    yield _matrix(answers)
    yield heading(3, _("Calibration"))
    yield from _calibration(answers)
    yield heading(3, _("Where it fails"))
    yield from _failures(answers, test)
    yield from _taught(run)


def _figures(answers: Evaluation) -> str:
    low, high = answers.interval
    rows = (
        (_("Test images"), figure(len(answers.labels), ",d")),
        (_("Accuracy"), figure(answers.accuracy, ".2%")),
        (_("95% interval (Wilson)"), _("{low:.2%} to {high:.2%}", low=low, high=high)),
        (_("Errors"), figure(answers.num_errors, ",d")),
        (_("Loss (cross-entropy)"), figure(answers.loss, ".4f")),
        (_("Calibration error"), figure(calibration_error(answers), ".4f")),
    )
    return table((_("Figure"), _("Value")), rows, right=1)


def _per_digit(answers: Evaluation) -> str:
    rows = [
        (row.Index, *(figure(value, ".2%") for value in (row.precision, row.recall, row.f1)), f"{row.support}")
        for row in answers.per_digit().itertuples()
    ]
    return table((_("Digit"), _("Precision"), _("Recall"), _("F1"), _("Images")), rows, right=1)


def _matrix(answers: Evaluation) -> str:
    rows = []
    for digit, counts in enumerate(answers.confusion_matrix):
        cells = [f"{count}" if column != digit else f"**{count}**" for column, count in enumerate(counts)]
        rows.append((f"**{digit}**", *(cell if cell != "0" else "·" for cell in cells)))
    return table(("", *map(str, range(10))), rows, right=1)


def _calibration(answers: Evaluation) -> Iterator[str]:
    yield _(
        "How often it is right, by how sure it is. Larger points stand for more images. The expected "
        "calibration error is {error:.4f}.",
        error=calibration_error(answers),
    )
    bins = reliability(answers)
    drawn = card_pictures.reliability(list(zip(bins.confidence, bins.accuracy)), bins.number)
    yield inside(drawn.encode(), SVG, _("Accuracy by confidence; the dashed line is ideal"))
    rows = [
        (figure(row.confidence, ".1%"), figure(row.accuracy, ".1%"), figure(row.number, ",d"), row.errors)
        for row in bins.itertuples()
    ]
    yield table((_("Mean confidence"), _("Accuracy"), _("Images"), _("Errors")), rows, right=0)


def _failures(answers: Evaluation, test: Split | None) -> Iterator[str]:
    pairs = answers.confused_pairs()[:MOST_PAIRS]
    if not pairs:
        yield _("It made no error on these images.")
        return
    yield _("The pairs that it confuses most often, with those images first of which it was surest.")
    headings = (_("True digit"), _("Read as"), _("Errors"), *((_("Images"),) if test else ()))
    yield table(headings, [_pair(answers, test, *pair) for pair in pairs])


def _pair(answers: Evaluation, test: Split | None, true: int, read: int, count: int) -> tuple[object, ...]:
    if test is None:
        return true, read, count
    among = (answers.labels == true) & (answers.predictions == read)
    shown = answers.select(among, order="confidence")[:MOST_IMAGES]
    numbers = ", ".join(map(str, shown))
    alt = _("Test images {numbers}: {true}, read as {predicted}", numbers=numbers, true=true, predicted=read)
    return true, read, count, picture(test.images[shown], alt)


def _taught(run: Run) -> Iterator[str]:
    """What teaching it somebody's own digits changed, where the run is such a one."""
    result = run.result
    if result.get("held_back_after") is None:
        return
    yield heading(3, _("Digits drawn with a pen"))
    yield _(
        "It was taught somebody's own digits. Every fourth one was held back, so that it had never seen it."
    )
    kinds = (
        (_("the digits that were taught"), "taught"),
        (_("the digits that were held back"), "held_back"),
        (_("test images"), "test"),
    )
    rows = [
        (word, *(figure(result[f"{key}_{when}"], ".1%") for when in ("before", "after"))) for word, key in kinds
    ]
    yield table((_("Accuracy on"), _("before"), _("after")), rows, right=1)
