"""All published figures of the tutorials, reproduced in full trainings with three seeds.

    python benchmarks/reproduce.py [RECIPE ...] [--seeds 3]

Prints a table: published / ours / range.
"""

import argparse
import statistics
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from mnist_core.data import sources
from mnist_core.data.mnist import Dataset
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.training import inference, loop
from mnist_core.training.fill import split_validation


def main() -> None:
    published = [name for name, recipe in RECIPES.items() if recipe.published]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("recipes", nargs="*", default=published, metavar="RECIPE")
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    dataset = sources.load()
    assert dataset.is_mnist, "this needs real MNIST: set $MNIST_DIR to its folder"
    print(f"| recipe | epoch | published | ours, median of {args.seeds} seeds | range |")
    print("| --- | ---: | ---: | ---: | --- |", flush=True)
    for name in args.recipes:
        for line in _lines(RECIPES[name], dataset, args.seeds):
            print(line, flush=True)


def _lines(recipe: Recipe, dataset: Dataset, seeds: int) -> list[str]:
    """A table row for each published figure of the recipe."""
    curves = [curve_of(replace(recipe, seed=seed), dataset) for seed in range(seeds)]
    rows = []
    for epoch, accuracy in recipe.published.accuracies:
        ours = [curve[epoch] for curve in curves]
        spread = f"{min(ours):.4f} to {max(ours):.4f}"
        rows.append(
            f"| `{recipe.name}` | {epoch} | {accuracy:.4f} | {statistics.median(ours):.4f} | {spread} |"
        )
    return rows


def curve_of(recipe: Recipe, dataset: Dataset) -> dict[int, float]:
    """Test accuracy by epoch, after each published epoch and after the last."""
    train, held, _ = split_validation(recipe, dataset)
    rows: list[dict] = []
    # The published figures are on the test set, so a held-out share is only left out of training.
    is_test = held is dataset.test
    model = loop.fit(recipe, train, held if is_test else None, rows.append)
    curve = {row["epoch"]: row["val_accuracy"] for row in rows if "end" in row} if is_test else {}
    return curve | {recipe.epochs: inference.evaluate(model, dataset.test)["val_accuracy"]}


if __name__ == "__main__":
    main()
