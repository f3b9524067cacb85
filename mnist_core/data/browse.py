"""Which images the Data page shows, in the form of a link:

?set=test&digit=4&order=unusual&from=100&number=15
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mnist_core.address import InAddress, Parameter, number, one_of
from mnist_core.data.mnist import Split

SETS = ("train", "test")
ORDERS = ("index", "random", "unusual")
MOST = 200


@dataclass(frozen=True)
class Browse(InAddress):
    """`count` images of one set, from number `start` (from 0) on, of one digit or all, in one of ORDERS."""

    which: str = SETS[0]
    digit: int | None = None
    order: str = ORDERS[0]
    start: int = 0
    count: int = 15
    seed: int = 0  # for the random order

    PARAMETERS: ClassVar = {
        "which": Parameter("set", one_of(SETS)),
        "digit": Parameter("digit", number(0, 9)),
        "order": Parameter("order", one_of(ORDERS)),
        "start": Parameter("from", number(0, 59_999)),
        "count": Parameter("number", number(1, MOST)),
        "seed": Parameter("seed", number(0, 9999)),
    }

    def among(self, split: Split) -> np.ndarray:
        """The indices of all images of the digit, int64, in the set's order."""
        everything = np.arange(len(split.labels))
        return everything if self.digit is None else everything[split.labels == self.digit]

    def indices(self, split: Split, distances: np.ndarray) -> np.ndarray:
        """The indices of the images to show, int64; `distances` float (n,): larger is more unusual."""
        of_digit = self.among(split)
        if self.order == "random":
            of_digit = np.random.default_rng(self.seed).permutation(of_digit)
        elif self.order == "unusual":
            of_digit = of_digit[np.argsort(-distances[of_digit], kind="stable")]
        start = min(self.start, max(0, len(of_digit) - 1))
        return of_digit[start : start + self.count]
