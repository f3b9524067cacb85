"""How much faster our training loop is than Keras's `model.fit`, per epoch.

    python benchmarks/training.py [RECIPE ...] [--rounds N] [--precision bfloat16]

Both train the same network on the same MNIST images with the same batch size, one epoch each in turns, in one
process: `model.fit` as a tutorial calls it, on float32 images scaled beforehand, with accuracy as its metric.
Convnets use only the first 12,000 images. The first round, in which both compile, is not counted.
"""

import argparse
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import keras
import numpy as np

from mnist_core.data import sources
from mnist_core.data.mnist import Split
from mnist_core.recipes.layers import Conv2D
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.training import loop
from mnist_core.training.models import build, build_optimizer

DEFAULT = ("softmax", "mlp", "tuning-e", "chollet-cnn", "dropout-cnn")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("recipes", nargs="*", default=DEFAULT, metavar="RECIPE")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    args = parser.parse_args()
    train = sources.load().train
    print("seconds an epoch, medians  model.fit    ours   ratio (lowest to highest)")
    for name in args.recipes:
        recipe = RECIPES[name]
        small = any(isinstance(layer, Conv2D) for layer in recipe.layers)
        some = Split(train.images[:12_000], train.labels[:12_000]) if small else train
        theirs, ours = alternate(recipe, some, args.rounds, args.precision)
        ratios = [a / b for a, b in zip(theirs, ours)]
        times = f"{statistics.median(theirs):9.2f}  {statistics.median(ours):6.2f}"
        print(f"{name:25} {times}  {statistics.median(ratios):6.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


def alternate(recipe: Recipe, train: Split, rounds: int, precision: str) -> tuple[list[float], list[float]]:
    """Seconds of each epoch with model.fit and with our loop, a pair a round."""
    epochs = rounds + 1
    keras_epoch = keras_fit(replace(recipe, precision="float32", epochs=epochs), train)
    theirs, ours = [], []
    begin = time.perf_counter()

    def report(row: dict[str, Any]) -> None:
        nonlocal begin
        if "end" in row:  # our loop waits here for an epoch of model.fit
            ours.append(time.perf_counter() - begin)
            theirs.append(keras_epoch())
            begin = time.perf_counter()

    settings = {"precision": precision, "schedule": "constant", "weight_decay": 0.0}
    loop.fit(replace(recipe, epochs=epochs, **settings), train, None, report)
    return theirs[1:], ours[1:]


def keras_fit(recipe: Recipe, train: Split) -> Any:
    """A function that trains one epoch with model.fit and returns the seconds it took."""
    built = build(replace(recipe, scaling=False))
    model = keras.Sequential([keras.Input((28, 28)), *built.layers[1:]])  # without the Rescaling
    model.compile(build_optimizer(recipe, 1), "categorical_crossentropy", metrics=["accuracy"])
    images = train.images.astype(np.float32) / (255 if recipe.scaling else 1)
    labels = keras.utils.to_categorical(train.labels, 10)

    def epoch() -> float:
        begin = time.perf_counter()
        model.fit(images, labels, batch_size=recipe.batch_size, epochs=1, verbose=0)
        return time.perf_counter() - begin

    return epoch


if __name__ == "__main__":
    main()
