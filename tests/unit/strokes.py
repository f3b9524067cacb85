"""Digits as strokes, and helpers for tests."""

import numpy as np

SEVEN = [[(0, 0), (60, 0), (20, 100)]]
ONE = [[(0, 0), (2, 100)]]
FOUR = [[(30, 0), (0, 60), (80, 60)], [(60, 20), (60, 110)]]
FIVE = [[(20, 0), (10, 45), (60, 60), (50, 100), (0, 95)], [(20, 0), (70, 0)]]
EIGHT = [[(50, 50), (20, 25), (50, 0), (80, 25), (50, 50), (20, 75), (50, 100), (80, 75), (50, 50)]]


def moved(strokes, scale=1.0, x=0.0, y=0.0):
    return [[(px * scale + x, py * scale + y) for px, py in stroke] for stroke in strokes]


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])
