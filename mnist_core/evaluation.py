"""What a model did on the test set: everything the gallery shows, from two arrays.

    evaluation.npz     probabilities float32 (n, 10), labels uint8 (n,): in the test set's order

The measures are the usual ones (Manning, Raghavan and Schütze 2008, ch. 8), with rows of the
confusion matrix for the true digit and columns for the predicted one.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.files import whole


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

    def per_digit(self) -> list[dict[str, Any]]:
        """`digit`, `precision`, `recall`, `f1` (0..1; 0 where nothing was predicted) and `support`."""
        matrix = self.confusion_matrix
        hits, support, predicted = np.diag(matrix), matrix.sum(1), matrix.sum(0)
        precision = hits / predicted.clip(1)
        recall = hits / support.clip(1)
        f1 = 2 * hits / (support + predicted).clip(1)
        return [
            {
                "digit": digit,
                "precision": float(precision[digit]),
                "recall": float(recall[digit]),
                "f1": float(f1[digit]),
                "support": int(support[digit]),
            }
            for digit in range(10)
        ]

    def errors(self, true: int | None = None, predicted: int | None = None, order: str = "loss") -> np.ndarray:
        """Indices of the misclassified test images, worst first, int64.

        `true` and `predicted` filter by digit; `order` is "loss", "confidence" (of the wrong
        answer) or "index".
        """
        keys = {"loss": -self.losses, "confidence": -self.confidences, "index": np.arange(len(self.labels))}
        wrong = self.predictions != self.labels
        if true is not None:
            wrong &= self.labels == true
        if predicted is not None:
            wrong &= self.predictions == predicted
        indices = np.flatnonzero(wrong)
        return indices[np.argsort(keys[order][indices], kind="stable")]
