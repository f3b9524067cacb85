"""The digits found in a drawing or a picture: where each stands, and the image that a model gets of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_core.preprocessing.preprocess import ALL_STEPS, CANVAS, Steps, Stroke, from_strokes, normalise

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, as shares of the whole's width and height."""


@dataclass(frozen=True)
class DrawnDigit:
    """A digit as strokes in pixels of a canvas with a side of CANVAS, drawn with a `brush` so wide."""

    strokes: Sequence[Stroke]
    brush: float

    def image(self, steps: Steps = ALL_STEPS) -> np.ndarray:
        """uint8 (28, 28)."""
        return from_strokes(self.strokes, steps, self.brush)

    @property
    def box(self) -> Box:
        points = np.concatenate([np.asarray(stroke, float) for stroke in self.strokes])
        (left, top), (right, bottom) = points.min(0) - self.brush / 2, points.max(0) + self.brush / 2
        return tuple(float(np.clip(side / CANVAS, 0, 1)) for side in (left, top, right, bottom))


@dataclass(frozen=True)
class PictureDigit:
    """A digit as the `ink` of a picture without all else, float (height, width), 0..1."""

    ink: np.ndarray
    strokes: Sequence[Stroke] = ()

    def image(self, steps: Steps = ALL_STEPS) -> np.ndarray:
        """uint8 (28, 28)."""
        return normalise(self.ink, steps)

    @property
    def box(self) -> Box:
        rows, columns = np.nonzero(self.ink > 0.5)
        height, width = self.ink.shape
        sides = (
            columns.min() / width,
            rows.min() / height,
            (columns.max() + 1) / width,
            (rows.max() + 1) / height,
        )
        return tuple(map(float, sides))


@dataclass(frozen=True)
class Found:
    """The digits, from left to right; of several the whole they were found in, too: uint8 (height, width)."""

    digits: Sequence[DrawnDigit | PictureDigit] = ()
    whole: np.ndarray | None = None
