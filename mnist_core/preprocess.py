"""From ink to the image a model reads: the preparation that MNIST's own images had.

LeCun, Bottou, Bengio and Haffner (1998) scaled each digit, aspect kept, into a 20 x 20 box,
which left grey levels, and put it into 28 x 28 pixels with its centre of mass in the middle.
Everything drawn, uploaded or generated comes through here, so that a model sees at the canvas
what it saw in training. All images are uint8 (28, 28), white ink on black.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, ImageDraw, ImageOps, UnidentifiedImageError

SIZE = 28
BOX = 20
PEN = 0.12  # width of the ink as a share of the digit's longer side: MNIST's usual pen
DOT = 4  # canvas pixels: a click with a shaking hand
MAX_POINTS = 20_000
MAX_PIXELS = 40_000_000
IMAGE_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")

CANVAS = 280  # pixels: the side of the canvas, where a drawing is read as it stands there
_FINE = 8  # everything is drawn and centred at 8 times the final resolution
_APART = 0.04  # of the ink's height: white between two digits
_DUST = 0.08  # of the tallest's height
MOST_DIGITS = 12
_WHOLE = 0.4  # of the tallest's height: what is smaller is a part of a digit
Stroke = Sequence[Sequence[float]]


class DrawingError(ValueError):
    """Ink that cannot be read: the message says why and what to do."""


@dataclass(frozen=True)
class Steps:
    """The steps from a drawing to the model's image; without one it is seen what that one is for."""

    scale: bool = True  # the digit's box to 20 pixels; otherwise the canvas to 28
    pen: bool = True  # the ink at MNIST's width; otherwise as wide as the brush was
    centre: bool = True  # the centre of mass to the middle; otherwise where it was drawn


def from_strokes(strokes: Sequence[Stroke], steps: Steps = Steps(), brush: float = 20.0) -> np.ndarray | None:
    """The image of pen strokes: uint8 (28, 28), or None where there are no strokes.

    `strokes` is a list of strokes, each a list of (x, y) points with y down, in any unit. The
    ink is drawn anew at a width in proportion to the digit, so neither its size, its place nor
    the brush matter; where one of the steps is left out, they do: the strokes are then in pixels of
    a canvas with a side of CANVAS, and `brush` is their width. DrawingError where a coordinate is
    not a finite number.
    """
    lines = _checked(strokes)
    if not lines:
        return None
    if not (steps.scale and steps.centre):  # on the canvas, and not far outside
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
    # The middle of its box stays where it was on the canvas.
    middle = (low + np.ptp(points, axis=0) / 2) * SIZE * _FINE / CANVAS
    return _put(ink, [middle[1] - ink.shape[0] / 2, middle[0] - ink.shape[1] / 2])


def _scale(extent: float, steps: Steps, brush: float) -> tuple[float, float]:
    """Fine pixels for a unit of the strokes, and the width of the ink in fine pixels."""
    box = BOX * _FINE
    if not steps.scale:
        scale = SIZE * _FINE / CANVAS
        return scale, (max(1.0, PEN * extent) if steps.pen else brush) * scale
    if not steps.pen:
        return box / (extent + brush), brush * box / (extent + brush)
    # A single dot has no extent: it stays a dot, as wide as the pen.
    return (box * (1 - PEN) / extent if extent > 1e-9 else 0.0), box * PEN


def from_canvas(json_data: dict[str, Any] | None, steps: Steps = Steps()) -> np.ndarray | None:
    """The image of a drawable canvas's `json_data` (fabric.js): uint8 (28, 28).

    None where nothing was drawn, or no more than a dot, which is no digit.
    """
    strokes = _checked(canvas_strokes(json_data))
    if not strokes or np.ptp(np.concatenate(strokes), axis=0).max() < DOT:
        return None
    return from_strokes(strokes, steps, _brush(json_data))


def _brush(json_data: dict[str, Any]) -> float:
    """The usual width of the drawing's strokes, in canvas pixels."""
    widths = [thing.get("strokeWidth", 20) for thing in json_data["objects"]]
    return float(np.median([width for width in widths if isinstance(width, int | float)] or [20]))


