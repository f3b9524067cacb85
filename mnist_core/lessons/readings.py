"""What a step reads from its runs and images: an outcome, which says whether a guess was right, and numbers.

READINGS has them by name. Each is a function of the evidence; its outcome is an option of the step's question.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from mnist_core.data.mnist import Dataset
from mnist_core.evaluation.crowd import doubtful
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.language.messages import message
from mnist_core.recipes.network import summary
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs.beside import history_of
from mnist_core.runs.run import Run
from mnist_core.runs.teaching import is_lesson

SAME_ACCURACY = 0.002  # two accuracies that differ by less are called equal
FALLS = 0.98  # val_loss still falls if it gets below this share of its former lowest value
JUMP = 0.03  # a fall in accuracy from one epoch to the next that is called a jump
SHIFT = 4  # pixels
Numbers = dict[str, Any]
Reading = tuple[str, Numbers]


@dataclass(frozen=True)
class Evidence:
    """What a step has to read from.

    `recipe` is that of the lesson's first training, `runs` are the step's finished runs by the lesson's names.
    `image` is the index of the image that the step is about, `drawn` what was drawn instead of it: uint8
    (28, 28). `options` are those of the step's question. `probabilities` gives a run's float32 (n, 10) for
    images uint8 (n, 28, 28), `evaluation` its answers on the test set.
    """

    dataset: Dataset
    recipe: Recipe | None
    runs: Mapping[str, Run]
    probabilities: Callable[[Run, np.ndarray], np.ndarray]
    evaluation: Callable[[Run], Evaluation]
    image: int = 0
    options: Sequence[str] = ()
    drawn: np.ndarray | None = field(default=None, compare=False)

    @property
    def run(self) -> Run:
        """The step's only run, or its last."""
        return list(self.runs.values())[-1]

    @property
    def ends(self) -> list[Numbers]:
        """The metrics rows at the ends of the run's epochs."""
        return ends(self.run)

    @property
    def pixels(self) -> np.ndarray:
        """The image that the step is about: uint8 (28, 28), drawn by the visitor or of the test set."""
        return self.dataset.test.images[self.image] if self.drawn is None else self.drawn


def ends(run: Run) -> list[Numbers]:
    """The metrics rows at the ends of a run's epochs, NaN for what is not a number. ValueError without one."""
    rows = [row for row in run.metrics() if "end" in row]
    if not rows:
        raise ValueError(message("This run has not finished an epoch."))
    return [{name: math.nan if value is None else value for name, value in row.items()} for row in rows]


def nearest(value: float, options: Sequence[str]) -> str:
    """The option, a number, that is nearest to `value`; "" without options."""
    return min(options, key=lambda option: abs(float(option) - value), default="")


def arrays(evidence: Evidence) -> Reading:
    """The sizes of the data set."""
    numbers = {which: len(split.labels) for which, split in zip(("train", "test"), evidence.dataset)}
    return "", numbers | {"last": numbers["train"] - 1}


def label(evidence: Evidence) -> Reading:
    """The label of a training image, and its brightest pixel."""
    image, digit = (array[evidence.image] for array in evidence.dataset.train)
    return "", {"index": evidence.image, "digit": int(digit), "brightest": int(image.max())}


def ones(evidence: Evidence) -> Reading:
    """How many of the first fifteen training images show a one."""
    first = evidence.dataset.train.labels[:15]
    count = int(np.sum(first == 1))
    return nearest(count, evidence.options), {"count": count, "digits": ", ".join(map(str, first))}


def most_frequent(evidence: Evidence) -> Reading:
    """Which digit has the most training images, and which the fewest."""
    counts = np.bincount(evidence.dataset.train.labels, minlength=10)
    most, fewest = int(counts.argmax()), int(counts.argmin())
    numbers = {"most": most, "fewest": fewest}
    return f"{most}", numbers | {"of_most": int(counts[most]), "of_fewest": int(counts[fewest])}


def parameters(evidence: Evidence) -> Reading:
    """The parameters of the lesson's first recipe: of each layer that has some, before the head, and in all."""
    rows = summary(evidence.recipe.layers)
    counts = [row.num_parameters for row in rows]
    flat = next(place for place, row in enumerate(rows) if not row.is_of_images)
    layers = {f"layer_{i}": count for i, count in enumerate((c for c in counts if c), 1)}
    return "", {"total": sum(counts), "before_head": sum(counts[:flat]), **layers}


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
        **_published(evidence.run.recipe),
    }


def _published(recipe: Recipe) -> Numbers:
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
    return {**figures, "images": len(answers.labels), **_published(evidence.run.recipe)}


def beside_published(evidence: Evidence) -> Reading:
    """Whether the test accuracy is "higher", "lower" or the "same" as the published one."""
    numbers = _figures(evidence)
    return _compared(numbers["accuracy"], numbers["published"]), numbers


def _compared(value: float, other: float) -> str:
    if abs(value - other) < SAME_ACCURACY:
        return "same"
    return "higher" if value > other else "lower"


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
        **_published(evidence.run.recipe),
    }


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


def second_run(evidence: Evidence) -> Reading:
    """The second run's accuracy beside the first one's: "higher", "lower" or "same"."""
    first, second = list(evidence.runs.values())[:2]
    before, after = accuracy(first), accuracy(second)
    numbers = {"before": before, "after": after, "difference": abs(after - before)}
    for place, run in enumerate((first, second), 1):
        numbers |= {f"{name}_{place}": value for name, value in _published(run.recipe).items()}
    return _compared(after, before), numbers


def accuracy(run: Run) -> float:
    """A finished run's test accuracy, 0..1."""
    return run.result["test_accuracy"]


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


def early_stopping(evidence: Evidence) -> Reading:
    """What early stopping cost: "higher", "lower" or the "same" accuracy, and the epochs it spared."""
    outcome, numbers = second_run(evidence)
    whole, early = list(evidence.runs.values())[:2]
    seconds = {"seconds": whole.result["seconds"], "early_seconds": early.result["seconds"]}
    return outcome, numbers | seconds | {"epochs": early.result["epochs"], "of": early.recipe.epochs}


def best_of(evidence: Evidence) -> Reading:
    """The learning rate of the run with the highest accuracy."""
    found = {run.recipe.learning_rate: accuracy(run) for run in evidence.runs.values()}
    best, worst = max(found, key=found.get), min(found, key=found.get)
    numbers = {"best": best, "accuracy": found[best], "worst": worst, "worst_accuracy": found[worst]}
    return nearest(best, evidence.options), numbers


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


def memorised(evidence: Evidence) -> Reading:
    """Whether the training images are known by heart: "heart" if their accuracy is far above val_accuracy,
    "both" if both are high, "neither" if it has not learnt its training images either."""
    _lower, numbers = gap(evidence)
    numbers["epochs"] = len(evidence.ends)
    if numbers["accuracy"] - numbers["val_accuracy"] > 0.03:
        return "heart", numbers
    return ("both" if numbers["accuracy"] > 0.8 else "neither"), numbers


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
    return named[_compared(result["test_after"], result["test_before"])], numbers


READINGS: dict[str, Callable[[Evidence], Reading]] = {
    reading.__name__: reading
    for reading in (
        arrays,
        label,
        ones,
        most_frequent,
        parameters,
        val_loss,
        lowest_val_loss,
        gap,
        training_below,
        test_accuracy,
        test_errors,
        beside_published,
        answer,
        jumps,
        one_digit,
        second_run,
        learnt,
        story,
        digit_misread,
        crowd,
        early_stopping,
        best_of,
        shift,
        memorised,
        taught,
    )
}
