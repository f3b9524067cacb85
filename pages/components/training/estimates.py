"""How long a training will take here, as the Train page says it."""

from collections.abc import Sequence

from mnist_core.jobs import estimate
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs.run import Run
from pages.components.resources import dataset_thread


def expected_seconds(recipe: Recipe, runs: Sequence[Run]) -> float:
    dataset = dataset_thread().dataset
    num_images = min(len(dataset.train.labels) if dataset else 60_000, recipe.num_images)
    if isinstance(recipe.validation, float):
        num_images = round(num_images * (1 - recipe.validation))
    return estimate.seconds(recipe, num_images, runs)
