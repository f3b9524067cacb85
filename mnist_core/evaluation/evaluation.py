"""A model's answers on the test set: everything in the gallery is derived from two arrays.

    evaluation.npz     probabilities float32 (n, 10), labels uint8 (n,), in the test set's order

The metrics are the usual ones (Manning, Raghavan and Schütze 2008, ch. 8); rows of the confusion matrix
are true digits, columns are predictions.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mnist_core.files import whole
from mnist_core.language.messages import message

if TYPE_CHECKING:
    import pandas as pd

ORDERS = ("loss", "confidence", "margin", "index")  # highest loss or confidence first, smallest margin first
_Z = 1.959964  # standard deviations that contain 95 % of a normal distribution


@dataclass(frozen=True)
class Evaluation:
    """The test images' probabilities float32 (n, 10) and labels uint8 (n,)."""

    probabilities: np.ndarray
    labels: np.ndarray

    @classmethod
    def load(cls, path: Path) -> "Evaluation":
        """Read evaluation.npz. ValueError if the file is missing, damaged or not an evaluation."""
        try:
            with np.load(path, allow_pickle=False) as file:
                probabilities, labels = file["probabilities"], file["labels"]
        except Exception as error:  # a damaged archive can raise nearly anything
            raise ValueError(
                message("{file} is missing or damaged: train the recipe again.", file=path.name)
            ) from error
        if probabilities.shape != (len(labels), 10):
            raise ValueError(
                message(
                    "{file} has the shape {shape} instead of (n, 10): train the recipe again.",
                    file=path.name,
                    shape=probabilities.shape,
                )
            )
        return cls(probabilities, labels)

    def save(self, path: Path) -> None:
        """Write evaluation.npz in one step."""
        with whole(path) as file:
            np.savez_compressed(file, probabilities=self.probabilities.astype(np.float32), labels=self.labels)

    @cached_property
    def predictions(self) -> np.ndarray:
        """The most probable digit of each image, int64 (n,)."""
        return self.probabilities.argmax(1)

    @cached_property
    def confidences(self) -> np.ndarray:
        """The probability of the predicted digit, float32 (n,)."""
        return self.probabilities.max(1)

    @cached_property
    def losses(self) -> np.ndarray:
        """Each image's categorical cross-entropy in nats, float64 (n,), clipped as Keras does."""
        true = self.probabilities[np.arange(len(self.labels)), self.labels].astype(np.float64)
        return -np.log(true.clip(1e-7, 1))

    @property
    def accuracy(self) -> float:
        return float(np.mean(self.predictions == self.labels))

    @property
    def loss(self) -> float:
        return float(self.losses.mean())

    @cached_property
    def confusion_matrix(self) -> np.ndarray:
        """int64 (10, 10): rows are true digits, columns predicted ones."""
        pairs = self.labels.astype(int) * 10 + self.predictions
        return np.bincount(pairs, minlength=100).reshape(10, 10)

    @property
    def num_errors(self) -> int:
        return int(np.sum(self.predictions != self.labels))

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % confidence interval of the accuracy: lower and upper end, 0..1.

        Wilson's score interval (1927), which is valid near 100 %, too.
        """
        number, accuracy = max(1, len(self.labels)), self.accuracy
        middle = accuracy + _Z**2 / (2 * number)
        reach = _Z * math.sqrt(accuracy * (1 - accuracy) / number + _Z**2 / (4 * number**2))
        scale = 1 + _Z**2 / number
        return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)

    @cached_property
    def margins(self) -> np.ndarray:
        """The highest probability minus the second highest, float32 (n,)."""
        second, first = np.partition(self.probabilities, -2, axis=1)[:, -2:].T
        return first - second

    def per_digit(self) -> "pd.DataFrame":
        """One row a digit: `precision`, `recall`, `f1` (0..1; 0 if the denominator is 0), `support`, and the
        counts they are computed from: `true_positives`, `false_positives`, `false_negatives`."""
        import pandas as pd  # not above: a training does not need it, and starts sooner without it

        matrix = self.confusion_matrix
        hits, support, predicted = np.diag(matrix), matrix.sum(1), matrix.sum(0)
        return pd.DataFrame(
            {
                "precision": hits / predicted.clip(1),
                "recall": hits / support.clip(1),
                "f1": 2 * hits / (support + predicted).clip(1),
                "support": support,
                "true_positives": hits,
                "false_positives": predicted - hits,
                "false_negatives": support - hits,
            },
            index=pd.RangeIndex(10, name="digit"),
        )

    def confused_pairs(self) -> list[tuple[int, int, int]]:
        """(true digit, predicted digit, count) of all confusions, the most frequent first."""
        errors = np.where(np.eye(10, dtype=bool), 0, self.confusion_matrix)
        order = np.argsort(-errors, axis=None, kind="stable")[: np.count_nonzero(errors)]
        return [(int(place // 10), int(place % 10), int(errors.flat[place])) for place in order]

    def select(
        self,
        among: np.ndarray | None = None,
        only_errors: bool = True,
        confidence: tuple[float, float] = (0.0, 1.0),
        order: str = "loss",
    ) -> np.ndarray:
        """Indices of the test images that pass all filters, int64, sorted by one of ORDERS.

        `among` bool (n,) selects the images to choose from, None means all; `confidence` is the range of the
        predicted digit's probability, inclusive.
        """
        low, high = confidence
        passes = (self.confidences >= low) & (self.confidences <= high)
        if among is not None:
            passes &= among
        if only_errors:
            passes &= self.predictions != self.labels
        indices = np.flatnonzero(passes)
        keys = {"loss": -self.losses, "confidence": -self.confidences, "margin": self.margins}
        return indices[np.argsort(keys[order][indices], kind="stable")] if order in keys else indices