def digits_of(strokes: Sequence[Stroke]) -> list[list[Stroke]]:
    """The strokes of each digit in a drawing, from left to right: "2026" is four.

    Strokes that stand above each other belong together, and small ones to their nearest neighbour.
    DrawingError where there are more than MOST_DIGITS.
    """
    lines = _checked(strokes)
    if not lines:
        return []
    height = np.ptp(np.concatenate(lines)[:, 1])
    spans = [(line[:, 0].min(), line[:, 0].max()) for line in lines]
    tall = [np.ptp(line[:, 1]) for line in lines]
    return [[lines[i] for i in group] for group in _apart(spans, tall, _APART * height)]


def canvas_strokes(json_data: dict[str, Any] | None) -> list[list[tuple[float, float]]]:
    """The strokes in a drawable canvas's `json_data`, in canvas pixels.

    fabric.js keeps a stroke as a path of M (x, y), L (x, y) and Q (control, end) commands; the
    curves are followed at a few points each, and a stroke that was moved, scaled or turned with
    the canvas's edit tool is read where it is seen. DrawingError where the data is not of that form.
    """
    if json_data is None:
        return []
    try:
        objects = [thing for thing in json_data.get("objects", []) if thing["type"].lower() == "path"]
        return [_edited(thing, _follow(thing["path"])) for thing in objects]
    except (TypeError, KeyError, AttributeError, ValueError, IndexError, ArithmeticError) as error:
        raise DrawingError("this is not a canvas drawing: clear the canvas and draw again") from error


def from_image(image: Image.Image) -> list[np.ndarray]:
    """The images of the digits in a picture, from left to right: uint8 (28, 28) each, none without ink.

    Dark on light and light on dark both do: the border tells the
    background, and a shadow that falls across the paper is taken away. Transparency counts as paper,
    and the file's rotation tag is obeyed. DrawingError where the picture's colours cannot be read.
    """
    ink = _without_rules(_ink(_grey(image)))
    rows = np.flatnonzero((ink > 0.5).any(1))
    if not len(rows):
        return []
    filled = (ink > 0.5).any(0)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], filled.astype(np.int8), [0]])))
    spans = [(float(first), float(last)) for first, last in zip(edges[::2], edges[1::2])]
    tall = [float(np.ptp(np.flatnonzero((ink[:, int(a) : int(b)] > 0.5).any(1)))) for a, b in spans]
    # Dust is no part of a digit.
    spans, tall = zip(*((span, high) for span, high in zip(spans, tall) if high >= _DUST * max(tall)))
    found = []
    for group in _apart(spans, tall, _APART * float(np.ptp(rows))):
        alone = np.zeros_like(ink)
        for a, b in (spans[i] for i in group):
            alone[:, int(a) : int(b)] = ink[:, int(a) : int(b)]
        found.append(normalise(alone))
    return found


def normalise(ink: np.ndarray) -> np.ndarray | None:
    """Ink float (height, width), 0..1, of any size as the image that MNIST would have made of it:
    uint8 (28, 28), or None where there is none."""
    rows, columns = np.nonzero(ink > 0.5)
    if not len(rows):
        return None
    crop = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    scale = BOX * _FINE / max(crop.shape)
    height, width = (max(1, round(side * scale)) for side in crop.shape)
    grey = Image.fromarray(np.uint8(crop * 255))
    return _place(np.asarray(grey.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2)))


def _apart(spans: Sequence[tuple[float, float]], tall: Sequence[float], gap: float) -> list[list[int]]:
    """Which of the `spans` along x make a digit together, from left to right; `tall` are their heights.

    Those that are less than `gap` apart do; a group that is much lower than the tallest is a part of
    its nearest neighbour.
    """
    groups: list[list[int]] = []
    right = -math.inf
    for i in sorted(range(len(spans)), key=lambda i: spans[i]):
        if spans[i][0] - right < gap:
            groups[-1].append(i)
        else:
            groups.append([i])
        right = max(right, spans[i][1])
    whole = [group for group in groups if max(tall[i] for i in group) >= _WHOLE * max(tall)]
    for group in groups:
        if group not in whole:
            middle = (spans[group[0]][0] + spans[group[0]][1]) / 2
            min(whole, key=lambda near: min(abs(middle - edge) for i in near for edge in spans[i])).extend(
                group
            )
    if len(whole) > MOST_DIGITS:
        raise DrawingError(f"this looks like {len(whole)} digits: at most {MOST_DIGITS} are read at a time")
    return whole


