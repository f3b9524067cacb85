"""Lines and curves of which pen strokes are made: float64 (points, 2), y down."""

from itertools import pairwise

import numpy as np


def towards(angle: float) -> np.ndarray:
    """A step of length 1 at `angle` radians, clockwise from the right."""
    return np.array([np.cos(angle), np.sin(angle)])


def line(*corners: np.ndarray | tuple[float, float]) -> np.ndarray:
    return np.concatenate([np.linspace(start, end, 12) for start, end in pairwise(corners)])


def curve(start: np.ndarray, pull: np.ndarray, end: np.ndarray) -> np.ndarray:
    """A quadratic Bezier curve."""
    t = np.linspace(0, 1, 20)[:, None]
    return (1 - t) ** 2 * start + 2 * t * (1 - t) * pull + t**2 * end


def through(rng: np.random.Generator, spread: float, *knots: tuple[float, float]) -> np.ndarray:
    """A Catmull-Rom curve (Catmull and Rom 1974) through the knots, each displaced at random by `spread`."""
    moved = np.array(knots, float) + rng.normal(0, spread, (len(knots), 2))
    k = np.concatenate([2 * moved[:1] - moved[1:2], moved, 2 * moved[-1:] - moved[-2:-1]])
    p0, p1, p2, p3 = (k[i : len(k) - 3 + i, None] for i in range(4))
    t = np.linspace(0, 1, 12)[None, :, None]
    curve = p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)))
    return curve.reshape(-1, 2)


def arc(angles: np.ndarray, width: float, height: float) -> np.ndarray:
    """An arc of an ellipse around (0, 0)."""
    return np.stack([width * np.cos(angles), height * np.sin(angles)], 1)
