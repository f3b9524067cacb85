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
    """A digit as the ink of a picture without all else: `crop` float (height, width), 0..1, cut out at its
    edges, and where that stands: `extent` is left, top, right, bottom in pixels, `size` the picture's height
    and width."""

    crop: np.ndarray
    extent: tuple[int, int, int, int]
    size: tuple[int, int]
    strokes: Sequence[Stroke] = ()

    @classmethod
    def of(cls, ink: np.ndarray) -> "PictureDigit":
        """From float (height, width), 0..1, of the whole picture; some of it must be ink."""
        rows, columns = np.nonzero(ink > 0.5)
        left, top, right, bottom = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        return cls(ink[top:bottom, left:right].copy(), tuple(map(int, (left, top, right, bottom))), ink.shape)

    @property
    def ink(self) -> np.ndarray:
        """In the whole picture: float (height, width), 0..1."""
        left, top, right, bottom = self.extent
        ink = np.zeros(self.size, self.crop.dtype)
        ink[top:bottom, left:right] = self.crop
        return ink

    def image(self, steps: Steps = ALL_STEPS) -> np.ndarray:
        """uint8 (28, 28)."""
        return normalise(self.crop if steps.scale and steps.centre else self.ink, steps)

    @property
    def box(self) -> Box:
        (left, top, right, bottom), (height, width) = self.extent, self.size
        return left / width, top / height, right / width, bottom / height


@dataclass(frozen=True)
class Found:
    """The digits, row by row from above and from left to right, and what they were found in.

    `whole` is that: uint8 (height, width) or (height, width, 3); None where it is of no interest. `taken` is
    where rules, frames and the like were taken away, bool (height, width), and `ink` what was left of a
    picture, uint8 (height, width). One that lay on its side was turned by so many quarters to the left.
    """

    rows: Sequence[Sequence[DrawnDigit | PictureDigit]] = ()
    whole: np.ndarray | None = None
    taken: np.ndarray | None = None
    ink: np.ndarray | None = None
    turned: int = 0

    @property
    def digits(self) -> list[DrawnDigit | PictureDigit]:
        """All of them, in the order of reading."""
        return [digit for row in self.rows for digit in row]
