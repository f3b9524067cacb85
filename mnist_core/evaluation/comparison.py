"""Two models on the same test images: what the second fixes, what it breaks, and whether that is chance."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.language.messages import message


@dataclass(frozen=True)
class Comparison:
    """The answers of two models to the same test images in the same order; ValueError if the labels differ."""

    first: Evaluation
    second: Evaluation

    def __post_init__(self) -> None:
        if not np.array_equal(self.first.labels, self.second.labels):
            raise ValueError(
                message(
                    "The two runs were tested on different images. Only runs on the same data can be compared."
                )
            )

    @cached_property
    def fixed(self) -> np.ndarray:
        """Indices of the images that only the second model reads correctly, int64."""
        return np.flatnonzero(~self._first_right & self._second_right)

    @cached_property
    def brought(self) -> np.ndarray:
        """Indices of the images that only the first model reads correctly, int64."""
        return np.flatnonzero(self._first_right & ~self._second_right)

    @cached_property
    def both_wrong(self) -> np.ndarray:
        """Indices of the images that neither model reads correctly, int64."""
        return np.flatnonzero(~self._first_right & ~self._second_right)

    @property
    def num_both_right(self) -> int:
        return int((self._first_right & self._second_right).sum())

    def chance(self) -> float:
        """The probability of a difference at least this large if both models are equally good, 0..1.

        McNemar's exact test (1947): only images that exactly one model reads correctly count, and either model
        is equally likely to be that one.
        """
        differ, fewer = len(self.fixed) + len(self.brought), min(len(self.fixed), len(self.brought))
        tail = ways = 1  # binomial coefficients, as integers: their sum up to a number, and the last of them
        for number in range(fewer):
            ways = ways * (differ - number) // (number + 1)
            tail += ways
        return min(1.0, 2 * tail / 2**differ)

    @property
    def _first_right(self) -> np.ndarray:
        return self.first.predictions == self.first.labels

    @property
    def _second_right(self) -> np.ndarray:
        return self.second.predictions == self.second.labels
