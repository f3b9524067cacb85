"""People's votes on test images with doubtful labels.

    crowd.csv      image, label, other, for_label, for_other, for_neither

Northcutt, Athalye and Mueller ("Pervasive label errors in test sets destabilize machine learning
benchmarks", NeurIPS 2021, labelerrors.com) let a model find doubtful labels, and asked five people about
each image whether they saw the label, the digit that the model considered more likely, or neither. For 15
of these MNIST test images no majority confirmed the label.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import numpy as np

from mnist_core.data.mnist import Dataset

SOURCE = "Northcutt, Athalye and Mueller 2021, labelerrors.com"


@dataclass(frozen=True)
class Votes:
    """Five people's votes on one test image: for MNIST's `label`, for the `other` digit, for neither."""

    image: int
    label: int
    other: int
    for_label: int
    for_other: int
    for_neither: int

    @property
    def is_doubtful(self) -> bool:
        """Whether no majority confirmed the label."""
        return self.for_label <= (self.for_label + self.for_other + self.for_neither) / 2


def votes(dataset: Dataset | None) -> Mapping[int, Votes]:
    """The votes by index of the test image; empty if the data is not MNIST."""
    return _votes() if dataset and dataset.is_mnist else MappingProxyType({})


def doubtful(dataset: Dataset | None) -> np.ndarray:
    """Indices of the test images whose label was not confirmed by a majority, int64."""
    found = votes(dataset)
    return np.array([index for index in found if found[index].is_doubtful], np.int64)


@cache
def _votes() -> Mapping[int, Votes]:
    with Path(__file__).with_name("crowd.csv").open(newline="") as file:
        rows = (Votes(**{name: int(value) for name, value in row.items()}) for row in csv.DictReader(file))
        return MappingProxyType({row.image: row for row in rows})
