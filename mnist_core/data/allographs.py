"""Digits as strokes of a pen, in the forms (allographs) that MNIST's writers seldom used.

Slashed zeros, ones with a flag, sevens with a bar, a hook or a tick, fours in two strokes with a
loop in their corner. Each function draws one by chance, as a list of strokes float64 (points, 2)
with y down, between about -1 and 1; `written` makes one as an unsteady, slanting hand would.
"""

from itertools import pairwise

import numpy as np

Strokes = list[np.ndarray]


def written(digit: int, rng: np.random.Generator) -> Strokes:
    """The `digit`, which is one of ALLOGRAPHS, slanted and bent a little."""
    slant = np.array([[1, 0], [-rng.normal(0.03, 0.12), 1]])
    return [_bent(stroke, rng) @ slant for stroke in ALLOGRAPHS[digit](rng)]


def slashed_zero(rng: np.random.Generator) -> Strokes:
    angles = rng.uniform(-2.2, -0.8) - np.linspace(0, 2 * np.pi + rng.uniform(-0.3, 0.4), 40)
    width, up = rng.uniform(0.5, 1.0), rng.uniform(0.7, 2.1)
    lean = rng.uniform(0.0, 1.3) * (-1 if rng.random() < 0.1 else 1)
    reach = np.array([lean * width * max(1.0, up / 1.5), -up])
    middle = rng.normal(0, 0.1, 2)
    return [_round(angles, width, 1.0), _line(middle - reach, middle + reach)]


def flagged_one(rng: np.random.Generator) -> Strokes:
    angle = rng.uniform(0, 1.2)
    # A long flag that lies flat would be a seven's roof.
    length = rng.uniform(0.25, 0.65) if angle < 0.45 else rng.uniform(0.35, 0.95)
    head, foot = np.array([0, -1]), np.array([rng.normal(0, 0.08), 1])
    strokes = [_line(head + length * _towards(np.pi - angle), head, foot)]
    if rng.random() < 0.2:
        reach = np.array([rng.uniform(0.25, 0.6), 0])
        strokes.append(_line(foot - reach, foot + reach))
    return strokes


def barred_seven(rng: np.random.Generator) -> Strokes:
    """With a bar through its stem, a hook at its end, a tick at the beginning of its roof, or none of these."""
    width = rng.uniform(0.75, 1.3)
    left, corner = np.array([-width, rng.normal(-0.95, 0.08)]), np.array([0, -1])
    foot = np.array([-rng.uniform(0.1, 0.9) * width * 0.8, 1])
    pull = (corner + foot) / 2 + (rng.uniform(-0.25, 0.15), rng.normal(0, 0.1))
    parts = [_line(left, corner), _curve(corner, pull, foot)]
    if rng.random() < 0.35:
        parts.insert(0, _line(left + rng.uniform(0.15, 0.45) * _towards(rng.uniform(1.0, 2.1)), left))
    if rng.random() < 0.5:
        up = rng.uniform(-0.2, 1.05)
        way = _towards(-up if rng.random() < 0.85 else np.pi + up)
        parts.append(_line(foot, foot + rng.uniform(0.15, 0.55) * way))
    strokes = [np.concatenate(parts)]
    if rng.random() < 0.4:
        middle = corner + rng.uniform(0.4, 0.65) * (foot - corner)
        reach = np.array([rng.uniform(0.3, 0.6), rng.normal(0, 0.1)])
        strokes.append(_line(middle - reach, middle + reach))
    return strokes


def looped_four(rng: np.random.Generator) -> Strokes:
    top = np.array([rng.uniform(-0.5, 0.1), -1])
    left = np.array([-rng.uniform(0.5, 0.9), rng.uniform(0.0, 0.5)])
    parts = [_curve(top, (top + left) / 2 + rng.normal(0, 0.1, 2), left)]
    if rng.random() < 0.6:
        radius = rng.uniform(0.08, 0.25)
        loop = _round(np.pi * np.linspace(1, -0.6, 16), radius, radius)
        parts.append(loop + left + (radius, 0))
    parts.append(_line(parts[-1][-1], (rng.uniform(0.4, 0.9), left[1] + rng.normal(0, 0.1))))
    x = rng.uniform(0.0, 0.4)
    head = (x + rng.uniform(-0.05, 0.35), rng.uniform(-0.9, left[1] - 0.3))
    return [np.concatenate(parts), _line(head, (x, 1))]


ALLOGRAPHS = {0: slashed_zero, 1: flagged_one, 4: looped_four, 7: barred_seven}


def _bent(stroke: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Moved by slow waves along x and y, as a whole digit is that is not quite straight."""
    height = rng.normal(0, 0.05, (2, 2))
    waves = np.sin(stroke[:, :, None] * rng.uniform(1, 2.5, (2, 2)) + rng.uniform(0, 2 * np.pi, (2, 2)))
    return stroke + np.einsum("pjk,jk->pk", waves, height)


def _towards(angle: float) -> np.ndarray:
    """A step of length 1, in radians from the right, downwards."""
    return np.array([np.cos(angle), np.sin(angle)])


def _line(*corners: np.ndarray | tuple[float, float]) -> np.ndarray:
    return np.concatenate([np.linspace(start, end, 12) for start, end in pairwise(corners)])


def _curve(start: np.ndarray, pull: np.ndarray, end: np.ndarray) -> np.ndarray:
    """A quadratic Bezier curve."""
    t = np.linspace(0, 1, 20)[:, None]
    return (1 - t) ** 2 * start + 2 * t * (1 - t) * pull + t**2 * end


def _round(angles: np.ndarray, width: float, height: float) -> np.ndarray:
    """A part of an ellipse about (0, 0)."""
    return np.stack([width * np.cos(angles), height * np.sin(angles)], 1)
