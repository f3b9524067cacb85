"""Letters as pen strokes, handwritten or with serifs like print: training images that are not digits."""

import numpy as np

from mnist_core.data.pen_curves import through
from mnist_core.preprocessing.preprocess import from_strokes

# "x,y" knots of a curve on a field of 10 x 10, y down; " | " starts the next stroke. Letters that could
# be someone's digit are left out: B, D, I, J, O, Q, S, Z, b, g, i, j, l, o, q, s, y and z.
LETTERS = {
    "A": "0,10 5,0 | 5,0 10,10 | 2,6 8,6",
    "C": "9,2 7,0 3,1 1,5 3,9 7,10 9,8",
    "E": "9,0 1,0 | 1,0 1,10 | 1,10 9,10 | 1,5 7,5",
    "F": "9,0 1,0 | 1,0 1,10 | 1,5 7,5",
    "G": "9,2 7,0 3,1 1,5 3,9 7,10 9,8 | 9,10 9,6 | 9,6 6,6",
    "H": "1,0 1,10 | 9,0 9,10 | 1,5 9,5",
    "K": "1,0 1,10 | 9,0 1,6 | 4,4 9,10",
    "L": "1,0 1,10 | 1,10 8,10",
    "M": "1,10 1,0 | 1,0 5,7 | 5,7 9,0 | 9,0 9,10",
    "N": "1,10 1,0 | 1,0 9,10 | 9,10 9,0",
    "P": "1,0 1,10 | 1,0 6,0 9,3 6,5 1,5",
    "R": "1,0 1,10 | 1,0 6,0 9,3 6,5 1,5 | 4,5 9,10",
    "T": "0,0 10,0 | 5,0 5,10",
    "U": "1,0 1,6 3,10 7,10 9,6 9,0",
    "V": "0,0 5,10 | 5,10 10,0",
    "W": "0,0 3,10 | 3,10 5,2 | 5,2 7,10 | 7,10 10,0",
    "X": "1,0 9,10 | 9,0 1,10",
    "Y": "1,0 5,5 | 9,0 5,5 | 5,5 5,10",
    "a": "2,2 5,0 8,2 8,9 | 8,9 9,10 | 8,4 3,5 1,8 4,10 8,7",
    "d": "8,0 8,10 | 8,5 5,4 2,7 5,10 8,9",
    "e": "1,5 9,5 | 9,5 8,1 5,0 1,4 2,9 6,10 9,8",
    "f": "8,1 6,0 4,3 4,10 | 1,4 7,4",
    "h": "2,0 2,10 | 2,6 5,4 8,6 8,10",
    "k": "2,0 2,10 | 8,3 2,7 | 4,6 8,10",
    "m": "0,0 0,10 | 0,3 3,0 5,4 5,10 | 5,3 8,0 10,4 10,10",
    "n": "1,0 1,10 | 1,4 5,0 9,4 9,10",
    "p": "2,0 2,10 | 2,1 6,0 9,3 6,6 2,5",
    "r": "2,0 2,10 | 2,5 5,1 9,1",
    "t": "4,0 4,8 6,10 8,9 | 1,3 8,3",
    "u": "1,0 1,7 4,10 8,6 | 9,0 9,10",
    "v": "1,0 5,10 | 5,10 9,0",
    "w": "0,0 2,10 | 2,10 5,2 | 5,2 8,10 | 8,10 10,0",
    "x": "1,0 9,10 | 9,0 1,10",
}
_KNOTS = {
    name: [
        np.array([point.split(",") for point in stroke.split()], float) / 5 - 1 for stroke in text.split(" | ")
    ]
    for name, text in LETTERS.items()
}


def letter(rng: np.random.Generator) -> np.ndarray:
    """A random letter of LETTERS in an unsteady hand, wide or narrow, slanted, some serifed: uint8 (28, 28)."""
    knots = list(_KNOTS.values())[rng.integers(len(_KNOTS))]
    unsteady = rng.uniform(0.01, 0.12)
    strokes = [through(rng, unsteady, *stroke) for stroke in knots]
    if rng.random() < 0.3:
        ends = [end for stroke in knots for end in (stroke[0], stroke[-1]) if abs(end[1]) > 0.9]
        reach = np.array([rng.uniform(0.1, 0.35), 0])
        strokes += [np.stack([end - reach, end + reach]) for end in ends]
    slant, width = rng.normal(-0.08, 0.18), rng.uniform(0.45, 1.2)
    return from_strokes([stroke @ np.array([[width, 0], [slant, 1]]) for stroke in strokes])
