"""The digits found in a drawing or a picture: the position of each, and its image for the model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_core.preprocessing.preprocess import ALL_STEPS, CANVAS, Steps, Stroke, from_strokes, normalise

Box = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of the full width and height."""


@dataclass(frozen=True)
class DrawnDigit:
    """A digit as strokes in pixels of a canvas with side CANVAS; `brush` is their width."""

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
    """A digit as ink only: `crop` float (height, width), 0..1, is cut to the digit's bounding box.

    `extent` is that box, left, top, right, bottom in pixels; `size` is the picture's height and width.
    """

    crop: np.ndarray
    extent: tuple[int, int, int, int]
    size: tuple[int, int]
    strokes: Sequence[Stroke] = ()

    @classmethod
    def of(cls, ink: np.ndarray) -> "PictureDigit":
        """The digit in float (height, width), 0..1, of the whole picture; at least one pixel must be ink."""
        rows, columns = np.nonzero(ink > 0.5)
        left, top, right, bottom = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        return cls(ink[top:bottom, left:right].copy(), tuple(map(int, (left, top, right, bottom))), ink.shape)

    @property
    def ink(self) -> np.ndarray:
        """The digit's ink within the whole picture: float (height, width), 0..1."""
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
    """The digits, row by row from the top and left to right, and the picture they were found in.

    `whole` is that picture, uint8 (height, width) or (height, width, 3); None if it is not needed. `taken`,
    bool (height, width), marks where rules, frames and the like were removed; `ink`, uint8 (height, width),
    is what remains of a picture. `turned` counts the quarter turns to the left that set it upright.
    """

    rows: Sequence[Sequence[DrawnDigit | PictureDigit]] = ()
    whole: np.ndarray | None = None
    taken: np.ndarray | None = None
    ink: np.ndarray | None = None
    turned: int = 0

    @property
    def digits(self) -> list[DrawnDigit | PictureDigit]:
        """All digits in reading order."""
        return [digit for row in self.rows for digit in row]
