"""What a step of a lesson has to read from."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mnist_core.data.mnist import Dataset
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.language.messages import message
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs.run import Run

Numbers = dict[str, Any]
Reading = tuple[str, Numbers]  # the outcome and the numbers of a reading


@dataclass(frozen=True)
class Evidence:
    """What a step has to read from.

    `recipe` is that of the lesson's first training, `runs` are the step's finished runs by the lesson's names.
    `image` is the index of the image that the step is about, `drawn` what was drawn instead of it: uint8
    (28, 28). `options` are those of the step's question. `probabilities` gives a run's float32 (n, 10) for
    images uint8 (n, 28, 28), `evaluation` its answers on the test set.
    """

    dataset: Dataset
    recipe: Recipe | None
    runs: Mapping[str, Run]
    probabilities: Callable[[Run, np.ndarray], np.ndarray]
    evaluation: Callable[[Run], Evaluation]
    image: int = 0
    options: Sequence[str] = ()
    drawn: np.ndarray | None = field(default=None, compare=False)

    @property
    def run(self) -> Run:
        """The step's only run, or its last."""
        return list(self.runs.values())[-1]

    @property
    def ends(self) -> list[Numbers]:
        """The metrics rows at the ends of the run's epochs."""
        return ends(self.run)

    @property
    def pixels(self) -> np.ndarray:
        """The image that the step is about: uint8 (28, 28), drawn by the visitor or of the test set."""
        return self.dataset.test.images[self.image] if self.drawn is None else self.drawn


def ends(run: Run) -> list[Numbers]:
    """The metrics rows at the ends of a run's epochs, NaN for what is not a number. ValueError without one."""
    rows = [row for row in run.metrics() if "end" in row]
    if not rows:
        raise ValueError(message("This run has not finished an epoch."))
    return [{name: math.nan if value is None else value for name, value in row.items()} for row in rows]


def nearest(value: float, options: Sequence[str]) -> str:
    """The option, a number, that is nearest to `value`; "" without options."""
    return min(options, key=lambda option: abs(float(option) - value), default="")
