"""Drawings to try for who has no pen at hand: digits that are clear, digits that are hard, and no digits.

examples.json      {"clear": [drawing, …], "hard": […], "none": […]}

Each drawing is a list of strokes, each stroke x, y, x, y, … in canvas pixels. Some follow our own forms
(data/allographs.py), the others were drawn by hand.
"""

import json
from pathlib import Path

from mnist_core.preprocessing.preprocess import Stroke

KINDS = ("clear", "hard", "none")


def _read() -> dict[str, list[list[Stroke]]]:
    stored = json.loads(Path(__file__).with_name("examples.json").read_text("utf-8"))
    return {kind: [[_points(stroke) for stroke in drawing] for drawing in stored[kind]] for kind in KINDS}


def _points(numbers: list[int]) -> Stroke:
    return [(float(x), float(y)) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]


EXAMPLES = _read()
