"""Joins the parts of a broken digit, and cuts digits that touch.

Both rely on how confident a reader is, so no rules about the shapes of parts are needed.
"""

import math
from collections.abc import Callable

import numpy as np

from mnist_core.preprocessing.found import PictureDigit

Reader = Callable[[np.ndarray], np.ndarray]
"""A function from images uint8 (n, 28, 28) to probabilities float32 (n, 10)."""
_BROKEN = 0.6  # confidence: less may be a part of a digit
_WELL, _VERY_WELL = 0.7, 0.9  # confidence required of a joined or cut digit
_WIDE = 1.1  # width to height: a single digit is seldom wider, two that touch are
_MOST_PARTS = 16  # with more digits than this, none are joined
_CUTS = 8  # the most places where touching digits may be cut


def sure_of(digits: list[PictureDigit], reader: Reader) -> np.ndarray:
    """The reader's confidence for each digit, float32 (n,)."""
    return reader(np.stack([digit.image() for digit in digits])).max(1)


def together(rows: list[list[PictureDigit]], reader: Reader) -> list[list[PictureDigit]]:
    """Join neighbours that are read better as one digit: the parts of a broken one."""
    digits = [digit for row in rows for digit in row]
    if not 2 <= len(digits) <= _MOST_PARTS:
        return rows
    sure = list(sure_of(digits, reader))
    while True:
        pairs = [
            (i, j)
            for i in range(len(digits))
            for j in range(i)
            if _near(digits[i], digits[j])
            and (min(sure[i], sure[j]) < _BROKEN or _halves(digits[i], digits[j]))
        ]
        both = [PictureDigit.of(np.maximum(digits[i].ink, digits[j].ink)) for i, j in pairs]
        together = list(sure_of(both, reader)) if both else []
        # Two that are read well separately must be read very well together.
        gain = [
            of - (_WELL if min(sure[i], sure[j]) < _BROKEN else _VERY_WELL)
            for of, (i, j) in zip(together, pairs)
        ]
        if not gain or max(gain) < 0:
            break
        best = int(np.argmax(gain))
        i, j = pairs[best]
        rows = [[both[best] if d is digits[j] else d for d in row if d is not digits[i]] for row in rows]
        digits[j], sure[j] = both[best], together[best]
        del digits[i], sure[i]
    return [row for row in rows if row]


def _near(one: PictureDigit, other: PictureDigit) -> bool:
    """Whether they are close enough, and together narrow enough, to be one digit."""
    boxes = np.array([one.extent, other.extent])
    low, high = boxes[:, :2].min(0), boxes[:, 2:].max(0)
    gaps = boxes[:, :2].max(0) - boxes[:, 2:].min(0)
    height = high[1] - low[1]
    return bool(gaps.max() <= 0.2 * height and high[0] - low[0] <= 1.3 * height)


def _halves(one: PictureDigit, other: PictureDigit) -> bool:
    """Whether one is directly above the other, with a small gap."""
    upper, lower = sorted((one.extent, other.extent), key=lambda extent: extent[1])
    across = min(upper[2], lower[2]) - max(upper[0], lower[0])
    narrower = min(upper[2] - upper[0], lower[2] - lower[0])
    return across >= 0.4 * narrower and lower[1] - upper[3] <= 0.1 * (lower[3] - upper[1])


def apart(digit: PictureDigit, reader: Reader | None) -> list[PictureDigit]:
    """The digit itself, or the touching digits in it, cut where they are read best; uncut without a reader."""
    rows, columns = np.nonzero(digit.ink > 0.5)
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    if reader is None or width < _WIDE * height:
        return [digit]
    places = _places_to_cut(digit.ink, columns.min(), columns.max() + 1, height)
    pieces = _pieces(digit.ink, places, height)
    if not pieces:
        return [digit]
    sure = dict(zip(pieces, np.log(sure_of(list(pieces.values()), reader))))
    cut = _best_way(places, sure)
    least = math.exp(min((sure[piece] for piece in cut), default=-math.inf))
    whole = float(sure_of([digit], reader)[0])
    return [pieces[piece] for piece in cut] if len(cut) > 1 and least > max(whole, _WELL) else [digit]


def _pieces(ink: np.ndarray, places: list[int], height: int) -> dict[tuple[int, int], PictureDigit]:
    """The ink between each two places that are about a digit's width apart."""
    pieces = {}
    for i, left in enumerate(places):
        for right in places[i + 1 :]:
            alone = np.zeros_like(ink)
            alone[:, left:right] = ink[:, left:right]
            if 0.1 * height <= right - left <= 1.2 * height and alone.max() > 0.5:
                pieces[left, right] = PictureDigit.of(alone)
    return pieces


def _best_way(places: list[int], sure: dict[tuple[int, int], float]) -> list[tuple[int, int]]:
    """The pieces from the first place to the last that are read best; `sure` holds their log probabilities.

    Empty if no pieces fill the whole width. Fewer pieces are better: each costs 0.1.
    """
    best: dict[int, tuple[float, list[tuple[int, int]]]] = {places[0]: (0.0, [])}
    for right in places[1:]:
        ways = [
            (best[left][0] + sure[left, right] - 0.1, [*best[left][1], (left, right)])
            for left in places
            if left in best and (left, right) in sure
        ]
        if ways:
            best[right] = max(ways, key=lambda way: way[0])
    return best.get(places[-1], (-math.inf, []))[1]


def _places_to_cut(ink: np.ndarray, left: int, right: int, height: int) -> list[int]:
    """Both ends, and between them the columns with the least ink."""
    profile = (ink[:, left:right] > 0.5).sum(0).astype(float)
    reach = max(1, round(0.06 * height))
    order, chosen = np.argsort(profile, kind="stable"), []
    for column in order:
        far_from_ends = 0.15 * height < column < right - left - 0.15 * height
        if far_from_ends and all(abs(column - other) > 2 * reach for other in chosen):
            chosen.append(int(column))
        if len(chosen) == _CUTS:
            break
    return [left, *(left + column for column in sorted(chosen)), right]
