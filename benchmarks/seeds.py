"""How much a seed changes the steps of the tuning tutorial: each trained with ten seeds.

    python benchmarks/seeds.py [RECIPE ...]

Writes val_accuracy and val_loss after each epoch to mnist_core/recipes/seeds.json, which the pages show behind
the visitor's own run, and prints the last epoch's accuracies. Recipes that are not named keep their figures.
"""

import json
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from mnist_core.data import sources
from mnist_core.data.mnist import Dataset
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.seeds import MEASURES, NUM_SEEDS, PATH
from mnist_core.recipes.table import RECIPES
from mnist_core.training import loop
from mnist_core.training.fill import split_validation

NAMES = [name for name in RECIPES if name.startswith("tuning-")]


def main() -> None:
    dataset = sources.load()
    assert dataset.is_mnist, "this needs real MNIST: set $MNIST_DIR to its folder"
    stored = json.loads(PATH.read_text("utf-8")) if PATH.exists() else {"recipes": {}}
    for name in sys.argv[1:] or NAMES:
        curves = [_curve(replace(RECIPES[name], seed=seed), dataset) for seed in range(NUM_SEEDS)]
        stored["recipes"][name] = {measure: [curve[measure] for curve in curves] for measure in MEASURES}
        stored |= {"command": "python benchmarks/seeds.py", "date": f"{date.today()}"}
        PATH.write_text(_written(stored), "utf-8")
        last = " ".join(f"{curve['val_accuracy'][-1]:.4f}" for curve in curves)
        print(f"{name}: {last}", flush=True)


def _curve(recipe: Recipe, dataset: Dataset) -> dict[str, list[float]]:
    """The measures after each epoch."""
    train, validation, _ = split_validation(recipe, dataset)
    rows: list[dict] = []
    loop.fit(recipe, train, validation, rows.append)
    ends = [row for row in rows if "end" in row]
    return {measure: [round(float(row[measure]), 4) for row in ends] for measure in MEASURES}


def _written(stored: dict) -> str:
    """JSON with one line a seed."""
    lines = [f' "{key}": {json.dumps(stored[key])},' for key in ("command", "date")]
    recipes = []
    for name, columns in sorted(stored["recipes"].items()):
        parts = [
            f'   "{measure}": [\n' + ",\n".join(f"    {json.dumps(of)}" for of in seeds) + "\n   ]"
            for measure, seeds in columns.items()
        ]
        recipes.append(f'  "{name}": {{\n' + ",\n".join(parts) + "\n  }")
    return "\n".join(["{", *lines, ' "recipes": {', ",\n".join(recipes), " }", "}"]) + "\n"


if __name__ == "__main__":
    main()
