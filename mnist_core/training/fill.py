"""Trains a run's recipe and writes everything that the run's folder then holds."""

import errno
import json
import math
import os
import sys
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TextIO

import keras
import numpy as np
import tensorflow as tf

from mnist_core.data.mnist import Dataset, Split
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.language.catalogues import ENGLISH, using
from mnist_core.language.messages import message
from mnist_core.recipes.precision import precision
from mnist_core.recipes.recipe import HELD_OUT, Recipe
from mnist_core.runs import pen, teaching, weights, words
from mnist_core.runs.errors import RunError
from mnist_core.runs.run import Run
from mnist_core.training import inference, loop
from mnist_core.training.checkpoint import OtherImages
from mnist_core.training.temperature import set_temperature

Row = dict[str, Any]


def train_run(
    run: Run,
    dataset: Dataset,
    seen: Callable[[Row], None] = lambda row: None,
    live: bool = True,
    training: loop.Training | None = None,
) -> dict[str, Any]:
    """Train the run's recipe, fill its folder, and return the content of result.json.

    `seen` also receives each metrics row, and an empty one before the model and the result are written: what it
    raises ends the training. With `live` False only the rows at the ends of epochs are
    kept. `training` is one that was prepared for this recipe and data. If the run's stop file appears,
    training ends early and the weights so far are kept. OSError if the disk is full, RunError if memory
    ran out.
    """
    with (run.folder / "log.txt").open("a", encoding="utf-8") as log:
        try:
            return _train(run, dataset, seen, live, training, log)
        except Exception as error:
            with using(ENGLISH):
                traceback.print_exc(file=log)
            if isinstance(error, OtherImages):
                print(words.OTHER_IMAGES, file=log)
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                print(words.DISK_FULL, file=log)
            if words.tells_of_no_memory(f"{type(error).__name__}: {error}"):
                print(words.OUT_OF_MEMORY, file=log)
                raise RunError(message(words.OUT_OF_MEMORY)) from error
            raise


def _train(
    run: Run,
    dataset: Dataset,
    seen: Callable[[Row], None],
    live: bool,
    training: loop.Training | None,
    log: TextIO,
) -> dict[str, Any]:
    recipe = run.recipe
    train, validation, held_out = split_validation(recipe, dataset)
    besides = pen.digits_of(run)
    base = None
    if teaching.is_lesson(run):
        base = keras.saving.load_model(run.folder / teaching.BASE)
        train = teaching.mixed(train, teaching.digits_of(run)[0])
    first: Row = {}
    source = "MNIST" if dataset.is_mnist else "the stand-in set"
    prepared = ", prepared beforehand" if training else ""
    print(f"{recipe.name}: {len(train.labels):,} images from {source}{prepared}", file=log, flush=True)

    with _Metrics(run) as metrics:
        # If only result.json is missing, no further rows will be reported.
        last: Row = {"epoch": 0, "step": 0, "seconds": 0.0} | metrics.earlier

        def report(row: Row) -> None:
            last.update(row)
            if "loss" in row:
                first.update(first or row)
            if live or "end" in row or "stopped" in row:
                metrics.write(row)
            if "end" in row:
                print(epoch_line(row, recipe.epochs), file=log, flush=True)
            seen(row)

        path = run.checkpoint_path if live else None
        training = training or loop.Training(recipe, train, base, besides)
        model = training.run(validation, report, lambda: run.stop_asked, path, partial(_keep_weights, run))
    temperature = set_temperature(model, held_out) if len(held_out.labels) else 1.0
    if live or temperature != 1.0:  # so that the last copy matches the saved model
        _keep_weights(run, max(1, last["epoch"]), model, is_last=True)
    seconds = last["seconds"]
    seen({})
    save_model(model, run)
    evaluation = Evaluation(inference.predict(model, dataset.test.images), dataset.test.labels)
    evaluation.save(run.evaluation_path)
    result = {
        "status": "stopped" if "stopped" in last else "finished",
        "recipe": recipe.name,
        "seed": recipe.seed,
        "epochs": last["epoch"],
        "steps": last["step"],
        "test_accuracy": evaluation.accuracy,
        "test_loss": finite(evaluation.loss),
        "seconds": round(seconds, 2),
        "seconds_per_step": _pace(first, last),
        "precision": precision(recipe.precision),
        "parameters": model.count_params(),
        "temperature": round(temperature, 4),
        "pen_digits": len(besides.labels) if besides else 0,
        "is_mnist": dataset.is_mnist,
        **(_lesson_learnt(run, base, model, dataset.test, evaluation.accuracy) if base else {}),
        "versions": {"keras": keras.__version__, "tensorflow": tf.__version__},
    }
    print(f"test accuracy {evaluation.accuracy:.4f} after {seconds:.1f} s of training", file=log, flush=True)
    seen({})
    return run.complete(result)


