"""From ink to the image that a model reads, prepared as MNIST's own images were.

LeCun, Bottou, Bengio and Haffner (1998) scaled each digit, keeping its aspect ratio, into a 20 x 20
box, which produced grey levels, and placed it in 28 x 28 pixels with its centre of mass in the middle.
Everything drawn, uploaded or generated is prepared here, so that a model sees on the canvas what it
saw in training. All images are uint8 (28, 28), white ink on black.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from mnist_core.language.messages import message
from mnist_core.preprocessing.width import PEN, as_wide, at_pen_width

SIZE = 28
BOX = 20
CANVAS = 280  # pixels: the side of the canvas
MAX_POINTS = 20_000
_FINE = 8  # drawing and centring are done at 8 times the final resolution
Stroke = Sequence[Sequence[float]]


class DrawingError(ValueError):
    """Ink that cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class Steps:
    """The steps from a drawing to the model's image; leaving one out shows what it is for."""

    scale: bool = True  # scale the digit's box to 20 pixels; otherwise the canvas to 28
    pen: bool = True  # draw at MNIST's pen width; otherwise as wide as the brush
    centre: bool = True  # put the centre of mass in the middle; otherwise where it was drawn


ALL_STEPS, AS_IT_STANDS = Steps(), Steps(scale=False, pen=False, centre=False)


def from_strokes(strokes: Sequence[Stroke], steps: Steps = ALL_STEPS, brush: float = 20.0) -> np.ndarray | None:
    """The image of pen strokes: uint8 (28, 28), or None where there are no strokes.

    `strokes` is a list of strokes, each a list of (x, y) points with y down, in any unit. The ink is
    redrawn at a width proportional to the digit, so its size, its position and the brush do not matter.
    They do if a step is left out: the strokes must then be in pixels of a canvas with side CANVAS, and
    `brush` is their width. DrawingError if `strokes` has another form, more than MAX_POINTS points, or a
    coordinate that is not a finite number below a billion.
    """
    lines = checked(strokes)
    if not lines:
        return None
    if not (steps.scale and steps.centre):  # keep to the canvas and its surroundings
        lines = [line.clip(-CANVAS, 2 * CANVAS) for line in lines]
    points = np.concatenate(lines)
    low, extent = points.min(0), float(np.ptp(points, axis=0).max())
    scale, width = _scale(extent, steps, float(np.clip(brush, 1, CANVAS)))
    shape = np.ceil(np.ptp(points, axis=0) * scale + width).astype(int)
    picture = Image.new("L", (int(shape[0]) + 1, int(shape[1]) + 1))
    draw = ImageDraw.Draw(picture)
    for line in lines:
        _draw(draw, (line - low) * scale + width / 2, width)
    ink = np.asarray(picture)
    if steps.centre:
        return _place(ink)
    # Keep the middle of the digit's box where it was on the canvas.
    middle = (low + np.ptp(points, axis=0) / 2) * SIZE * _FINE / CANVAS
    return _put(ink, [middle[1] - ink.shape[0] / 2, middle[0] - ink.shape[1] / 2])


def normalise(ink: np.ndarray, steps: Steps = ALL_STEPS) -> np.ndarray | None:
    """Prepare ink float (height, width), 0..1, of any size as MNIST did: uint8 (28, 28), or None without ink.

    Leaving out one of the steps shows what it is for.
    """
    rows, columns = np.nonzero(ink > 0.5)
    if not len(rows):
        return None
    crop = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    field, side = SIZE * _FINE, max(ink.shape)
    longer = BOX * _FINE if steps.scale else max(1, round(max(crop.shape) * field / side))
    fine = (at_pen_width if steps.pen else as_wide)(crop, longer)
    if steps.centre:
        return _place(fine)
    # Keep the middle of the digit's box where it was in the picture, padded to a square.
    middle = [
        (places.min() + places.max() + 1 + side - length) / 2 * field / side
        for places, length in zip((rows, columns), ink.shape)
    ]
    return _put(fine, [middle[0] - fine.shape[0] / 2, middle[1] - fine.shape[1] / 2])


def checked(strokes: Sequence[Stroke]) -> list[np.ndarray]:
    """Each stroke as float64 (points, 2), without empty ones; DrawingError if one is invalid."""
    try:
        lines = [np.asarray(stroke, np.float64) for stroke in strokes if len(stroke)]
    except (TypeError, ValueError) as error:
        raise DrawingError(message("A stroke must be a list of (x, y) points.")) from error
    if not all(line.ndim == 2 and line.shape[1] == 2 for line in lines):
        raise DrawingError(message("A stroke must be a list of (x, y) points."))
    if sum(map(len, lines)) > MAX_POINTS:
        raise DrawingError(
            message(
                "The drawing has more than {limit:,} points: clear the canvas and draw again.", limit=MAX_POINTS
            )
        )
    if not all(np.isfinite(line).all() and (np.abs(line) < 1e9).all() for line in lines):
        raise DrawingError(message("A stroke has a coordinate that is not a finite number below a billion."))
    return lines


def _scale(extent: float, steps: Steps, brush: float) -> tuple[float, float]:
    """Fine pixels per unit of the strokes, and the width of the ink in fine pixels."""
    box = BOX * _FINE
    if not steps.scale:
        scale = SIZE * _FINE / CANVAS
        return scale, (max(1.0, PEN * extent) if steps.pen else brush) * scale
    if not steps.pen:
        return box / (extent + brush), brush * box / (extent + brush)
    # A single dot has no extent: it stays a dot as wide as the pen.
    return (box * (1 - PEN) / extent if extent > 1e-9 else 0.0), box * PEN


def _draw(draw: ImageDraw.ImageDraw, line: np.ndarray, width: float) -> None:
    """One stroke with round ends and joints."""
    xy = list(map(tuple, line.tolist()))  # Python's numbers: Pillow computes each joint in Python
    if len(xy) > 1:
        draw.line(xy, fill=255, width=round(width), joint="curve")
    for x, y in (xy[0], xy[-1]):
        draw.circle((x, y), width / 2, fill=255)


def _place(ink: np.ndarray) -> np.ndarray:
    """Place ink at `_FINE` resolution with its centre of mass where MNIST has it: uint8 (28, 28).

    That is the middle of pixel 14 of 28, counted from 0, in both directions (the test set's mean is 13.99
    and 14.01).
    """
    along = [ink.sum(axis=1 - axis, dtype=np.float64) for axis in (0, 1)]
    mass = [sums @ (np.arange(len(sums)) + 0.5) / sums.sum() for sums in along]
    return _put(ink, [(SIZE + 1) * _FINE / 2 - centre for centre in mass])


def _put(ink: np.ndarray, corner: Sequence[float]) -> np.ndarray:
    """Place ink at `_FINE` resolution with its upper left corner at (row, column): uint8 (28, 28).

    The corner is moved so that a lopsided digit is not cut off; only ink larger than the field is.
    """
    field = np.zeros((SIZE * _FINE, SIZE * _FINE), np.float32)
    ink = ink[: len(field), : len(field)]
    row, column = (int(np.clip(round(c), 0, len(field) - n)) for c, n in zip(corner, ink.shape))
    field[row : row + ink.shape[0], column : column + ink.shape[1]] = ink
    rows = field.reshape(SIZE, _FINE, -1).sum(1)  # one axis at a time takes a quarter of the time
    return np.uint8(np.rint(rows.reshape(SIZE, SIZE, _FINE).sum(2) / _FINE**2))
