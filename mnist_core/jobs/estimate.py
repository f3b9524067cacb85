"""How long a training will take on this machine, before it is started.

If the same network was trained here before, its time is used. Otherwise the network's multiplications are
counted, and a short measurement tells how fast this machine does them. Earlier runs of other networks with the
same kind of work correct it, within bounds: a machine may be slow at one kind and fast at another.
"""

import math
import statistics
import time
from collections.abc import Iterable
from functools import cache, lru_cache

import numpy as np

from mnist_core.recipes.layer import Layer
from mnist_core.recipes.network import compiles_well, summary
from mnist_core.recipes.precision import precision
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs.run import Run

STARTING = 2.5  # seconds until the first step is done
LONG_ENOUGH = 5.0  # seconds: only runs that trained longer tell how fast the machine is
ENOUGH_STEPS = 100  # in fewer, most of the time is that of the first one
MOST = 1.4  # the largest correction by other networks' runs: an estimate may not double because of one


def seconds(recipe: Recipe, num_images: int, runs: Iterable[Run]) -> float:
    """The expected seconds of training; `runs` are earlier runs on this machine, newest first."""
    num_steps = math.ceil(num_images / recipe.batch_size) * recipe.epochs
    results = [(run.recipe, result) for run in runs if (result := run.result)]
    pace = [(other, step, result) for other, result in results if (step := result.get("seconds_per_step"))]
    same = [
        step
        for other, step, result in pace
        if result["seconds"] > ENOUGH_STEPS * step and _cost_key(other) == _cost_key(recipe)
    ]
    if same:
        return STARTING + statistics.median(same[:5]) * num_steps
    # A short run consists mostly of overhead, which would make a large network seem to take hours.
    ratios = [
        step / step_cost(other)
        for other, step, result in pace
        if result["seconds"] > LONG_ENOUGH and _kind(other.layers) == _kind(recipe.layers)
    ]
    corrected = float(np.clip(_median(ratios, slowness()), slowness() / MOST, slowness() * MOST))
    return STARTING + step_cost(recipe) * corrected * num_steps


def step_cost(recipe: Recipe) -> float:
    """Seconds for one step on the machine to which the constants were fitted (benchmarks/estimate.py)."""
    convolutions = products = outputs = 0
    for row in summary(recipe.layers):
        if row.is_of_images:
            convolutions += row.num_multiplications
            outputs += math.prod(row.output_shape)
        else:
            products += row.num_multiplications
    quick = 0.6 if precision(recipe.precision) == "bfloat16" else 1.0
    augmented = 17e-6 if recipe.augmentation else 0.0
    image = convolutions * 5.3e-11 * quick + products * 2.5e-11 + outputs * 3.9e-9 * quick + augmented
    return 2.2e-4 + recipe.batch_size * image


def _median(newest_first: list[float], otherwise: float) -> float:
    return statistics.median(newest_first[:5]) if newest_first else otherwise


@lru_cache(maxsize=256)
def _kind(layers: tuple[Layer, ...]) -> tuple[bool, bool]:
    """The kind of work: with or without convolutions, compiled by XLA or not."""
    return any(row.is_of_images for row in summary(layers)), compiles_well(layers)


def _cost_key(recipe: Recipe) -> tuple[object, ...]:
    return (recipe.layers, recipe.batch_size, recipe.precision, recipe.augmentation, recipe.optimizer)


@cache
def slowness() -> float:
    """How many times longer matrix products take here than on the machine used to fit the constants."""
    a = np.ones((64, 64), np.float32)
    times = []
    # Many short ones, so that some run undisturbed on a busy machine. Not `a @ a`: its threads wait for each
    # other, which takes fifty times as long while other programs use the processor.
    for _ in range(60):
        begin = time.perf_counter()
        np.einsum("ij,jk->ik", a, a)
        times.append(time.perf_counter() - begin)
    return float(np.clip(min(times) / 5e-5, 0.3, 5))