def _lesson_learnt(run: Run, base: keras.Model, model: keras.Model, test: Split, test_after: float) -> Row:
    """Accuracies before and after: on the taught digits, on those held back, and on the test set."""

    def accuracy(network: keras.Model, split: Split) -> float:
        return float(np.mean(inference.predict(network, split.images).argmax(1) == split.labels))

    row = {"test_before": accuracy(base, test), "test_after": test_after}
    for name, split in zip(("taught", "held_back"), teaching.digits_of(run)):
        row |= {f"{name}_before": accuracy(base, split), f"{name}_after": accuracy(model, split)}
    return row


def _keep_weights(run: Run, epoch: int, model: keras.Model, is_last: bool = False) -> None:
    """Keep a copy of the weights after each epoch: the pages show them while the run trains."""
    kept = weights.kept_epochs(run.recipe.epochs, model.count_params())
    try:
        arrays = [weight.numpy() for weight in model.weights]
        weights.replace_newest(run.weights_path, epoch, arrays, kept)
    except OSError as error:  # such as a full disk, which need not end the training
        print(f"No copy of the weights was saved: {error}", file=sys.stderr, flush=True)
    if is_last:
        weights.thin_out(run.weights_path, run.recipe.epochs, epoch)


class _Metrics:
    """metrics.jsonl: a new file for a new training, continued after a resume."""

    def __init__(self, run: Run) -> None:
        self._path = run.folder / "metrics.jsonl"
        self._rows = [row for row in run.metrics() if "loss" in row]
        self._file: TextIO | None = None

    @property
    def earlier(self) -> Row:
        """The last row of an earlier attempt at this run; empty if there is none."""
        return self._rows[-1] if self._rows else {}

    def __enter__(self) -> "_Metrics":
        return self

    def write(self, row: Row) -> None:
        if self._file is None:
            self._file = self._begin(row.get("step", math.inf))
        self._file.write(_line(row))
        self._file.flush()

    def __exit__(self, *_: object) -> None:
        if self._file:
            os.fsync(self._file.fileno())
            self._file.close()

    def _begin(self, step: float) -> TextIO:
        """Open the file with only the rows before `step`: later steps are repeated from the checkpoint."""
        part = self._path.with_stem("unfinished")
        kept = (row for row in self._rows if row["step"] < step)
        part.write_text("".join(map(_line, kept)), "utf-8")
        os.replace(part, self._path)
        return self._path.open("a", encoding="utf-8")


def _line(row: Row) -> str:
    return json.dumps({key: finite(value) for key, value in row.items()}) + "\n"


class Parts(NamedTuple):
    """A recipe's parts of the dataset; `held_out` is for fitting a temperature, and often empty."""

    train: Split
    validation: Split | None
    held_out: Split


def split_validation(recipe: Recipe, dataset: Dataset) -> Parts:
    """Training and validation images as the recipe says; a share means the last images, as in Keras.

    With label smoothing the last twelfth of the remaining images, 5,000 of 60,000, is held out.
    """
    train, validation = dataset.train[: recipe.num_images], None
    if recipe.shuffled_labels:
        labels = np.random.default_rng(recipe.seed).permutation(train.labels)
        train = Split(train.images, labels)
    if recipe.validation == "test":
        validation = dataset.test
    elif recipe.validation:
        cut = math.floor(len(train.labels) * (1 - recipe.validation))
        train, validation = train[:cut], train[cut:]
    cut = len(train.labels) - (len(train.labels) // HELD_OUT if recipe.label_smoothing else 0)
    return Parts(train[:cut], validation, train[cut:])


def _pace(first: Row, last: Row) -> float | None:
    """Seconds per step after the first row, which is mostly compiling; None if there is no other."""
    steps = last["step"] - first.get("step", last["step"])
    return (last["seconds"] - first["seconds"]) / steps if steps else None


def save_model(model: keras.Model, run: Run) -> None:
    """Write model.keras and, from the same weights, model.tflite; each is written beside and renamed."""
    for path, save in (
        (run.model_path, model.save),
        (run.lite_path, lambda part: model.export(part, format="litert", verbose=False)),
    ):
        part = path.with_stem("unfinished")
        save(part)
        os.replace(part, path)


def finite(value: Any) -> Any:
    """JSON has no NaN: a loss that is not finite becomes null."""
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value


def epoch_line(row: Row, epochs: int) -> str:
    """The metrics at an epoch's end, as one line for a log or a terminal."""
    is_plain = math.isclose(row["loss"], row["cross_entropy"], rel_tol=1e-4)
    names = ("loss", *(() if is_plain else ("cross_entropy",)), "accuracy", "val_loss", "val_accuracy")
    figures = "  ".join(f"{name} {row[name]:.4f}" for name in names if name in row)
    return f"epoch {row['epoch']}/{epochs}  {row['seconds']:.1f} s  {figures}"
