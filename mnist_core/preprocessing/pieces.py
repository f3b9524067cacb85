"""From the ink of a picture to its digits: parts that belong together joined, digits that touch cut apart.

Where it is not clear what belongs together, that is right which is read best.
"""

import math
from collections.abc import Callable

import numpy as np

from mnist_core.preprocessing.found import PictureDigit
from mnist_core.preprocessing.segments import WHOLE, check_number, rows_of
from mnist_core.preprocessing.width import pen_width

Reader = Callable[[np.ndarray], np.ndarray]
"""From images uint8 (n, 28, 28) to probabilities float32 (n, 10)."""
Place = tuple[int, tuple[slice, slice]]
_DUST = 0.02  # of the tallest's height: what is smaller is none
_BROKEN = 0.6  # one that is read with less may be a part of a digit
_WELL, _VERY_WELL = 0.7, 0.9  # so sure of what is put together, or cut
_WIDE = 1.1  # times its height: a digit is seldom wider, two that touch are
_ALONG = 0.4  # of a side: what touches the border and is so long is the edge of something
_SEEN = 0.08  # of the picture's longer side: a digit that is meant is higher
_MOST_SPECKS = 250
_MOST_PARTS = 16  # so many are tried together
_CUTS = 8  # places at most where touching digits may be cut


def sure_of(digits: list[PictureDigit], reader: Reader) -> np.ndarray:
    """How sure the reader is of each, float32 (n,)."""
    return reader(np.stack([digit.image() for digit in digits])).max(1)


def digits_in(ink: np.ndarray, reader: Reader | None, bridged: bool) -> list[list[PictureDigit]]:
    parts, known = _parts(ink, bridged)
    if not known:
        return []
    rows = []
    for row in rows_of([edge for edge, _ in known], with_dots=False, halves=reader is None):
        digits = []
        for group in row:
            numbers = np.zeros(parts.max() + 1, bool)
            numbers[[known[i][1] for i in group]] = True
            digits += _apart(PictureDigit.of(np.where(numbers[parts], ink, 0)), reader)
        rows.append(digits)
    return _together(rows, reader) if reader else rows


def _together(rows: list[list[PictureDigit]], reader: Reader) -> list[list[PictureDigit]]:
    """Neighbours that are read better as one digit are the parts of a broken one."""
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
        # Two that are read well as they are must be read very well together.
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
    """Whether they are near enough, and together narrow enough, for one digit."""
    boxes = np.array([one.extent, other.extent])
    low, high = boxes[:, :2].min(0), boxes[:, 2:].max(0)
    gaps = boxes[:, :2].max(0) - boxes[:, 2:].min(0)
    height = high[1] - low[1]
    return bool(gaps.max() <= 0.2 * height and high[0] - low[0] <= 1.3 * height)


def _halves(one: PictureDigit, other: PictureDigit) -> bool:
    """Whether one stands closely above the other."""
    upper, lower = sorted((one.extent, other.extent), key=lambda extent: extent[1])
    across = min(upper[2], lower[2]) - max(upper[0], lower[0])
    narrower = min(upper[2] - upper[0], lower[2] - lower[0])
    return across >= 0.4 * narrower and lower[1] - upper[3] <= 0.1 * (lower[3] - upper[1])


