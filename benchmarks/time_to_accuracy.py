"""Seconds of training until the test accuracy first reaches 99.0, 99.4 and 99.6 %.

    python benchmarks/time_to_accuracy.py [ENTRANT ...] [--seeds 3]

Entrants: our recipes by name; `keras`: plain model.fit on chollet-cnn; `pytorch`: the network and schedule of
PyTorch's official MNIST example (Adadelta, learning rate 1.0 multiplied by 0.7 each epoch, batches of 64; needs
torch); `sklearn`: scikit-learn's MLPClassifier with 100 hidden units (needs scikit-learn). Imports and loading
the data do not count, compiling does, evaluation does not. Entrants take turns, seed by seed, and measure the
test accuracy after each epoch. Those that are not ours end at 99.0 % or after ten epochs.
"""

import argparse
import importlib.util
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import keras
import numpy as np

from mnist_core.data import sources
from mnist_core.data.mnist import Dataset
from mnist_core.recipes.table import RECIPES
from mnist_core.training import inference, loop
from mnist_core.training.fill import split_validation
from mnist_core.training.models import build, build_optimizer

TARGETS = (0.990, 0.994, 0.996)
Curve = list[tuple[float, float]]  # (seconds of training, test accuracy) after each epoch


def main() -> None:
    rivals = {"keras": keras_fit, "pytorch": pytorch_example, "sklearn": sklearn_mlp}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("entrants", nargs="*", default=["fast", "sharp", "best", *rivals], metavar="ENTRANT")
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    if unknown := set(args.entrants) - {*RECIPES, *rivals}:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join([*RECIPES, *rivals])}")
    dataset = sources.load()
    assert dataset.is_mnist, "this needs real MNIST: set $MNIST_DIR to its folder"
    curves: dict[str, list[Curve]] = {name: [] for name in args.entrants}
    for seed in range(args.seeds):
        for name in args.entrants:
            curve = rivals[name](dataset, seed) if name in rivals else ours(name, dataset, seed)
            curves[name].append(curve)
            print(
                f"{name}, seed {seed}: {curve[-1][1]:.4f} after {curve[-1][0]:.1f} s",
                file=sys.stderr,
                flush=True,
            )
    print("| entrant | 99.0 % | 99.4 % | 99.6 % | accuracy at its end, mean (lowest) | seconds |")
    print("| --- | ---: | ---: | ---: | --- | ---: |")
    for name, of_seeds in curves.items():
        print(f"| `{name}` | {' | '.join(_cells(of_seeds))} |")


def _cells(curves: list[Curve]) -> Iterator[str]:
    for target in TARGETS:
        reached = [next((s for s, accuracy in curve if accuracy >= target), math.inf) for curve in curves]
        median = statistics.median(reached)
        yield f"{median:.1f} s" if math.isfinite(median) else "–"
    last = [curve[-1][1] for curve in curves]
    yield f"{statistics.mean(last):.4f} ({min(last):.4f})"
    yield f"{statistics.median(curve[-1][0] for curve in curves):.0f}"


def ours(name: str, dataset: Dataset, seed: int) -> Curve:
    """A recipe with our loop; the time of evaluating after each epoch is subtracted."""
    begin, evaluating, before = time.perf_counter(), 0.0, 0.0
    curve: Curve = []

    def report(row: dict) -> None:
        nonlocal evaluating, before
        now = time.perf_counter()
        if "end" in row:
            evaluating += now - before
            curve.append((now - begin - evaluating, row["val_accuracy"]))
        before = now

    recipe = replace(RECIPES[name], seed=seed)
    loop.fit(recipe, split_validation(recipe, dataset).train, dataset.test, report)
    return curve


def until_reached(epoch: Callable[[], None], accuracy: Callable[[], float], seconds: float) -> Curve:
    """Run epochs until the first target is reached; `seconds` were already used before."""
    curve: Curve = []
    while len(curve) < 10 and (not curve or curve[-1][1] < TARGETS[0]):
        begin = time.perf_counter()
        epoch()
        seconds += time.perf_counter() - begin
        curve.append((seconds, accuracy()))
    return curve


def keras_fit(dataset: Dataset, seed: int) -> Curve:
    recipe = replace(RECIPES["chollet-cnn"], seed=seed)
    begin = time.perf_counter()
    model = build(recipe)
    model.compile(build_optimizer(recipe, 1), "categorical_crossentropy", metrics=["accuracy"])
    images, labels = (
        dataset.train.images.astype(np.float32),
        keras.utils.to_categorical(dataset.train.labels, 10),
    )
    return until_reached(
        lambda: model.fit(images, labels, batch_size=recipe.batch_size, epochs=1, verbose=0),
        lambda: inference.evaluate(model, dataset.test)["val_accuracy"],
        time.perf_counter() - begin,
    )


def pytorch_example(dataset: Dataset, seed: int) -> Curve:
    assert importlib.util.find_spec("torch"), "pip install torch"
    import torch
    from torch import nn

    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25),
        nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10),
    )  # fmt: skip
    optimizer = torch.optim.Adadelta(model.parameters(), lr=1.0)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.7)

    def tensor(images: np.ndarray) -> torch.Tensor:
        return torch.from_numpy((images.astype(np.float32) / 255 - 0.1307) / 0.3081)[:, None]

    train, test = tensor(dataset.train.images), tensor(dataset.test.images)
    labels = torch.from_numpy(dataset.train.labels.astype(np.int64))

    def epoch() -> None:
        model.train()
        for index in torch.randperm(len(labels)).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(train[index]), labels[index]).backward()
            optimizer.step()
        scheduler.step()

    def accuracy() -> float:
        model.eval()
        with torch.no_grad():
            answers = torch.cat([model(batch).argmax(1) for batch in test.split(1000)]).numpy()
        return float((answers == dataset.test.labels).mean())

    return until_reached(epoch, accuracy, 0.0)


def sklearn_mlp(dataset: Dataset, seed: int) -> Curve:
    assert importlib.util.find_spec("sklearn"), "pip install scikit-learn"
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(random_state=seed)
    train, test = (
        split.images.reshape(-1, 784).astype(np.float32) / 255 for split in (dataset.train, dataset.test)
    )
    return until_reached(
        lambda: model.partial_fit(train, dataset.train.labels, classes=np.arange(10)),
        lambda: model.score(test, dataset.test.labels),
        0.0,
    )


if __name__ == "__main__":
    main()
