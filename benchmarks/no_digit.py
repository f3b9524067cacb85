"""How often a digit is rejected, and how often something else is accepted as a digit.

    python benchmarks/no_digit.py [--pen FOLDER] [--run ID] [--seed N]

Digits: MNIST's test set, and with --pen those of FOLDER's held-out writers (see pen.py). Other images: letters
in fonts that were not used in training, and scribbles, shapes and letters from other_handwriting.py with
another seed. The decision is a threshold on the highest probability, or on the sum of the two highest if two
are likely; the app's threshold is marked.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.pen import as_canvas, drawings_of
from mnist_core.data import other_handwriting, sources
from mnist_core.data.pen import read_pen
from mnist_core.home import home
from mnist_core.preprocessing.drawings import canvas_strokes
from mnist_core.preprocessing.preprocess import from_strokes, normalise
from mnist_core.runs.answers import SURE_ENOUGH, is_a_digit
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.store import RunStore

FONTS = ("DejaVuSans.ttf", "DejaVuSerif.ttf", "DejaVuSansMono-Bold.ttf")
LETTERS = "ACDEFGHKMNPRTUVWXYadefhkmnprtuvwxy"
THRESHOLDS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def letters() -> np.ndarray:
    """Every letter in each of FONTS: uint8 (n, 28, 28)."""
    made = []
    for name in FONTS:
        font = ImageFont.truetype(name, 120)
        for letter in LETTERS:
            picture = Image.new("L", (240, 240))
            ImageDraw.Draw(picture).text((120, 120), letter, 255, font, anchor="mm")
            made.append(normalise(np.asarray(picture, np.float32) / 255))
    return np.stack(made)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pen", type=Path)
    parser.add_argument("--run", default="starter", metavar="ID")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    test = sources.load().test
    kinds = {"MNIST's test set": test.images}
    if arguments.pen:
        drawings = drawings_of([digit for digit in read_pen(arguments.pen) if digit.is_held_out], rng)
        kinds["held-out writers"] = np.stack(
            [from_strokes(canvas_strokes(as_canvas(drawing))) for drawing in drawings]
        )
    kinds["letters"] = letters()
    kinds["scribbles, shapes, letters"] = np.stack([other_handwriting.no_digit(rng) for _ in range(1000)])
    model = Classifier.load(RunStore(home()).get(arguments.run))
    print(
        f"{'taken for a digit, from':28}"
        + "".join(f"{t:9.1f}{'*' if t == SURE_ENOUGH else ' '}" for t in THRESHOLDS)
    )
    for kind, images in kinds.items():
        sure = is_a_digit(model.probabilities(images))
        print(
            f"{kind:28}" + "".join(f"{(sure >= t).mean():9.2%} " for t in THRESHOLDS) + f" of {len(images):,}"
        )


if __name__ == "__main__":
    main()
