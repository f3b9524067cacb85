"""How well runs read pen digits, drawn on the canvas, by people other than MNIST's writers.

    python benchmarks/pen.py FOLDER [--run ID] [--seed N] [--held-out] [--at-least SHARE]

mnist_core/data/pen.py describes FOLDER. A fifth of each file's writers is held out from everything, so their
results apply to people whose writing the model has never seen.

Each digit is drawn at a random size and position on a canvas of 280 x 280 and prepared in three ways. "plain
resize" is what most demos do: the canvas's pixels, shrunk to 28 x 28. "MNIST's" scales and centres them as
LeCun et al. (1998) did. "ours" also redraws the ink at a width proportional to the digit, as the app does
with a visitor's drawing.
"""

import argparse
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).parents[1]))

from mnist_core.data.pen import PenDigit, read_pen
from mnist_core.home import home
from mnist_core.preprocessing.drawings import canvas_strokes
from mnist_core.preprocessing.preprocess import Steps, from_strokes
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.store import RunStore

CANVAS, BRUSH = 280, 20


def placed(strokes: list, rng: np.random.Generator) -> list[np.ndarray]:
    """The strokes at a random size (60 to 240 pixels) and position on the canvas, in whole pixels."""
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


def drawings_of(digits: list[PenDigit], rng: np.random.Generator) -> list[list[np.ndarray]]:
    """The strokes of each digit at a random size and position on the canvas."""
    return [placed(digit.strokes, rng) for digit in digits]


def by_writer(right: pd.DataFrame) -> pd.DataFrame:
    """For each preparation: accuracy over digits, mean over writers, mean of the worst tenth of writers."""
    writers = right.groupby("writer").mean()
    worst = max(1, round(len(writers) / 10))
    rows = {
        "each digit alike": right.drop(columns="writer").mean(),
        "each writer alike": writers.mean(),
        "the worst tenth": writers.apply(lambda of: of.sort_values()[:worst].mean()),
    }
    return pd.DataFrame(rows).T


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--run", default="starter", metavar="ID")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--held-out", action="store_true", help="measure the held-out writers alone")
    parser.add_argument(
        "--at-least", type=float, default=0.0, help="fail below this accuracy of ours on the held-out writers"
    )
    arguments = parser.parse_args()
    digits = [digit for digit in read_pen(arguments.folder) if digit.is_held_out or not arguments.held_out]
    classifier = Classifier.load(RunStore(home()).get(arguments.run))
    drawings = drawings_of(digits, np.random.default_rng(arguments.seed))
    labels = np.array([digit.label for digit in digits])
    right = pd.DataFrame({"writer": [digit.writer for digit in digits]})
    for name, prepare in PREPARATIONS.items():
        images = np.stack([prepare(drawing) for drawing in drawings])
        right[name] = classifier.probabilities(images).argmax(1) == labels
    held_out = np.array([digit.is_held_out for digit in digits])
    sources = np.array([digit.source for digit in digits])
    parts = {f"{source}, held out": held_out & (sources == source) for source in sorted(set(sources))}
    parts |= {"all held out": held_out, "all others": ~held_out}
    for name, part in parts.items():
        if part.any():
            number = right[part].writer.nunique()
            print(f"{name}: {part.sum():,} digits, {number} {'writer' if number == 1 else 'writers'}")
            print(by_writer(right[part]).to_string(float_format="{:.4f}".format))
    reached = by_writer(right[held_out]).loc["each writer alike", "ours"]
    if reached < arguments.at_least:
        sys.exit(f"error: {arguments.run} reads {reached:.4f} of the held-out writers' digits")


PREPARATIONS = {
    "plain resize": plain_resize,
    "MNIST's": lambda drawing: from_strokes(canvas_strokes(as_canvas(drawing)), Steps(pen=False), BRUSH),
    "ours": lambda drawing: from_strokes(canvas_strokes(as_canvas(drawing))),
}


if __name__ == "__main__":
    main()
