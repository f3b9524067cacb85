"""How well runs read pen digits drawn on the canvas by people who are not in MNIST.

    python benchmarks/pen.py FOLDER [--run ID ...] [--seed N]

FOLDER holds digits.json.gz: a JSON list of {"label", "source", "strokes"}, each stroke a list
of [x, y] points with y down. Each digit is drawn at a random size and place on a canvas of
280 x 280 and goes through `from_canvas`, as a visitor's drawing does; "plain resize" is what
most demos do instead: the canvas's pixels, shrunk to 28 x 28.
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

from mnist_core.classifier import Classifier
from mnist_core.home import home
from mnist_core.preprocess import from_canvas
from mnist_core.runs import RunStore

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--run", nargs="+", default=["starter"], metavar="ID")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--at-least", type=float, default=0.0, help="fail below this accuracy of the first run")
    arguments = parser.parse_args()
    with gzip.open(arguments.folder / "digits.json.gz") as file:
        digits = json.load(file)
    rng = np.random.default_rng(arguments.seed)
    drawings = [placed(digit["strokes"], rng) for digit in digits]
    ours = np.stack([from_canvas(as_canvas(drawing)) for drawing in drawings])
    plain = np.stack([plain_resize(drawing) for drawing in drawings])
    labels = np.array([digit["label"] for digit in digits])
    table = pd.DataFrame({"collection": [digit["source"] for digit in digits], "digits": 1})
    for run_id in arguments.run:
        classifier = Classifier.load(RunStore(home()).get(run_id))
        for name, images in ((f"{run_id}", ours), (f"{run_id}, plain resize", plain)):
            table[name] = classifier.probabilities(images).argmax(1) == labels
    names = list(table.columns[2:])
    by = table.groupby("collection").agg({"digits": "size", **dict.fromkeys(names, "mean")})
    by.loc["all"] = [len(table), *table[names].mean()]
    print(by.astype({"digits": int}).to_string(float_format="{:.4f}".format))
    if by.loc["all", names[0]] < arguments.at_least:
        sys.exit(f"error: {names[0]} reads {by.loc['all', names[0]]:.4f}, less than {arguments.at_least}")


if __name__ == "__main__":
    main()
