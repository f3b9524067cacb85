"""From the ink of a picture to its digits: joins parts that belong together, cuts digits that touch."""

import numpy as np

from mnist_core.preprocessing.found import PictureDigit
from mnist_core.preprocessing.joins import Reader, apart, together
from mnist_core.preprocessing.segments import WHOLE, check_number, rows_of
from mnist_core.preprocessing.width import pen_width

Place = tuple[int, tuple[slice, slice]]
_DUST = 0.02  # of the tallest part's height: smaller parts are dust
_ALONG = 0.4  # of a side: a part at the border that is longer is the edge of something
_SEEN = 0.08  # of the picture's longer side: a real digit is taller
_MOST_SPECKS = 250


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
            digits += apart(PictureDigit.of(np.where(numbers[parts], ink, 0)), reader)
        rows.append(digits)
    return together(rows, reader) if reader else rows


def _parts(ink: np.ndarray, bridged: bool) -> tuple[np.ndarray, list[tuple[np.ndarray, int]]]:
    """Label the connected parts: each pixel's number, and the edge pixels and number of each part but dust."""
    from scipy.ndimage import binary_dilation, binary_erosion, find_objects, label

    inked = ink > 0.5
    # Bridge the gaps of a dry pen, but keep digits apart that nearly touch.
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
    # Of more specks than a dry pen leaves, the largest are enough.
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
    """Drop what lies along the picture's border, such as a desk beside the paper, and underlines."""
    shape = parts.shape

    def is_edge(place: Place) -> bool:
        return any(
            (place[1][axis].start <= 1 or place[1][axis].stop >= shape[axis] - 1)
            and _size(place, 1 - axis) > _ALONG * shape[1 - axis]
            for axis in (0, 1)
        )

    def is_strip(place: Place, thick: float) -> bool:
        """Whether it is thicker than a stroke, or thin and nearly as long as a side."""
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
