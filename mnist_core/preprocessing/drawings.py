"""Drawings as the canvas reads and writes them (fabric.js), and as a link holds them."""

import base64
import json
import zlib
from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np

from mnist_core.language.messages import message
from mnist_core.preprocessing.found import DrawnDigit, Found
from mnist_core.preprocessing.preprocess import (
    AS_IT_STANDS,
    CANVAS,
    MAX_POINTS,
    DrawingError,
    Stroke,
    checked,
    from_strokes,
)
from mnist_core.preprocessing.segments import digits_of

RUBBER = "#000000"  # the colour of eraser strokes
DOT = 4  # canvas pixels: a smaller drawing is a click with a shaky hand
LONGEST = 6000  # characters: browsers and chat programs accept links of this length
_LARGEST = 200_000  # bytes after decompression


def find_on_canvas(json_data: dict[str, Any] | None) -> Found:
    """The digits in a drawable canvas's `json_data` (fabric.js).

    Nothing is found if the drawing is empty or no larger than a dot. DrawingError if the data is not in
    that format.
    """
    strokes = checked(canvas_strokes(json_data))
    if not strokes or np.ptp(np.concatenate(strokes), axis=0).max() < DOT:
        return Found()
    brush = _brush(json_data)
    rows = [[DrawnDigit(digit, brush) for digit in row] for row in digits_of(strokes)]
    # With a single digit there is nothing to separate, and the image would delay every stroke.
    is_one = sum(map(len, rows)) == 1
    return Found(rows, None if is_one else from_strokes(strokes, AS_IT_STANDS, brush))


def over(image: np.ndarray, json_data: dict[str, Any] | None) -> np.ndarray:
    """The image uint8 (28, 28) with a canvas's strokes drawn over it in place: uint8 (28, 28).

    The image fills the canvas. Black strokes erase, all others add ink, each as wide as its brush.
    DrawingError if `json_data` is not in that format.
    """
    values = image.astype(np.float64)
    for thing, stroke in zip((json_data or {}).get("objects", []), canvas_strokes(json_data), strict=False):
        ink = from_strokes([stroke], AS_IT_STANDS, _brush({"objects": [thing]}))
        if ink is not None:
            wanted = 0.0 if thing.get("stroke") == RUBBER else 255.0
            values += (wanted - values) * (ink / 255)
    return np.uint8(np.rint(values))


def canvas_strokes(json_data: dict[str, Any] | None) -> list[list[tuple[float, float]]]:
    """The strokes in a drawable canvas's `json_data`, in canvas pixels.

    fabric.js keeps a stroke as a path of M (x, y), L (x, y) and Q (control, end) commands. Curves are
    sampled at a few points; a stroke that was moved, scaled or turned with the canvas's edit tool is
    read where it appears. DrawingError if the data is not in that format.
    """
    if json_data is None:
        return []
    try:
        objects = [thing for thing in json_data.get("objects", []) if thing["type"].lower() == "path"]
        return [_edited(thing, _follow(thing["path"])) for thing in objects]
    except (TypeError, KeyError, AttributeError, ValueError, IndexError, ArithmeticError) as error:
        raise DrawingError(message("This is not a canvas drawing: clear the canvas and draw again.")) from error


def as_canvas(strokes: Sequence[Stroke], width: float = 20) -> dict[str, Any]:
    """Strokes in the form that a drawable canvas takes as `initial_drawing` (fabric.js), white, round ends."""
    return {"objects": [_path(stroke, width) for stroke in strokes if len(stroke)]}


def to_text(strokes: Sequence[Stroke]) -> str | None:
    """The strokes in whole pixels as URL-safe base64 for a link; None if that is too long."""
    whole = [[round(float(number)) for point in stroke for number in point] for stroke in strokes]
    packed = zlib.compress(json.dumps(whole, separators=(",", ":")).encode(), 9)
    text = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    return text if len(text) <= LONGEST else None


def from_text(text: str) -> list[list[tuple[float, float]]]:
    """The strokes that `to_text` wrote; DrawingError if the text is not valid."""
    try:
        if len(text) > LONGEST:
            raise ValueError("too long")
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        unpacked = zlib.decompressobj()
        data = json.loads(unpacked.decompress(packed, _LARGEST))
        strokes = [[(float(x), float(y)) for x, y in zip(line[::2], line[1::2], strict=True)] for line in data]
        far = any(not -10_000 < number < 10_000 for stroke in strokes for point in stroke for number in point)
        if far or sum(map(len, strokes)) > MAX_POINTS:
            raise ValueError("too much")
        return strokes
    except Exception as error:  # a link's text can be wrong in nearly any way
        raise DrawingError(
            message("The drawing in this link cannot be read: the link is incomplete or was changed.")
        ) from error


def _path(stroke: Stroke, width: float) -> dict[str, Any]:
    (x, y), *rest = [(float(x), float(y)) for x, y in stroke]
    across, down = zip((x, y), *rest)
    return {
        "type": "path",
        "path": [["M", x, y], *(["L", *point] for point in rest or [(x, y)])],
        "left": (min(across) + max(across)) / 2,
        "top": (min(down) + max(down)) / 2,
        "originX": "center",
        "originY": "center",
        "fill": None,
        "stroke": "#ffffff",
        "strokeWidth": width,
        "strokeLineCap": "round",
        "strokeLineJoin": "round",
    }


def _brush(json_data: dict[str, Any]) -> float:
    """The usual width of the drawing's strokes, in canvas pixels."""
    widths = [thing.get("strokeWidth", 20) for thing in json_data["objects"]]
    known = [width for width in widths if isinstance(width, int | float) and 0 < width < 1e9]
    return float(np.clip(median(known or [20]), 1, CANVAS))


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
    """The points as displayed: fabric.js turns and scales a path about its centre, placed at (left, top)."""
    if "left" not in thing or not points:
        return points
    line = np.array(points)
    scale = [float(thing.get(f"scale{axis}", 1)) * (-1 if thing.get(f"flip{axis}") else 1) for axis in "XY"]
    angle = np.deg2rad(float(thing.get("angle", 0)))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middle = (line.min(0) + line.max(0)) / 2
    return list(map(tuple, (line - middle) * scale @ turn + [float(thing["left"]), float(thing["top"])]))
