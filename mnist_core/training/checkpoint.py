"""A training's complete state at one step, from which it continues as if it had never stopped.

    checkpoint.npz     position: epoch (from 1), step within it, seconds of training so far,
                       loss and hits (Sums) of the epoch so far, lowest val_loss, epochs since then,
                       cross_entropy and digits (Sums); the last two may be missing
                       images: a checksum of the training images' labels, which tells MNIST from the
                       stand-in set; older versions wrote none
                       arr_0, arr_1, ...: the variables of the model, the optimizer and the weight average
    checkpoint-1.npz   the previous one, in case the newer one is damaged

The order of the images and their augmentation follow from the recipe's seed, the epoch and the step;
dropout's random state is a variable of the model.
"""

import math
import os
import tempfile
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mnist_core.language.messages import message
from mnist_core.runs import words
from mnist_core.runs.errors import RunError


class Sums(NamedTuple):
    """Sums over some images: loss and hits, then of those that are digits the cross-entropy and the count."""

    loss: float
    hits: float
    cross_entropy: float
    digits: float


@dataclass(frozen=True)
class Position:
    """A training's position: the next step is `step` (from 0) of `epoch` (from 1)."""

    epoch: int = 1
    step: int = 0
    seconds: float = 0.0
    loss: float = 0.0
    hits: float = 0.0
    best: float = math.inf
    waited: float = 0
    cross_entropy: float = 0.0
    digits: float = 0.0

    @property
    def sums(self) -> Sums:
        """The sums of the epoch so far."""
        return Sums(self.loss, self.hits, self.cross_entropy, self.digits)

    def after(self, step: int, sums: Sums) -> "Position":
        """The position at `step`, with the `sums` of the steps since this one added."""
        added = {name: getattr(self, name) + value for name, value in sums._asdict().items()}
        return replace(self, step=step, **added)


class OtherImages(RunError):
    """The checkpoint was made with other training images."""


def save(path: Path, position: Position, variables: Sequence[np.ndarray], images: int = 0) -> None:
    """Write a checkpoint in one step and keep the previous one. After an OSError both are unchanged.

    `images` is a checksum of the training images, from 1; 0 if it does not matter.
    """
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
        try:
            np.savez(file, *variables, position=np.array(astuple(position)), images=np.uint32(images))
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            os.unlink(file.name)  # a full disk: only this checkpoint is lost
            raise
    if path.exists():
        os.replace(path, _before(path))
    os.replace(file.name, path)


def load(
    path: Path, shapes: Sequence[tuple[int, ...]], images: int = 0
) -> tuple[Position, list[np.ndarray]] | None:
    """The newest undamaged checkpoint whose variables have these shapes; None if there is none.

    OtherImages if it was made with other `images` than these.
    """
    for candidate in (path, _before(path)):
        try:
            with np.load(candidate, allow_pickle=False) as file:
                variables = [file[f"arr_{i}"] for i in range(len(shapes))]
                epoch, step, *figures = file["position"].tolist()
                made_with = int(file["images"]) if "images" in file else 0
        except Exception:  # missing, or damaged in one of many ways
            continue
        if [variable.shape for variable in variables] == list(shapes):
            if images and made_with and images != made_with:
                raise OtherImages(message(words.OTHER_IMAGES))
            return Position(int(epoch), int(step), *figures), variables
    return None


def _before(path: Path) -> Path:
    return path.with_stem(f"{path.stem}-1")
