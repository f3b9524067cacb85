"""What is said of an image: one digit, two where it could be either, or that it is none."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_core.runs.classifier import Classifier

# Below it an image shows no digit, for models whose recipe has `other_handwriting`: see benchmarks/no_digit.py.
SURE_ENOUGH = 0.8
OFFERED = 0.05  # a second digit that is at least so probable is offered
DOUBTFUL = 0.25  # and named beside the first, where it is at least so probable


@dataclass(frozen=True)
class Answer:
    """The likeliest digit, the second one where there is a doubt, and whether it is a digit at all."""

    digit: int
    probability: float
    second: int | None
    second_probability: float
    is_digit: bool

    @property
    def is_doubtful(self) -> bool:
        """Whether it could as well be the second."""
        return self.is_digit and self.second is not None and self.second_probability >= DOUBTFUL

    @property
    def text(self) -> str:
        """The digit, or "?"."""
        return f"{self.digit}" if self.is_digit else "?"


def answer_of(probabilities: np.ndarray, knows_others: bool) -> Answer:
    """For probabilities float (10,). Only a model that `knows_others` has learnt what is no digit."""
    second, first = (int(digit) for digit in np.argsort(probabilities)[-2:])
    sure, next_sure = float(probabilities[first]), float(probabilities[second])
    is_digit = not knows_others or bool(is_a_digit(probabilities[None])[0] >= SURE_ENOUGH)
    return Answer(first, sure, second if next_sure >= OFFERED else None, next_sure, is_digit)


def is_a_digit(probabilities: np.ndarray) -> np.ndarray:
    """How sure a model that knows what is no digit is that it sees one, float (n,), for probabilities (n, 10).

    Where only two are likely, it is one of them.
    """
    two = np.sort(probabilities, -1)[:, -2:]
    return two[:, 1] + np.where(two[:, 0] >= OFFERED, two[:, 0], 0)


def answers_of(model: Classifier, images: Sequence[np.ndarray], knows_others: bool) -> list[Answer]:
    """For images uint8 (28, 28)."""
    if not len(images):
        return []
    return [answer_of(of, knows_others) for of in model.probabilities(np.stack(images))]
