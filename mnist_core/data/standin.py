"""Digits drawn by code, for use when MNIST is not available.

Each digit has several skeletons: strokes through a few points, joined by smooth curves. Random slant, size,
aspect ratio, thickness and wobble make every image different. Points along the skeleton are counted on a
fine grid and blurred down to 28 x 28, for all images of a group at once, so that 12,000 take a second or
two. Like MNIST's, the digits fit a 20 x 20 box and have their centre of mass in the middle.
"""

import numpy as np

SIZE, BOX, FINE = 28, 20, 4
_POINTS = 160  # on each skeleton
_GROUP = 500  # images that share a thickness

# x and y from 0 to 10, y down; a point given twice in a row is a corner.
FORMS: dict[int, tuple[str, ...]] = {
    0: ("5,0 1,3 1,7 5,10 9,7 9,3 5,0", "6,0 2,2 1,6 3,10 7,9 9,5 7,1 4,0", "5,0 2,5 5,10 8,5 5,0"),
    1: ("5,0 5,10", "2,3 5,0 5,0 5,10", "2,3 5,0 5,0 5,10 | 2,10 8,10"),
    2: (
        "1,3 3,0 7,0 8,3 5,7 1,10 1,10 9,10",
        "1,2 5,0 8,3 5,7 1,9 2,10 4,8 6,9 9,10",
        "2,1 6,0 8,2 7,5 1,10 1,10 5,9 9,10",
    ),
    3: (
        "1,1 5,0 8,2 7,4 4,5 4,5 8,6 9,8 5,10 1,9",
        "1,0 8,0 8,0 4,4 4,4 8,6 8,9 4,10 1,9",
        "2,1 6,0 7,3 4,5 8,7 6,10 1,9",
    ),
    4: ("3,0 1,6 1,6 9,6 | 7,0 7,10", "7,10 7,0 7,0 1,7 1,7 9,7", "2,0 2,5 8,5 | 8,0 7,10"),
    5: (
        "8,0 2,0 2,0 2,4 2,4 7,4 9,7 6,10 1,9",
        "2,0 2,5 2,5 7,4 8,8 5,10 1,9 | 2,0 9,0",
        "9,0 3,0 2,5 6,4 8,7 4,10 1,8",
    ),
    6: ("7,0 3,3 1,7 4,10 8,9 8,6 4,5 1,7", "5,0 2,4 2,8 5,10 8,8 6,5 2,7", "8,1 4,1 2,6 4,10 8,8 7,5 2,6"),
    7: ("1,0 9,0 9,0 4,10", "1,2 1,0 1,0 8,0 8,0 5,5 4,10", "1,0 9,0 9,0 4,10 | 3,5 8,5"),
    8: (
        "7,1 3,0 2,3 8,7 6,10 2,9 3,6 8,3 7,1",
        "5,5 2,2 5,0 8,2 5,5 2,8 5,10 8,8 5,5",
        "8,1 4,0 3,3 7,7 5,10 2,8 8,1",
    ),
    9: ("8,3 5,0 2,2 4,5 8,3 8,3 7,10", "8,2 4,0 2,3 5,5 8,2 8,2 8,7 5,10 2,9", "7,5 3,5 2,2 5,0 8,2 7,6 5,10"),
}


