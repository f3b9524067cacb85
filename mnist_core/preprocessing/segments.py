"""Groups ink into digits, and digits into rows: "2026" is four digits in one row.

Parts are a drawing's strokes or a picture's connected ink, each given as points (n, 2) of (x, y), y down.
"""

from collections.abc import Sequence
from statistics import median

import numpy as np

from mnist_core.language.messages import message
from mnist_core.preprocessing.preprocess import DrawingError, Stroke, checked

MOST_DIGITS = 30
MOST_STROKES = 300
_TOUCH = 0.04  # of the tallest part's height: closer parts belong together
_BROKEN = 0.1  # of their joint height: closer parts, one above the other, may be halves of one digit
WHOLE = 0.4  # of the tallest part's height: a smaller part is not a digit by itself
_NEAR = 0.5  # of the tallest part's height: a small part belongs to a digit closer than this
_DOT = 0.15  # of the tallest part's height: anything smaller is never a digit
_POINTS = 200  # at most, of each part when two are compared
_SPACING = 0.03  # of the tallest part's height, between two points of a part
Group = list[int]


def digits_of(strokes: Sequence[Stroke]) -> list[list[list[Stroke]]]:
    """The strokes of each digit in a drawing, row by row from the top, left to right in each row.

    DrawingError if there are more than MOST_DIGITS digits or MOST_STROKES strokes.
    """
    lines = checked(strokes)
    if not lines:
        return []
    if len(lines) > MOST_STROKES:
        raise DrawingError(
            message(
                "There are {number} strokes, and at most {limit} are read at a time: clear the canvas and draw "
                "again.",
                number=len(lines),
                limit=MOST_STROKES,
            )
        )
    if len(lines) == 1:
        return [[lines]]
    tallest = max(float(np.ptp(line[:, 1])) for line in lines) or 1.0
    rows = rows_of([_dense(line, _SPACING * tallest) for line in lines])
    return [[[lines[i] for i in sorted(group)] for group in row] for row in rows]


def rows_of(parts: Sequence[np.ndarray], with_dots: bool = True, halves: bool = True) -> list[list[Group]]:
    """Group the parts into digits, row by row from the top, left to right in each row.

    Parts that touch or are closely above each other are one digit, and small parts join their nearest
    neighbour. Without `with_dots`, small parts far from any other are left out; without `halves`, two parts
    tall enough to be digits are joined only if they touch. DrawingError if there are more than MOST_DIGITS.
    """
    boxes = np.array([[*part.min(0), *part.max(0)] for part in parts])
    tallest = float((boxes[:, 3] - boxes[:, 1]).max()) or 1.0
    groups = _grouped(parts, boxes, tallest, with_dots, halves)
    check_number(len(groups))
    around = [[*boxes[group, :2].min(0), *boxes[group, 2:].max(0)] for group in groups]
    return [[groups[i] for i in row] for row in in_rows(around)]


def check_number(number: int) -> None:
    if number > MOST_DIGITS:
        raise DrawingError(
            message(
                "There are {number} marks, and at most {limit} digits are read at a time: crop the picture, or "
                "draw fewer.",
                number=number,
                limit=MOST_DIGITS,
            )
        )


def _grouped(
    parts: Sequence[np.ndarray], boxes: np.ndarray, tallest: float, with_dots: bool, halves: bool
) -> list[Group]:
    sizes = boxes[:, 2:] - boxes[:, :2]
    whole = [i for i in range(len(parts)) if sizes[i, 1] >= WHOLE * tallest] or [int(sizes.max(1).argmax())]
    if len(whole) > 4 * MOST_DIGITS:
        check_number(len(whole))
    joined = {i: [i] for i in whole}
    for place, i in enumerate(whole):
        for j in whole[:place]:
            if joined[i] is not joined[j] and _belong(parts, boxes, i, j, tallest, halves):
                joined[i].extend(joined[j])
                for member in list(joined[j]):
                    joined[member] = joined[i]
    groups = list({id(group): group for group in joined.values()}.values())
    return groups + _joined(
        parts, boxes, groups, sorted(set(range(len(parts))) - set(whole)), tallest, with_dots
    )


