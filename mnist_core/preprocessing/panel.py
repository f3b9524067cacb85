"""Finds the relevant part of a picture: paper on a desk, the area of a plotted digit, a framed screenshot."""

import numpy as np

_LEAST = 0.12  # of the picture's area: a field is larger
_FULL = 0.85  # of each side: a field's edge is this straight
_DIFFERENT = 40  # grey levels from its surroundings
Box = tuple[int, int, int, int]


def panel_of(seen: np.ndarray) -> Box:
    """Top, bottom, left, right of the field in pixels; the whole picture if there is none.

    `seen` is float32 (height, width, 3). A field is a filled rectangle whose colour differs from the
    picture's border.
    """
    from scipy.ndimage import binary_closing, binary_fill_holes, find_objects, label

    height, width = seen.shape[:2]
    whole = (0, height, 0, width)
    if min(height, width) < 24:
        return whole
    border = np.concatenate([seen[0], seen[-1], seen[:, 0], seen[:, -1]])
    around = np.median(border, 0)
    differs = np.abs(seen - around).max(-1) > _DIFFERENT
    if differs.mean() < _LEAST:
        return whole
    parts, count = label(binary_closing(differs, np.ones((3, 3))))
    if not count:
        return whole
    largest = int(np.bincount(parts.ravel())[1:].argmax()) + 1
    place = find_objects(parts)[largest - 1]
    field = binary_fill_holes(parts[place] == largest)
    # Cut off what sticks out, such as the ticks of a plot.
    (first, last), (begin, end) = (_extent(field.mean(1)), _extent(field.mean(0)))
    place = (
        slice(place[0].start + first, place[0].start + last),
        slice(place[1].start + begin, place[1].start + end),
    )
    field = field[first:last, begin:end]
    high, wide = field.shape
    inset = max(1, round(0.01 * max(high, wide)))
    if min(high, wide) <= 2 * inset:
        return whole
    sides = (field[inset], field[-1 - inset], field[:, inset], field[:, -1 - inset])
    is_filled = all(side.mean() >= _FULL for side in sides) and field.mean() >= 0.9
    if not _has_edges(seen.mean(-1), place):
        return whole
    original = (parts[place] == largest).mean()
    if (
        not is_filled
        or high * wide < _LEAST * height * width
        or original < 0.5
        or min(high, wide) < 0.3 * max(high, wide)
        or (high, wide) == (height, width)
    ):
        return whole
    rows, columns = place
    inset *= 2
    return rows.start + inset, rows.stop - inset, columns.start + inset, columns.stop - inset


def _extent(shares: np.ndarray) -> tuple[int, int]:
    """The first and last index (exclusive) where the shares are at least half of the largest."""
    full = np.flatnonzero(shares >= 0.5 * shares.max())
    return int(full[0]), int(full[-1]) + 1


def _has_edges(grey: np.ndarray, place: tuple[slice, slice]) -> bool:
    """Whether brightness jumps at every side of the place that is not on the picture's border, two or more.

    A single such side is the edge of a shadow.
    """
    sides = 0
    for one, (rows, columns) in ((grey, place), (grey.T, place[::-1])):
        for inside, outside in ((rows.start + 3, rows.start - 4), (rows.stop - 4, rows.stop + 3)):
            if 0 <= outside < len(one):
                step = np.abs(one[inside, columns] - one[outside, columns])
                if np.median(step) < _DIFFERENT / 2:
                    return False
                sides += 1
    return sides >= 2
