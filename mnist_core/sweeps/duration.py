"""How long a sweep will take, before it is started and while it runs."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from mnist_core.jobs import estimate
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs.run import Run
from mnist_core.sweeps.results import Results

_ENOUGH = 50  # of the newest runs here, which tell how fast this machine is


def run_seconds(recipes: Sequence[Recipe], num_images: int, runs: Sequence[Run]) -> list[float]:
    """The expected seconds of each recipe's training on a machine with so many training images.

    `runs` are earlier runs here, newest first. Recipes that differ only in seed or learning rate are
    estimated once.
    """
    ended = tuple(run for run in runs[:_ENOUGH] if run.result)
    found = []
    for recipe in recipes:
        used = round(min(num_images, recipe.num_images) * (1 - float(recipe.validation or 0.0)))
        found.append(_seconds(replace(recipe, seed=0, learning_rate=0.01), used, ended))
    return found


def total(seconds: Sequence[float], places: int = 1) -> float:
    """The seconds until all are done where `places` runs train at a time."""
    return max(sum(seconds) / places, max(seconds, default=0.0))


def left(results: Results, num_images: int, runs: Sequence[Run], places: int = 1) -> float:
    """The expected seconds until all runs that wait or train have ended."""
    active = [trial.now for trial in results.trials if trial.is_active]
    expected = run_seconds([of.run.recipe for of in active], num_images, runs)
    rest = []
    for snapshot, seconds in zip(active, expected):
        where = snapshot.progress if snapshot.is_under_way else None
        known = where is not None and where.seconds_left is not None
        rest.append(where.seconds_left if known else seconds)
    return total(rest, places)


@lru_cache(maxsize=2048)  # a page asks every second while a sweep is trained
def _seconds(recipe: Recipe, num_images: int, runs: tuple[Run, ...]) -> float:
    return estimate.seconds(recipe, num_images, runs)