def open_image(file: BinaryIO) -> Image.Image:
    """Decode an uploaded picture. DrawingError says what is wrong with one that cannot be read.

    The size in its header is checked before a pixel is decoded.
    """
    too_large = f"up to {MAX_PIXELS // 1_000_000} million pixels are read: make the picture smaller"
    try:
        image = Image.open(file, formats=IMAGE_FORMATS)
        if image.width * image.height > MAX_PIXELS:
            raise DrawingError(f"the picture has {image.width} x {image.height} pixels; {too_large}")
        image.load()
        return image
    except Image.DecompressionBombError as error:
        raise DrawingError(f"the picture is huge; {too_large}") from error
    except UnidentifiedImageError as error:
        known = ", ".join(IMAGE_FORMATS)
        raise DrawingError(f"this is not a picture that can be read ({known})") from error
    except DrawingError:
        raise
    except Exception as error:  # a damaged file can raise nearly anything
        raise DrawingError("the picture is damaged or cut off: save it again and retry") from error


def _checked(strokes: Sequence[Stroke]) -> list[np.ndarray]:
    """Each stroke as float64 (points, 2), without the empty ones."""
    try:
        lines = [np.asarray(stroke, np.float64) for stroke in strokes if len(stroke)]
    except (TypeError, ValueError) as error:
        raise DrawingError("a stroke must be a list of (x, y) points") from error
    if not all(line.ndim == 2 and line.shape[1] == 2 for line in lines):
        raise DrawingError("a stroke must be a list of (x, y) points")
    if sum(map(len, lines)) > MAX_POINTS:
        raise DrawingError(f"the drawing has more than {MAX_POINTS} points: clear the canvas and draw again")
    if not all(np.isfinite(line).all() and (np.abs(line) < 1e9).all() for line in lines):
        raise DrawingError("a stroke has a coordinate that is not a finite number below a billion")
    return lines


def _draw(draw: ImageDraw.ImageDraw, line: np.ndarray, width: float) -> None:
    """One stroke with round ends and joints."""
    xy = [tuple(point) for point in line]
    if len(xy) > 1:
        draw.line(xy, fill=255, width=round(width), joint="curve")
    for x, y in (xy[0], xy[-1]):
        draw.circle((x, y), width / 2, fill=255)


def _place(ink: np.ndarray) -> np.ndarray:
    """Ink at `_FINE` resolution, put with its centre of mass where MNIST has it.

    That is the middle of pixel 14 of 28, counted from 0, in both directions (the mean over the
    test set is 13.99 and 14.01).
    """
    total = ink.sum(dtype=np.float64)
    mass = [
        ink.sum(axis=1 - axis, dtype=np.float64) @ (np.arange(n) + 0.5) / total
        for axis, n in enumerate(ink.shape)
    ]
    return _put(ink, [(SIZE + 1) * _FINE / 2 - centre for centre in mass])


def _put(ink: np.ndarray, corner: Sequence[float]) -> np.ndarray:
    """Ink at `_FINE` resolution with its upper left corner at (row, column), in the final resolution.

    It never leaves the field: of a very lopsided digit nothing is cut off. What is larger is.
    """
    field = np.zeros((SIZE * _FINE, SIZE * _FINE), np.float32)
    ink = ink[: len(field), : len(field)]
    row, column = (int(np.clip(round(c), 0, len(field) - n)) for c, n in zip(corner, ink.shape))
    field[row : row + ink.shape[0], column : column + ink.shape[1]] = ink
    return np.uint8(np.rint(field.reshape(SIZE, _FINE, SIZE, _FINE).mean((1, 3))))


