"""The way in from a notebook or a program of one's own: `from mnist_core import api` (see docs/api.md).

A run is given by itself or by its id. Images are uint8, white ink on black: (28, 28) or (n, 28, 28).
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mnist_core.data import sources
from mnist_core.data.mnist import Dataset
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.exchange import formats
from mnist_core.home import home
from mnist_core.language.messages import message
from mnist_core.preprocessing import preprocess
from mnist_core.preprocessing.photo import find_in_picture
from mnist_core.preprocessing.photo_file import open_image
from mnist_core.preprocessing.preprocess import Stroke
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.attempt import Heartbeat
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.run import Run
from mnist_core.runs.store import STARTER, RunStore


def data() -> Dataset:
    """MNIST, downloaded once: `train` and `test`, each with `images` and `labels`; else stand-in digits."""
    return sources.load()


def runs() -> list[Run]:
    """All runs, the newest first, without the starter."""
    return RunStore(home()).list()


def load(run_id: str = STARTER) -> Run:
    """The run with this id. RunError if there is none."""
    return RunStore(home()).get(run_id)


def train(recipe: str | Recipe = "fast", **changes: Any) -> Run:
    """Train a recipe here, with changes such as `epochs=1`, print each epoch, and return the run.

    `recipe` is a name of recipes/table.py, or a Recipe. The app lists the run, too, and can resume one
    that was interrupted from its last checkpoint. ValueError for an unknown name or a value out of bounds.
    """
    if isinstance(recipe, str):
        if recipe not in RECIPES:
            names = ", ".join(RECIPES)
            raise ValueError(
                message("There is no recipe {name!r}; there are {names}.", name=recipe, names=names)
            )
        recipe = RECIPES[recipe]
    planned = replace(recipe, **changes)
    from mnist_core.training.fill import epoch_line, train_run

    run = RunStore(home()).create(planned, os.getpid())
    with Heartbeat(run.folder) as heartbeat:

        def seen(row: dict[str, Any]) -> None:
            heartbeat.heard()
            if "end" in row:
                print(epoch_line(row, planned.epochs))

        try:
            train_run(run, data(), seen)
        except KeyboardInterrupt:
            run.ask_to_stop()  # so that it counts as stopped, not as failed
            raise
    return run


def probabilities(run: Run | str, images: np.ndarray) -> np.ndarray:
    """The ten probabilities of each image: float32 (n, 10), or (10,) for one image."""
    images = np.asarray(images)
    found = Classifier.load(_run(run)).probabilities(images.reshape(-1, *images.shape[-2:]))
    return found if images.ndim == 3 else found[0]


def from_strokes(strokes: Sequence[Stroke]) -> np.ndarray:
    """The image of pen strokes, lists of (x, y) with y down: uint8 (28, 28). DrawingError without strokes."""
    image = preprocess.from_strokes(strokes)
    if image is None:
        raise preprocess.DrawingError(message("There are no strokes."))
    return image


def from_image(picture: str | os.PathLike | Image.Image) -> np.ndarray:
    """The digits in a picture or its file, row by row: uint8 (n, 28, 28); n is 0 where there are none.

    Touching digits are told apart by the starter. DrawingError if the picture cannot be read.
    """
    if not isinstance(picture, Image.Image):
        with open(picture, "rb") as file:
            picture = open_image(file)
    found = find_in_picture(picture, Classifier.load(load()).probabilities)
    images = [digit.image() for digit in found.digits]
    return np.stack(images) if images else np.empty((0, 28, 28), np.uint8)


def evaluation(run: Run | str) -> Evaluation:
    """What the run does on the test set, as it was measured after its training. ValueError without one."""
    run = _run(run)
    return Evaluation.load(run.intact(run.evaluation_path))


def export(run: Run | str, format_name: str, path: str | os.PathLike) -> dict[str, Any]:
    """Write the run in one of exchange/formats.py's FORMATS to `path`.

    Returns `bytes`, and for "tflite-int8" also `accuracy` and `float_accuracy`. ValueError for an unknown
    format, or where a package is missing; RunError if the run lacks what the format holds.
    """
    run, path = _run(run), Path(path)
    if format_name not in formats.FORMATS:
        names = ", ".join(formats.FORMATS)
        raise ValueError(
            message("There is no format {name!r}; there are {names}.", name=format_name, names=names)
        )
    if problem := formats.missing(format_name):
        raise ValueError(problem)
    if formats.FORMATS[format_name].needs_tensorflow:
        from mnist_core.export import in_a_process

        content, answer = in_a_process(run, format_name)
        path.write_bytes(content)
        return answer
    content = formats.content(format_name, run, sources.load(download=False))
    return {"bytes": path.write_bytes(content)}


def _run(run: Run | str) -> Run:
    return load(run) if isinstance(run, str) else run