def draw(num_images: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """`num_images` digits as (images uint8 (n, 28, 28), labels uint8 (n,)), determined by `seed`."""
    rng = np.random.default_rng(seed)
    skeletons = [(digit, _skeleton(form)) for digit, forms in FORMS.items() for form in forms]
    digits = np.array([digit for digit, _ in skeletons])
    curves = np.stack([curve for _, curve in skeletons])
    # Every digit is equally frequent, however many forms it has.
    labels = rng.permutation(np.arange(num_images) % 10).astype(np.uint8)
    forms = np.array([rng.choice(np.flatnonzero(digits == label)) for label in labels], int)
    images = np.empty((num_images, SIZE, SIZE), np.uint8)
    for first in range(0, num_images, _GROUP):
        part = slice(first, first + _GROUP)
        images[part] = _render(_vary(curves[forms[part]], rng), rng.uniform(0.6, 1.15))
    return images, labels


def _skeleton(form: str) -> np.ndarray:
    """A form's curve as float (_POINTS, 2) within -1..1, evenly spaced along all its strokes."""
    strokes = [
        _smooth(np.array([point.split(",") for point in stroke.split()], float)) for stroke in form.split("|")
    ]
    lengths = [np.linalg.norm(np.diff(stroke, axis=0), axis=1) for stroke in strokes]
    total = sum(length.sum() for length in lengths)
    points = []
    for stroke, length in zip(strokes, lengths):
        along = np.concatenate([[0], np.cumsum(length)])
        at = np.linspace(0, along[-1], max(2, round(_POINTS * along[-1] / total)))
        points.append(np.stack([np.interp(at, along, stroke[:, axis]) for axis in (0, 1)], -1))
    joined = np.concatenate(points)
    return joined[np.linspace(0, len(joined) - 1, _POINTS).round().astype(int)] / 5 - 1


def _smooth(knots: np.ndarray) -> np.ndarray:
    """A Catmull-Rom curve through the knots (Catmull and Rom 1974)."""
    k = np.concatenate([knots[:1], knots, knots[-1:]])
    p0, p1, p2, p3 = (k[i : len(k) - 3 + i, None] for i in range(4))
    t = np.linspace(0, 1, 16)[None, :, None]
    curve = p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)))
    return curve.reshape(-1, 2)


def _vary(curves: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each curve (n, points, 2) with its own wobble, slant, aspect ratio, size and slight rotation."""
    n = len(curves)
    t = np.linspace(0, 2 * np.pi, curves.shape[1])[None, :, None]
    for frequency, spread in ((0.5, 0.16), (1, 0.1), (2, 0.05)):
        amplitude, phase = rng.normal(0, spread, (n, 1, 2)), rng.uniform(0, 2 * np.pi, (n, 1, 2))
        curves = curves + amplitude * np.sin(frequency * t + phase)
    angle, slant = rng.normal(0, 0.12, n), rng.normal(0.15, 0.2, n)
    width = rng.uniform(0.55, 1.0, n)
    matrix = np.stack(
        [
            np.stack([width * np.cos(angle), -np.sin(angle) - slant], -1),
            np.stack([width * np.sin(angle), np.cos(angle)], -1),
        ],
        -2,
    )
    curves = np.einsum("nij,npj->npi", matrix, curves)
    curves = curves / np.ptp(curves, axis=1).max(-1)[:, None, None]
    return (curves - curves.mean(1, keepdims=True)) * rng.uniform(0.85, 1.0, (n, 1, 1))


def _render(curves: np.ndarray, sigma: float) -> np.ndarray:
    """Curves (n, points, 2) of extent up to 1 as uint8 (n, 28, 28); `sigma` is the pen's blur in pixels."""
    n, side = len(curves), SIZE * FINE
    at = np.rint((curves * (BOX - 3 * sigma) + (SIZE + 1) / 2) * FINE).astype(int).clip(0, side - 1)
    cells = (np.arange(n)[:, None] * side + at[..., 1]) * side + at[..., 0]
    counts = np.bincount(cells.ravel(), minlength=n * side * side).reshape(n, side, side)
    fine, coarse = (np.arange(side) + 0.5) / FINE, np.arange(SIZE) + 0.5
    blur = np.exp(-0.5 * ((coarse[:, None] - fine[None]) / sigma) ** 2).astype(np.float32)
    ink = blur @ counts.astype(np.float32) @ blur.T
    # Anything above half of the strongest ink becomes white: strokes are solid with soft edges.
    ink /= 0.5 * np.quantile(ink, 0.99, axis=(1, 2), keepdims=True)
    return np.uint8(255 * ink.clip(0, 1))
