"""A small run with batch normalization and copies of its weights, and its bundle."""

import io
import os
from dataclasses import replace
from pathlib import Path

from mnist_core.exchange import bundle as bundles
from mnist_core.recipes.layers import BatchNormalization, Conv2D, Dense, Flatten
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.run import Run
from mnist_core.runs.store import RunStore
from mnist_core.training.fill import train_run
from tests.conftest import small_standin

SMALL = replace(
    RECIPES["softmax"],
    name="small",
    title="A small convnet",
    layers=(
        Conv2D(3, 5, strides=3, activation="relu"),
        BatchNormalization(),
        Flatten(),
        Dense(10, "softmax"),
    ),
    epochs=2,
    batch_size=256,
)


def small_bundle(home: Path) -> tuple[Run, bytes]:
    """The run, trained in a store under `home`, and its bundle."""
    run = RunStore(home).create(SMALL, os.getpid())
    train_run(run, small_standin())
    file = io.BytesIO()
    bundles.write(run, small_standin(), file)
    return run, file.getvalue()