def _follow(path: Sequence[Sequence[Any]]) -> list[tuple[float, float]]:
    points: list[tuple[float, float]] = []
    for command, *numbers in path:
        *control, x, y = (float(number) for number in numbers)
        if command == "Q":
            (x0, y0), (cx, cy) = points[-1], control
            for t in (0.25, 0.5, 0.75):
                a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
                points.append((a * x0 + b * cx + c * x, a * y0 + b * cy + c * y))
        points.append((x, y))
    return points


def _edited(thing: dict[str, Any], points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Where the points are seen: fabric.js turns and scales a path about its middle, put at left, top."""
    if "left" not in thing or not points:
        return points
    line = np.array(points)
    scale = [thing.get(f"scale{axis}", 1) * (-1 if thing.get(f"flip{axis}") else 1) for axis in "XY"]
    angle = np.deg2rad(thing.get("angle", 0))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middle = (line.min(0) + line.max(0)) / 2
    return list(map(tuple, (line - middle) * scale @ turn + [thing["left"], thing["top"]]))


def _grey(image: Image.Image) -> np.ndarray:
    """Grey levels float32 (height, width), 0..255, of a picture the right way up, up to 1024 pixels long."""
    try:
        image = ImageOps.exif_transpose(image)
        if image.mode[0] in "IF":  # 16 or 32 bits: what is black and what white, the picture itself tells
            levels = np.asarray(image, np.float32)
            darkest, brightest = float(levels.min()), float(levels.max())
            levels = (levels - darkest) * (255 / max(brightest - darkest, 1))
            image = Image.fromarray(np.uint8(levels))
        image.thumbnail((1024, 1024))
        if image.has_transparency_data:
            # Paper that was left out is white, or black below ink that would not be seen on white.
            grey, opacity = (np.asarray(band, np.float32) for band in image.convert("LA").split())
            ink = (grey * opacity).sum() / max(opacity.sum(), 1)
            paper = 0 if ink > 160 else 255
            return paper + (grey - paper) * opacity / 255
        return np.asarray(image.convert("L"), np.float32)
    except (OSError, ValueError) as error:
        raise DrawingError("the picture's colours cannot be read: save it as PNG or JPEG") from error


def _paper(grey: np.ndarray) -> np.ndarray:
    """How bright the paper is at each pixel: the plane through the border, for light falls unevenly."""
    y, x = np.indices(grey.shape, np.float32)
    edge = np.ones(grey.shape, bool)
    edge[1:-1, 1:-1] = False
    border = np.column_stack([np.ones(edge.sum()), y[edge], x[edge]])
    levels, flat = grey[edge], np.median(grey[edge])
    usual = np.abs(levels - flat) < 64  # not the ink that touches the border
    (level, down, across), *_ = np.linalg.lstsq(border[usual], levels[usual], rcond=None)
    return level + down * y + across * x


def _without_rules(ink: np.ndarray) -> np.ndarray:
    """The ink without the paper's ruled lines: thin ones from one edge of the picture to the other."""
    for _ in range(2):  # rows, then columns
        inked = ink > 0.3
        edge = max(2, ink.shape[1] // 100)
        ruled = (inked.mean(1) > 0.8) & inked[:, :edge].any(1) & inked[:, -edge:].any(1)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], ruled.astype(np.int8), [0]])))
        for first, last in zip(edges[::2], edges[1::2]):
            if last - first <= max(3, len(ink) // 40):
                above, below = ink[max(first - 2, 0)], ink[min(last + 1, len(ink) - 1)]
                # Where a stroke crosses the rule there is ink on both sides of it.
                ink[max(first - 1, 0) : last + 1] = np.minimum(above, below)
        ink = ink.T
    return ink


def _ink(grey: np.ndarray) -> np.ndarray:
    """How much ink each pixel holds, 0..1, from grey levels 0..255; all 0 where there is no contrast."""
    difference = np.abs(grey - _paper(grey))
    marks = difference[difference > 32]
    if marks.size < 20:  # a speck of dust
        return np.zeros_like(grey)
    # Below a fifth of the ink's strength it is paper, not ink.
    return np.clip((difference / np.percentile(marks, 90) - 0.2) / 0.6, 0, 1)
