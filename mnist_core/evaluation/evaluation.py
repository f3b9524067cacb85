"""What a model did on the test set: everything the gallery shows, from two arrays.

    evaluation.npz     probabilities float32 (n, 10), labels uint8 (n,): in the test set's order

The measures are the usual ones (Manning, Raghavan and Schütze 2008, ch. 8), with rows of the
confusion matrix for the true digit and columns for the predicted one.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from mnist_core.files import whole

ORDERS = ("loss", "confidence", "margin", "index")  # highest loss first, surest first, closest second guess
_Z = 1.959964  # 95 % of a normal distribution lie within so many standard deviations


@dataclass(frozen=True)
class Evaluation:
    """Probabilities float32 (n, 10) of the test images beside their labels uint8 (n,)."""

    probabilities: np.ndarray
    labels: np.ndarray

    @classmethod
    def load(cls, path: Path) -> "Evaluation":
        """ValueError where the file is missing, damaged or not an evaluation."""
        try:
            with np.load(path, allow_pickle=False) as file:
                probabilities, labels = file["probabilities"], file["labels"]
        except Exception as error:  # a damaged archive can raise nearly anything
            raise ValueError(f"{path.name} is missing or damaged: train the recipe again") from error
        if probabilities.shape != (len(labels), 10):
            raise ValueError(
                f"{path.name} has shape {probabilities.shape}, not (n, 10): train the recipe again"
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
        """Each image's categorical cross-entropy in nats, float64 (n,), limited as Keras does it."""
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
        """The accuracy's 95 % interval: of all test sets like this one, what else it could have been.

        Wilson's score interval (1927), which holds near 100 % as well.
        """
        number, accuracy = max(1, len(self.labels)), self.accuracy
        middle = accuracy + _Z**2 / (2 * number)
        reach = _Z * math.sqrt(accuracy * (1 - accuracy) / number + _Z**2 / (4 * number**2))
        scale = 1 + _Z**2 / number
        return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)

    @cached_property
    def margins(self) -> np.ndarray:
        """By how much the first guess is ahead of the second, float32 (n,): 0 where they are as likely."""
        second, first = np.partition(self.probabilities, -2, axis=1)[:, -2:].T
        return first - second

    def per_digit(self) -> pd.DataFrame:
        """For each digit its row: `precision`, `recall`, `f1` (0..1; 0 where there is nothing to divide by),
        `support`, and the counts `true_positives`, `false_positives`, `false_negatives` they come from."""
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
        """(true digit, predicted digit, how often) of all that were confused, the most frequent first."""
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
        """Indices of the test images that pass all filters, in one of ORDERS, int64.

        `among` bool (n,) are those to choose from, all where it is None; `confidence` is a range of the
        predicted digit's probability, its ends included.
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
