"""The answer to an image: one digit, two if either is likely, or that it is not a digit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_core.runs.classifier import Classifier

# Below this it is not a digit, for models whose recipe has `other_handwriting`: see benchmarks/no_digit.py.
SURE_ENOUGH = 0.8
OFFERED = 0.05  # a second digit at least this probable is offered
DOUBTFUL = 0.25  # a second digit at least this probable is named beside the first


@dataclass(frozen=True)
class Answer:
    """The most probable digit, the second one if offered, and whether the image is a digit at all."""

    digit: int
    probability: float
    second: int | None
    second_probability: float
    is_digit: bool

    @property
    def is_doubtful(self) -> bool:
        """Whether it could also be the second digit."""
        return self.is_digit and self.second is not None and self.second_probability >= DOUBTFUL

    @property
    def text(self) -> str:
        """The digit, or "?"."""
        return f"{self.digit}" if self.is_digit else "?"


def answer_of(probabilities: np.ndarray, knows_others: bool) -> Answer:
    """The answer for probabilities float (10,). Only a model that `knows_others` can answer "no digit"."""
    second, first = (int(digit) for digit in np.argsort(probabilities)[-2:])
    sure, next_sure = float(probabilities[first]), float(probabilities[second])
    is_digit = not knows_others or bool(is_a_digit(probabilities[None])[0] >= SURE_ENOUGH)
    return Answer(first, sure, second if next_sure >= OFFERED else None, next_sure, is_digit)


def is_a_digit(probabilities: np.ndarray) -> np.ndarray:
    """The probability that an image is a digit, float (n,), from (n, 10) of a model that knows other things.

    If two digits are likely, their probabilities are added.
    """
    two = np.sort(probabilities, -1)[:, -2:]
    return two[:, 1] + np.where(two[:, 0] >= OFFERED, two[:, 0], 0)


def answers_of(model: Classifier, images: Sequence[np.ndarray], knows_others: bool) -> list[Answer]:
    """The answers for images uint8 (28, 28)."""
    if not len(images):
        return []
    return [answer_of(of, knows_others) for of in model.probabilities(np.stack(images))]
