"""How good the Train page's estimate of a training's time is before any training on this machine.

    python benchmarks/estimate.py [RECIPE ...]

Trains one epoch of each recipe on MNIST and prints the milliseconds per step, measured and estimated.
`step_cost` in mnist_core/jobs/estimate.py was fitted to such tables.
"""

import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from mnist_core.data import sources
from mnist_core.jobs import estimate
from mnist_core.recipes.table import RECIPES
from mnist_core.training import loop


def main() -> None:
    train = sources.load().train
    slowness = estimate.slowness()
    print(f"this machine takes {slowness:.2f} times as long as the one that the constants stand for")
    print("recipe        measured  estimated  ratio")
    for name in sys.argv[1:] or RECIPES:
        recipe, rows = replace(RECIPES[name], epochs=1), []
        loop.fit(recipe, train, None, rows.append)
        first, last = rows[0], rows[-1]
        measured = (last["seconds"] - first["seconds"]) / (last["step"] - first["step"])
        expected = estimate.step_cost(recipe) * slowness
        print(f"{name:12} {measured * 1e3:6.2f} ms  {expected * 1e3:6.2f} ms  {measured / expected:5.2f}")


if __name__ == "__main__":
    main()
