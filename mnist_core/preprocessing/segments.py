"""Which ink makes a digit: "2026" is four."""

import math
from collections.abc import Sequence

import numpy as np

from mnist_core.preprocessing.preprocess import DrawingError, Stroke, checked

MOST_DIGITS = 12
GAP = 0.04  # of the ink's height: white between two digits
_WHOLE = 0.4  # of the tallest's height: what is smaller is a part of a digit


def digits_of(strokes: Sequence[Stroke]) -> list[list[Stroke]]:
    """The strokes of each digit in a drawing, from left to right.

    Strokes that stand above each other belong together, and small ones to their nearest neighbour.
    DrawingError where there are more than MOST_DIGITS.
    """
    lines = checked(strokes)
    if not lines:
        return []
    height = np.ptp(np.concatenate(lines)[:, 1])
    spans = [(line[:, 0].min(), line[:, 0].max()) for line in lines]
    tall = [np.ptp(line[:, 1]) for line in lines]
    return [[lines[i] for i in group] for group in apart(spans, tall, GAP * height)]


def apart(spans: Sequence[tuple[float, float]], tall: Sequence[float], gap: float) -> list[list[int]]:
    """Which of the `spans` along x make a digit together, from left to right; `tall` are their heights.

    Those that are less than `gap` apart do; a group that is much lower than the tallest is a part of
    its nearest neighbour.
    """
    groups: list[list[int]] = []
    right = -math.inf
    for i in sorted(range(len(spans)), key=lambda i: spans[i]):
        if spans[i][0] - right < gap:
            groups[-1].append(i)
        else:
            groups.append([i])
        right = max(right, spans[i][1])
    whole = [group for group in groups if max(tall[i] for i in group) >= _WHOLE * max(tall)]
    for group in groups:
        if group not in whole:
            middle = (spans[group[0]][0] + spans[group[0]][1]) / 2
            min(whole, key=lambda near: min(abs(middle - edge) for i in near for edge in spans[i])).extend(
                group
            )
    if len(whole) > MOST_DIGITS:
        raise DrawingError(f"this looks like {len(whole)} digits: at most {MOST_DIGITS} are read at a time")
    return whole
