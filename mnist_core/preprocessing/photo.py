"""Finds the ink and the digits in pictures of paper; each digit is prepared as preprocess.py does strokes."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from mnist_core.preprocessing.found import Box, Found, PictureDigit
from mnist_core.preprocessing.ink import WINDOWS, colours, ink_of, is_light_on_dark
from mnist_core.preprocessing.joins import Reader, sure_of
from mnist_core.preprocessing.panel import panel_of
from mnist_core.preprocessing.pieces import digits_in
from mnist_core.preprocessing.preprocess import DrawingError
from mnist_core.preprocessing.rules import without_rules
from mnist_core.preprocessing.segments import in_rows

_BETTER = 0.05  # more confident by this with nothing removed: the removed line was part of a digit
_TURNED = 0.9, 0.7  # required confidence after turning, and the confidence below which turning is tried


def find_in_picture(image: Image.Image, reader: Reader | None = None, turn: int | None = None) -> Found:
    """The digits in a picture, row by row; none if it has no ink.

    Ink may be dark on light or light on dark. Shadows, rules, frames and dust are removed, transparency
    counts as paper, and the file's rotation tag is obeyed. With a `reader`, touching digits are cut where
    the parts are read best, and a picture that lies on its side is turned if it is then read much better;
    `turn` instead turns it by this many quarters to the left. DrawingError if the picture's colours cannot
    be read or it has too many marks.
    """
    seen = colours(image)
    found = _find(np.rot90(seen, turn or 0), reader)
    if turn is not None or reader is None or not found.digits:
        return found
    sure, unsure = _TURNED
    mean = _mean(found, reader)
    stands_on_end = len(found.rows) > 1 and _is_upright(found)
    if mean >= unsure and not stands_on_end:
        return found
    ways = [(quarters, _find_or_none(np.rot90(seen, quarters), reader)) for quarters in (1, 3, 2)]
    turned, best = max(ways, key=lambda way: _mean(way[1], reader))
    least = sure if mean < unsure else max(sure, mean)
    if _mean(best, reader) < least or (mean >= unsure and len(best.rows) >= len(found.rows)):
        return found
    return replace(best, turned=turned)


def _is_upright(found: Found) -> bool:
    """Whether all digits together are taller than wide."""
    extents = np.array([digit.extent for digit in found.digits])
    wide, high = extents[:, 2:].max(0) - extents[:, :2].min(0)
    return bool(high > 1.3 * wide)


def in_boxes(found: Found, boxes: Sequence[Box]) -> Found:
    """The digits in these boxes of a picture, one digit a box; boxes without ink are left out.

    Where no ink was found before, such as beside the paper with the other digits, the box is searched
    on its own.
    """
    height, width = found.ink.shape
    digits = []
    for left, top, right, bottom in boxes:
        alone = np.zeros((height, width), np.float32)
        place = (
            slice(math.floor(top * height), math.ceil(bottom * height)),
            slice(math.floor(left * width), math.ceil(right * width)),
        )
        alone[place] = found.ink[place] / 255
        if alone.max() <= 0.5 and alone[place].size:
            part = found.whole[place].astype(np.float32)
            alone[place] = ink_of(part, WINDOWS[-1], is_light_on_dark(part))
        if alone.max() > 0.5:
            digits.append(PictureDigit.of(alone))
    rows = in_rows([digit.extent for digit in digits])
    return replace(found, rows=[[digits[i] for i in row] for row in rows])


def _find_or_none(seen: np.ndarray, reader: Reader) -> Found:
    try:
        return _find(seen, reader, most_ways=1)
    except DrawingError:
        return Found()


def _mean(found: Found, reader: Reader) -> float:
    """The reader's mean confidence in the digits."""
    return float(sure_of(found.digits, reader).mean()) if found.digits else 0.0


def _find(seen: np.ndarray, reader: Reader | None, most_ways: int = 4) -> Found:
    """Try several ways to tell ink from paper; the first that is read well, or else the best of them."""
    top, bottom, left, right = panel_of(seen)
    field, whole = seen[top:bottom, left:right], np.uint8(seen.clip(0, 255))
    light = is_light_on_dark(field)
    best, most = Found(whole=whole), -1.0
    narrow, wide = WINDOWS
    ways = ((light, narrow, True), (light, narrow, False), (light, wide, True), (not light, narrow, True))
    for light_on_dark, window, bridged in ways[:most_ways]:
        ink = np.zeros(seen.shape[:2], np.float32)
        ink[top:bottom, left:right] = ink_of(field, window, light_on_dark)
        found = _without_rules(ink, whole, reader, bridged)
        if reader is None:
            return found
        if best.rows and len(found.rows) > len(best.rows):
            continue  # more rows than the first time are fragments, not more digits
        if (sure := _mean(found, reader)) >= _TURNED[1]:
            return found
        if sure > most:
            best, most = found, sure
    return best


def _without_rules(ink: np.ndarray, whole: np.ndarray, reader: Reader | None, bridged: bool) -> Found:
    bare, taken = without_rules(ink)
    found = Found(digits_in(bare, reader, bridged), whole, taken, np.uint8(255 * bare))
    if reader is None or not taken.any():
        return found
    # The removed line may have been a digit's own stroke.
    with_all = Found(_digits_or_none(ink, reader, bridged), whole, np.zeros_like(taken), np.uint8(255 * ink))
    return with_all if _mean(with_all, reader) > _mean(found, reader) + _BETTER else found


def _digits_or_none(ink: np.ndarray, reader: Reader, bridged: bool) -> list[list[PictureDigit]]:
    try:
        return digits_in(ink, reader, bridged)
    except DrawingError:
        return []