def _parts(ink: np.ndarray, bridged: bool) -> tuple[np.ndarray, list[tuple[np.ndarray, int]]]:
    """The connected parts: their number at each pixel, and of each that is no dust its edge and number."""
    from scipy.ndimage import binary_dilation, binary_erosion, find_objects, label

    inked = ink > 0.5
    # A stroke that runs dry is still one; two digits that nearly touch are not.
    parts, count = label(binary_dilation(inked, np.ones((3, 3))) if bridged else ink > 0.9, np.ones((3, 3)))
    parts = np.where(ink > 0, parts, 0)
    places = find_objects(parts, count)
    known = _without_edges([(i + 1, place) for i, place in enumerate(places) if place], parts)
    if not known:
        return parts, []
    tallest = max(_size(one, 0) for one in known)
    known = [one for one in known if max(_size(one, 0), _size(one, 1)) >= max(3, _DUST * tallest)]
    if len(known) > _MOST_SPECKS:
        check_number(sum(_size(one, 0) > WHOLE * tallest for one in known))
    # Of more specks than a dry pen leaves the largest will do.
    known = sorted(known, key=lambda one: -_size(one, 0))[:_MOST_SPECKS]
    edges = []
    for number, place in known:
        mine = (parts[place] == number) & inked[place]
        rows, columns = np.nonzero(mine & ~binary_erosion(mine))
        if len(rows):
            edges.append((np.stack([columns + place[1].start, rows + place[0].start], 1).astype(float), number))
    return parts, edges


def _size(place: Place, axis: int) -> int:
    return place[1][axis].stop - place[1][axis].start


def _without_edges(known: list[Place], parts: np.ndarray) -> list[Place]:
    """Without what lies along the picture's border, such as a desk beside the paper, and without underlines."""
    shape = parts.shape

    def is_edge(place: Place) -> bool:
        return any(
            (place[1][axis].start <= 1 or place[1][axis].stop >= shape[axis] - 1)
            and _size(place, 1 - axis) > _ALONG * shape[1 - axis]
            for axis in (0, 1)
        )

    def is_strip(place: Place, thick: float) -> bool:
        """Whether it is thicker than a stroke, or as long as the side and thin."""
        number, where = place
        high, wide = _size(place, 0) / shape[0], _size(place, 1) / shape[1]
        is_thin = max(high, wide) > 0.8 and min(high, wide) < 0.04
        return is_thin or pen_width(parts[where] == number) > thick

    inner = [place for place in known if not is_edge(place)]
    high = [place for place in inner if _size(place, 0) > _SEEN * max(shape)]
    if high and len(inner) < len(known):
        pen = max(pen_width(parts[place] == number) for number, place in high)
        known = [one for one in known if one in inner or not is_strip(one, 2 * pen)]
    tallest = max((_size(place, 0) for place in known), default=0)
    return [place for place in known if _size(place, 1) < max(5 * _size(place, 0), 0.9 * tallest)]


def _apart(digit: PictureDigit, reader: Reader | None) -> list[PictureDigit]:
    """The digit, or the digits that touch each other in it, cut where they are read best."""
    rows, columns = np.nonzero(digit.ink > 0.5)
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    if reader is None or width < _WIDE * height:
        return [digit]
    whole = float(sure_of([digit], reader)[0])
    places = _places_to_cut(digit.ink, columns.min(), columns.max() + 1, height)
    pieces = {}
    for i, left in enumerate(places):
        for right in places[i + 1 :]:
            if 0.1 * height <= right - left <= 1.2 * height:
                alone = np.zeros_like(digit.ink)
                alone[:, left:right] = digit.ink[:, left:right]
                if alone.max() > 0.5:
                    pieces[left, right] = PictureDigit.of(alone)
    if not pieces:
        return [digit]
    sure = dict(zip(pieces, np.log(sure_of(list(pieces.values()), reader))))
    best: dict[int, tuple[float, list[tuple[int, int]]]] = {places[0]: (0.0, [])}
    for right in places[1:]:
        ways = [
            (best[left][0] + sure[left, right] - 0.1, [*best[left][1], (left, right)])
            for left in places
            if left in best and (left, right) in sure
        ]
        if ways:
            best[right] = max(ways, key=lambda way: way[0])
    _, cut = best.get(places[-1], (-math.inf, []))
    least = math.exp(min((sure[place] for place in cut), default=-math.inf))
    return [pieces[place] for place in cut] if len(cut) > 1 and least > max(whole, _WELL) else [digit]


def _places_to_cut(ink: np.ndarray, left: int, right: int, height: int) -> list[int]:
    """Both ends, and the columns between them where the ink is thinnest."""
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
