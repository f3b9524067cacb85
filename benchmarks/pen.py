"""How well runs read pen digits drawn on the canvas by people who are not in MNIST.

    python benchmarks/pen.py FOLDER [--run ID] [--seed N]

FOLDER holds digits.json.gz: a JSON list of {"label", "source", "strokes"}, each stroke a list
of [x, y] points with y down. Each digit is drawn at a random size and place on a canvas of
280 x 280 and prepared in three ways. "plain resize" is what most demos do: the canvas's pixels, shrunk
to 28 x 28. "MNIST's" scales and centres them as LeCun et al. (1998) did. "ours" draws the ink anew besides,
at a width in proportion to the digit, as the app does with a visitor's drawing.
"""

import argparse
import gzip
import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).parents[1]))

from mnist_core.home import home
from mnist_core.preprocessing.drawings import canvas_strokes
from mnist_core.preprocessing.preprocess import Steps, from_strokes
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.store import RunStore

CANVAS, BRUSH = 280, 20


def placed(strokes: list, rng: np.random.Generator) -> list[np.ndarray]:
    """The strokes at a random size (60 to 240 pixels) and place on the canvas, in whole pixels."""
    points = np.concatenate([np.asarray(stroke, float) for stroke in strokes])
    low, extent = points.min(0), max(np.ptp(points, axis=0).max(), 1.0)
    size = rng.uniform(60, 240)
    room = CANVAS - 20 - np.ptp(points, axis=0) / extent * size
    corner = 10 + rng.uniform(0, 1, 2) * room
    return [np.rint((np.asarray(stroke, float) - low) / extent * size + corner) for stroke in strokes]


def as_canvas(strokes: list[np.ndarray]) -> dict[str, Any]:
    """The strokes as the canvas component sends them: fabric.js paths."""
    paths = [
        [["M", *stroke[0]], *(["Q", *a, *(a + b) / 2] for a, b in pairwise(stroke)), ["L", *stroke[-1]]]
        for stroke in strokes
    ]
    return {"objects": [{"type": "Path", "path": path} for path in paths]}


def plain_resize(strokes: list[np.ndarray]) -> np.ndarray:
    picture = Image.new("L", (CANVAS, CANVAS))
    draw = ImageDraw.Draw(picture)
    for stroke in strokes:
        xy = [tuple(point) for point in stroke]
        draw.line(xy, fill=255, width=BRUSH, joint="curve")
        for x, y in (xy[0], xy[-1]):
            draw.circle((x, y), BRUSH / 2, fill=255)
    return np.asarray(picture.resize((28, 28), Image.Resampling.BOX))


def drawings_of(folder: Path, rng: np.random.Generator) -> tuple[list[dict[str, Any]], list[list[np.ndarray]]]:
    """The digits in FOLDER, and the strokes of each at a random size and place on the canvas."""
    with gzip.open(folder / "digits.json.gz") as file:
        digits = json.load(file)
    return digits, [placed(digit["strokes"], rng) for digit in digits]


def is_slashed(digit: dict[str, Any]) -> bool:
    """Whether it is a zero with ink in its middle."""
    points = np.concatenate([np.asarray(stroke, float) for stroke in digit["strokes"]])
    middle, half = points.min(0) + np.ptp(points, axis=0) / 2, np.ptp(points, axis=0).clip(1) / 2
    between = np.concatenate([np.linspace(a, b, 8) for s in digit["strokes"] for a, b in pairwise(np.array(s))])
    return digit["label"] == 0 and bool((np.hypot(*((between - middle) / half).T) < 0.25).any())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--run", default="starter", metavar="ID")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--at-least", type=float, default=0.0, help="fail below this accuracy of ours")
    arguments = parser.parse_args()
    digits, drawings = drawings_of(arguments.folder, np.random.default_rng(arguments.seed))
    labels = np.array([digit["label"] for digit in digits])
    classifier = Classifier.load(RunStore(home()).get(arguments.run))
    table = pd.DataFrame({"collection": [digit["source"] for digit in digits]})
    for name, prepare in PREPARATIONS.items():
        images = np.stack([prepare(drawing) for drawing in drawings])
        table[name] = classifier.probabilities(images).argmax(1) == labels
    slashed = np.array([is_slashed(digit) for digit in digits])
    rows = {name: table[table.collection == name] for name in sorted(set(table.collection))}
    rows |= {"slashed zeros": table[slashed], "all but these": table[~slashed], "all": table}
    names = list(PREPARATIONS)
    by = pd.DataFrame({row: {"digits": len(part), **part[names].mean()} for row, part in rows.items()}).T
    print(by.astype({"digits": int}).to_string(float_format="{:.4f}".format))
    if by.loc["all", "ours"] < arguments.at_least:
        sys.exit(f"error: {arguments.run} reads {by.loc['all', 'ours']:.4f}, less than {arguments.at_least}")


PREPARATIONS = {
    "plain resize": plain_resize,
    "MNIST's": lambda drawing: from_strokes(canvas_strokes(as_canvas(drawing)), Steps(pen=False), BRUSH),
    "ours": lambda drawing: from_strokes(canvas_strokes(as_canvas(drawing))),
}


if __name__ == "__main__":
    main()
