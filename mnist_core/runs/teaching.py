"""Teaches a trained network someone's handwriting, as a run of its own.

The run starts with another run's weights and trains on the visitor's digits mixed with MNIST images, so
that the network does not forget those. Its folder also holds:

    base.keras       the model to start with
    my-digits.npz    images uint8 (n, 28, 28), labels uint8 (n,): the digits when the run was started

Every fourth digit is held back, to show whether the network has learnt the handwriting or only the images.
"""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np

from mnist_core.data.mnist import Split
from mnist_core.language.messages import message, message_n
from mnist_core.recipes.recipe import AUGMENTATIONS, Recipe
from mnist_core.recipes.words import TAUGHT, title
from mnist_core.runs.run import Run

BASE, MINE = "base.keras", "my-digits.npz"
FEWEST = 10
EPOCHS = 4
NUM_MNIST = 6000  # images of MNIST's training set that are mixed in
SHARE = 0.25  # of all images that are the visitor's own; each is repeated as often as needed
_HELD_BACK = 4


def lesson(base: Run, mine: Split) -> tuple[Recipe, dict[str, bytes]]:
    """The recipe and the files of a run that teaches `base` the digits `mine`.

    ValueError if there are fewer than FEWEST digits, or `base` has no model to start from.
    """
    if len(mine.labels) < FEWEST:
        missing = FEWEST - len(mine.labels)
        raise ValueError(
            message_n(
                "At least {fewest} digits are needed. Draw one more.",
                "At least {fewest} digits are needed. Draw {number} more, of different digits.",
                missing,
                fewest=FEWEST,
            )
        )
    try:
        model = base.intact(base.model_path).read_bytes()
    except FileNotFoundError as error:
        raise ValueError(
            message("{title} has no model to start from: choose another.", title=title(base.recipe))
        ) from error
    file = io.BytesIO()
    np.savez_compressed(file, images=mine.images, labels=mine.labels)
    recipe = replace(
        base.recipe,
        name="taught",
        title=TAUGHT.format(title=base.recipe.title[:36]),
        shows="A network that goes on learning with somebody's own digits.",
        optimizer="adam",
        learning_rate=5e-4,
        schedule="cosine",
        batch_size=64,
        epochs=EPOCHS,
        validation=None,  # it can take longer than an epoch; accuracy is measured before and after anyway
        weight_decay=0.0,
        label_smoothing=0.0,
        ema_momentum=0.0,
        augmentation=AUGMENTATIONS["affine"] if base.recipe.scaling else None,
        other_handwriting=False,
        num_images=NUM_MNIST,
        patience=0,
        published=None,
    )
    return recipe, {BASE: model, MINE: file.getvalue()}


def is_lesson(run: Run) -> bool:
    return (run.folder / MINE).exists()


def digits_of(run: Run) -> tuple[Split, Split]:
    """The digits that are taught and those that are held back."""
    split = _load(run.intact(run.folder / MINE))
    order = np.argsort(split.labels, kind="stable")  # so that a fourth of each digit is held back
    held_back = np.zeros(len(order), bool)
    held_back[order[_HELD_BACK - 1 :: _HELD_BACK]] = True
    taught = Split(split.images[~held_back], split.labels[~held_back])
    return taught, Split(split.images[held_back], split.labels[held_back])


def mixed(mnist: Split, mine: Split) -> Split:
    """MNIST's images followed by the visitor's, repeated until they are about SHARE of all."""
    times = max(1, round(len(mnist.labels) * SHARE / (1 - SHARE) / len(mine.labels)))
    images = np.concatenate([mnist.images, *[mine.images] * times])
    return Split(images, np.concatenate([mnist.labels, *[mine.labels] * times]))


def _load(path: Path) -> Split:
    with np.load(path, allow_pickle=False) as file:
        return Split(file["images"], file["labels"])
