"""Removes lines of the paper: rules, grids, boxes, underlines, the frame of a plot.

Such lines are straight, thin, and within a few degrees of horizontal or vertical. A line is removed only if
other ink remains and the line extends well beyond it, which the top or foot of a digit does not.
"""

from dataclasses import dataclass

import numpy as np

_PALE = 0.2  # of full ink: rules are often paler than the writing over them
_PIECE = 0.08  # of the picture's longer side: the shortest straight piece of a line that is found
_CROSSED = 0.12  # of the picture's longer side: the largest gap where a stroke crosses a line
_LEAN = 0.035  # the steepest slope of a line: two degrees
_THICK = 0.03  # of the picture's longer side: a line is thinner
_UNCOVERED = 3.0  # sizes of the ink that touches it: more of a line's length has no such ink above or below
_EDGE = 0.03  # of the picture's side: a line that ends closer to the border counts as reaching it
_PARALLEL = 3  # at least this many lines from border to border are a grid or a ruled sheet
_LONGER = 1.2  # times the height and width of other ink: a longer line that touches nothing is removed
_WIDER, _AS_LONG = 1.3, 0.85  # or, if horizontal: longer than these times the other ink's width and height
_MOST_LINES = 200  # more are a texture, such as cloth
_OTHER = 0.05  # of such a line's length: other ink is larger


@dataclass(frozen=True)
class _Line:
    rows: np.ndarray
    columns: np.ndarray

    @property
    def length(self) -> int:
        return int(np.ptp(self.columns)) + 1