def _joined(
    parts: Sequence[np.ndarray],
    boxes: np.ndarray,
    groups: list[Group],
    small: list[int],
    tallest: float,
    with_dots: bool,
) -> list[Group]:
    """Add small parts to their nearest group, the nearest first; returns the remaining ones as groups."""
    near = _NEAR * tallest * (1.0 if with_dots else 0.5)

    def gap(i: int, j: int) -> float:
        """The distance of two parts; if they are not near, that of their boxes is enough."""
        steps = np.maximum(boxes[i, :2], boxes[j, :2]) - np.minimum(boxes[i, 2:], boxes[j, 2:])
        least = float(np.hypot(*steps.clip(0)))
        return least if least > near else _gap(parts[i], parts[j])

    gaps = {i: [min(gap(i, j) for j in group) for group in groups] for i in small}
    while gaps:
        i = min(gaps, key=lambda i: min(gaps[i]))
        nearest = int(np.argmin(gaps[i]))
        if gaps[i][nearest] > near and not (with_dots and (boxes[i, 2:] - boxes[i, :2]).max() < _DOT * tallest):
            break
        groups[nearest].append(i)
        del gaps[i]
        for j in gaps:
            gaps[j][nearest] = min(gaps[j][nearest], gap(i, j))
    return [[i] for i in gaps] if with_dots else []


def _belong(
    parts: Sequence[np.ndarray], boxes: np.ndarray, i: int, j: int, tallest: float, halves: bool
) -> bool:
    """Whether two parts that are tall enough to be digits are one digit."""
    (left, top), (right, bottom) = (
        np.maximum(boxes[i, :2], boxes[j, :2]),
        np.minimum(boxes[i, 2:], boxes[j, 2:]),
    )
    widths = boxes[[i, j], 2] - boxes[[i, j], 0]
    # A vertical line has almost no width of its own.
    narrower = max(float(widths.min()), 0.1 * tallest)
    apart = left - right
    if apart > _TOUCH * tallest:
        return False
    gap = _gap(parts[i], parts[j])
    if gap < _TOUCH * tallest or not halves:
        return gap < _TOUCH * tallest
    height = max(boxes[i, 3], boxes[j, 3]) - min(boxes[i, 1], boxes[j, 1])
    stand_above = (-apart >= 0.5 * narrower) or (-apart >= 0.5 * widths.min() and widths.min() > 0)
    if top > bottom or bottom - top < 0.25 * min(boxes[i, 3] - boxes[i, 1], boxes[j, 3] - boxes[j, 1]):
        return stand_above and gap < _BROKEN * height
    return stand_above and gap < 0.35 * tallest


def _gap(one: np.ndarray, other: np.ndarray) -> float:
    """The distance between the nearest points of two parts."""
    (x, y), (other_x, other_y) = _thinned(one).T, _thinned(other).T
    return float(np.sqrt(((x[:, None] - other_x) ** 2 + (y[:, None] - other_y) ** 2).min()))


def _thinned(points: np.ndarray) -> np.ndarray:
    return points[:: -(-len(points) // _POINTS)]


def in_rows(boxes: Sequence[Sequence[float]]) -> list[list[int]]:
    """The indices of the boxes (left, top, right, bottom), row by row from the top, left to right in each.

    Taken from left to right, each box joins the row whose last box it is level with, or starts a new row.
    """
    across = [left + right for left, _, right, _ in boxes]
    middles = [(top + bottom) / 2 for _, top, _, bottom in boxes]
    heights = [bottom - top for _, top, _, bottom in boxes]
    usual = median(heights) if heights else 0.0
    rows: list[list[int]] = []
    for i in sorted(range(len(boxes)), key=across.__getitem__):
        row = min(rows, key=lambda row: abs(middles[i] - middles[row[-1]]), default=[])
        if row and abs(middles[i] - middles[row[-1]]) < 0.6 * max(usual, heights[i], heights[row[-1]]):
            row.append(i)
        else:
            rows.append([i])
    return sorted(rows, key=lambda row: np.mean([middles[i] for i in row]))


def _dense(line: np.ndarray, spacing: float) -> np.ndarray:
    """The stroke with extra points, at most `spacing` apart (2,000 at most)."""
    if len(line) == 1 or spacing <= 0:
        return line
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    along = np.concatenate([[0], np.cumsum(steps)])
    at = np.linspace(0, along[-1], int(min(2000, max(2, np.ceil(along[-1] / spacing)))))
    return np.concatenate([line, np.stack([np.interp(at, along, line[:, axis]) for axis in (0, 1)], 1)])
