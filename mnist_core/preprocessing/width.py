"""Brings the ink of a picture to the width of MNIST's pen, using the distance from the ink's edge."""

import numpy as np
from PIL import Image

PEN = 0.12  # width of MNIST's usual pen as a share of the digit's longer side
WIDEST, THINNEST = 1.5, 0.9  # of MNIST's pen: ink between these keeps its width
_FULL, _THINNED = 1.0, 1.25  # of MNIST's pen: thinner ink gets the first width, wider ink the second
_SMOOTH = 1.2  # pixels over which an edge fades


def pen_width(inked: np.ndarray) -> float:
    """The usual stroke width in pixels, for bool (height, width); 0 without ink.

    Across a stroke the distance from the edge rises to half the width, so its mean is a quarter of the width.
    """
    from scipy.ndimage import distance_transform_edt

    inside = distance_transform_edt(np.pad(inked, 1))
    return 4 * float(np.median(inside[inside > 0])) - 1 if inked.any() else 0.0


def at_pen_width(crop: np.ndarray, side: int) -> np.ndarray:
    """Scale ink float (height, width), 0..1, cut at its edges, so that its longer side is `side` pixels.

    Strokes that are too thin or too thick are brought near the width of a canvas's strokes, PEN times the
    side. Returns uint8 (height, width).
    """
    from scipy.ndimage import distance_transform_edt

    longer = max(crop.shape)
    width = pen_width(crop > 0.5) / longer
    low, high = THINNEST * PEN, WIDEST * PEN
    wanted = _FULL * PEN if width < low else min(width, _THINNED * PEN) if width > high else width
    # Ink that is widened must reach `side`, not exceed it.
    scale = side * (1 - wanted) / (1 - min(width, 0.9)) / longer if width < 0.9 else side / longer
    fine = _resized(crop, scale)
    change = wanted * side / 2 - width * scale * longer / 2
    margin = max(0, round(change))
    fine = np.pad(fine, margin)
    if abs(change) < 0.5:
        return np.uint8(fine * 255)
    inked = fine > 0.5
    distance = distance_transform_edt(~inked) - distance_transform_edt(inked) + np.where(inked, 0.5, -0.5)
    drawn = np.clip((change - distance) / _SMOOTH + 0.5, 0, 1)
    drawn = drawn if drawn.max() > 0.5 else fine
    # A blot has no single width, so thinning may not have shrunk every side as computed.
    rows, columns = np.nonzero(drawn > 0.5)
    extent = max(np.ptp(rows), np.ptp(columns)) + 1
    return np.uint8(255 * (_resized(drawn, side / extent) if extent > 1.05 * side else drawn))


def as_wide(crop: np.ndarray, side: int) -> np.ndarray:
    """As `at_pen_width`, but keeps the width of the ink."""
    return np.uint8(255 * _resized(crop, side / max(crop.shape)))


def _resized(crop: np.ndarray, scale: float) -> np.ndarray:
    height, width = (max(1, round(length * scale)) for length in crop.shape)
    grey = Image.fromarray(np.float32(crop))
    return np.asarray(grey.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2)).clip(0, 1)