def without_rules(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ink float (height, width) without such lines, and the removed pixels, bool (height, width)."""
    inked = ink > _PALE
    across, upright = _lines(inked), _lines(inked.T)
    taken = np.zeros(ink.shape, bool)
    if not across and not upright:
        return ink, taken
    rest = inked.copy()
    for line in across:
        rest[line.rows, line.columns] = False
    for line in upright:
        rest[line.columns, line.rows] = False
    for line in _foreign(across, rest, inked):
        taken[line.rows, line.columns] = True
    # An isolated vertical line may be a one: it is removed only as the side of a frame.
    for line in _foreign(upright, rest.T, inked.T, taken.T):
        taken[line.columns, line.rows] = True
    return np.where(_grown(taken), 0, ink).astype(ink.dtype), taken


def _foreign(
    lines: list[_Line], rest: np.ndarray, inked: np.ndarray, frame: np.ndarray | None = None
) -> list[_Line]:
    """The horizontal lines that are no part of a digit; `rest` is the ink without any lines.

    With a `frame`, bool (height, width), a line that touches no other ink must end at the frame on both sides.
    """
    others = _Others(rest, inked)
    margin = _EDGE * inked.shape[1]
    through = [
        line
        for line in lines
        if line.columns.min() <= margin and line.columns.max() >= inked.shape[1] - margin - 1
    ]
    foreign = through if len(through) >= _PARALLEL and others.large else []
    known = set(map(id, foreign))
    return foreign + [line for line in lines if id(line) not in known and others.shun(line, frame)]


class _Others:
    """The ink other than lines, as connected parts, with which a line is compared."""

    def __init__(self, rest: np.ndarray, inked: np.ndarray) -> None:
        from scipy.ndimage import find_objects, label

        self.parts, _ = label(rest, np.ones((3, 3)))
        self.whole, _ = label(inked, np.ones((3, 3)))
        self.places = find_objects(self.parts)
        least = max(5, 0.015 * max(inked.shape))
        self.large = [i for i in range(len(self.places)) if self.size(i) > least]

    def size(self, i: int, axes: tuple[int, ...] = (0, 1)) -> int:
        return max(self.places[i][axis].stop - self.places[i][axis].start for axis in axes)

    def shun(self, line: _Line, frame: np.ndarray | None) -> bool:
        """Whether the line is no part of this ink."""
        touched = set(np.unique(self.parts[_beside(line, self.parts.shape)]))
        thick = 2 * len(line.rows) / line.length + 2  # no taller than this is a piece of the line itself
        touching = [i for i in self.large if i + 1 in touched and self.size(i, (0,)) > thick]
        if not touching:
            return self._stands_alone(line, frame)
        covered = np.zeros(self.parts.shape[1], bool)
        for i in touching:
            covered[self.places[i][1]] = True
        uncovered = (~covered[line.columns.min() : line.columns.max() + 1]).sum()
        return bool(uncovered > _UNCOVERED * max(map(self.size, touching)))

    def _stands_alone(self, line: _Line, frame: np.ndarray | None) -> bool:
        mine = set(np.unique(self.whole[line.rows, line.columns]))
        apart = [i for i in self.large if self._belongs_to(i) not in mine]
        tallest = max(map(self.size, apart), default=0)
        if tallest <= _OTHER * line.length:
            return False
        is_longer = line.length > _LONGER * tallest
        if frame is not None:
            return is_longer and _ends_at(line, frame)
        high, wide = (max(self.size(i, (axis,)) for i in apart) for axis in (0, 1))
        return is_longer or line.length > max(_WIDER * wide, _AS_LONG * high)

    def _belongs_to(self, i: int) -> int:
        """The number of the connected ink, lines included, that contains the part."""
        return int(self.whole[self.places[i]][self.parts[self.places[i]] == i + 1][0])


def _ends_at(line: _Line, frame: np.ndarray) -> bool:
    near = max(3, round(0.01 * max(frame.shape)))
    for column in (line.columns.min(), line.columns.max()):
        row = int(line.rows[line.columns == column].mean())
        around = frame[max(0, row - near) : row + near + 1, max(0, column - near) : column + near + 1]
        if not around.any():
            return False
    return True


def _beside(line: _Line, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The pixels one and two rows above and below the line."""
    rows = np.concatenate([line.rows + off for off in (-2, -1, 1, 2)]).clip(0, shape[0] - 1)
    return rows, np.tile(line.columns, 4)


def _grown(taken: np.ndarray) -> np.ndarray:
    from scipy.ndimage import binary_dilation

    return binary_dilation(taken, np.ones((3, 3), bool))


def _lines(inked: np.ndarray) -> list[_Line]:
    """The horizontal lines: the pixels of each, without those where a stroke crosses it."""
    from scipy.ndimage import binary_closing, binary_dilation, binary_opening, find_objects, label

    longer = max(inked.shape)
    piece = max(12, round(_PIECE * longer))
    if piece >= inked.shape[1]:
        return []
    slack = max(1, round(_LEAN * piece / 2))
    thick = max(3, round(_THICK * longer))
    run = _run_lengths(inked)
    thin = inked & (run <= thick)
    # Continue a line where something crosses it.
    beyond = np.pad(thin, ((0, 0), (thick, thick)), "edge")
    unbroken = binary_closing(beyond, np.ones((1, 2 * thick + 1), bool))[:, thick:-thick] & inked
    fat = binary_dilation(unbroken, np.ones((2 * slack + 1, 1), bool))
    beyond = np.pad(fat, ((0, 0), (piece, piece)), "edge")  # continue lines beyond the border
    straight = binary_opening(beyond, np.ones((1, piece), bool))[:, piece:-piece]
    parts, _ = label(straight, np.ones((3, 3)))
    lines = []
    for number, place in enumerate(find_objects(parts), 1):
        high, wide = (side.stop - side.start for side in place)
        if high > 2 * slack + thick + _LEAN * wide * 1.5:
            continue
        rows, columns = np.nonzero((parts[place] == number) & thin[place])
        if len(rows):
            lines.append(_Line(rows + place[0].start, columns + place[1].start))
    if not lines:
        return []
    # Where a stroke runs along a line, the ink is thicker than most of the lines.
    usual = float(np.percentile(np.concatenate([run[line.rows, line.columns] for line in lines]), 30))
    bare = [run[line.rows, line.columns] <= max(1.8 * usual, usual + 2) for line in lines]
    lines = [_Line(line.rows[of], line.columns[of]) for line, of in zip(lines, bare) if of.any()]
    return _joined(lines, max(2 * thick, round(_CROSSED * longer)), max(3, slack))


def _joined(lines: list[_Line], longest: int, slack: int) -> list[_Line]:
    """Join pieces that continue each other's direction: one line that a stroke has crossed."""
    lines = sorted(lines, key=lambda line: line.columns.min())
    joined: list[_Line] = []
    ends: list[tuple[int, float]] = []  # column and row of each
    for line in lines:
        start, end = line.columns.min(), line.columns.max()
        row, last = (float(line.rows[line.columns == column].mean()) for column in (start, end))
        for place, (column, height) in enumerate(ends):
            gap = start - column
            if 0 < gap < longest and abs(row - height) < slack + _LEAN * gap:
                before = joined[place]
                joined[place] = _Line(
                    np.concatenate([before.rows, line.rows]), np.concatenate([before.columns, line.columns])
                )
                ends[place] = end, last
                break
        else:
            joined.append(line)
            ends.append((end, last))
    return joined if len(joined) <= _MOST_LINES else []


def _run_lengths(inked: np.ndarray) -> np.ndarray:
    """The length of the vertical run of ink that contains each inked pixel: int (height, width)."""
    lengths = np.zeros(inked.shape, np.int32)
    down = np.zeros(inked.shape[1], np.int32)
    for row in range(len(inked)):
        down = np.where(inked[row], down + 1, 0)
        lengths[row] = down
    up = np.zeros(inked.shape[1], np.int32)
    for row in range(len(inked) - 1, -1, -1):
        up = np.where(inked[row], np.maximum(up, lengths[row]), 0)
        lengths[row] = up
    return lengths
