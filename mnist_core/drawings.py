"""Drawings as they are kept and passed on: the strokes as a canvas wants them, and as a link holds them."""

import base64
import json
import zlib
from collections.abc import Sequence
from typing import Any

from mnist_core.preprocess import MAX_POINTS, DrawingError, Stroke

LONGEST = 6000  # characters of a link, which browsers and chat programs still take
_LARGEST = 200_000  # bytes, unpacked


def as_canvas(strokes: Sequence[Stroke], width: float = 20) -> dict[str, Any]:
    """Strokes as a drawable canvas takes them in `initial_drawing` (fabric.js), white and with round ends."""
    return {"objects": [_path(stroke, width) for stroke in strokes if len(stroke)]}


def to_text(strokes: Sequence[Stroke]) -> str | None:
    """The strokes, in whole pixels, as letters, digits, - and _ for a link; None where that is too long."""
    whole = [[round(float(number)) for point in stroke for number in point] for stroke in strokes]
    packed = zlib.compress(json.dumps(whole, separators=(",", ":")).encode(), 9)
    text = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    return text if len(text) <= LONGEST else None


def from_text(text: str) -> list[list[tuple[float, float]]]:
    """The strokes that `to_text` wrote; DrawingError where the text is none of its."""
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
    except Exception as error:  # what is in a link can be wrong in nearly any way
        raise DrawingError(
            "the drawing in this link cannot be read: it was cut off or changed on its way"
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
