"""Training images of shapes that MNIST lacks, and images that are not digits.

MNIST's writers did not slash their zeros and seldom crossed a seven or gave a one a flag. A network trained
on MNIST alone reads a slashed zero as an 8 or a 9, so some digits are replaced by such forms
(allographs.py). It is also sure of everything, since it has seen only digits: training it to be unsure about
images of other things corrects that (outlier exposure: Hendrycks, Mazeika and Dietterich 2019).
"""

import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mnist_core.data.allographs import written
from mnist_core.data.letters import letter
from mnist_core.data.mnist import Split
from mnist_core.files import whole
from mnist_core.preprocessing.preprocess import Steps, from_strokes, normalise

NOT_A_DIGIT = 10  # the label of an image that is not a digit
WITH_LINES = 0.18  # share of the 0s, 1s and 7s that get additional lines
# Share of each digit's images that are replaced by other forms.
WRITTEN_ANEW = {0: 0.18, 1: 0.24, 2: 0.1, 3: 0.1, 4: 0.18, 5: 0.1, 6: 0.1, 7: 0.2, 8: 0.1, 9: 0.16}
OTHERS = 0.1  # number of added images that are not digits, as a share of the images
# No letters that could be someone's digit, such as O, l, S, Z, B, b, g, q or y.
LETTERS = "ACEFGHKLMNPRTUVWXYadefhkmnprtuvwx&%#@?+=*~"
_VERSION = 4  # of these drawings: a cache of another version is not used
_FINE = 8
Point = tuple[float, float]
Drawn = tuple[np.ndarray, np.ndarray, np.ndarray]  # indices, the images replacing those, the added images


def as_people_write(split: Split, seed: int, folder: Path | None = None) -> Split:
    """The images with some rewritten in other forms, and added ones labelled NOT_A_DIGIT at the end.

    This takes some seconds for 60,000 images, so the drawn images are cached in `folder`, if given.
    """
    name = f"{_VERSION}-{seed}-{zlib.crc32(split.images):08x}.npz"
    path = folder / name if folder else None
    made = _kept(path) if path else None
    if made is None:
        made = _draw(split, seed)
        if path:
            with suppress(OSError):  # such as a full disk: they are drawn again next time
                _keep(path, made)
    places, rewritten, others = made
    images = split.images.copy()
    images[places] = rewritten
    labels = np.concatenate([split.labels, np.full(len(others), NOT_A_DIGIT, np.uint8)])
    return Split(np.concatenate([images, others]), labels)


def _draw(split: Split, seed: int) -> Drawn:
    rng, places, rewritten = np.random.default_rng((seed, 28)), [], []
    chance = rng.random(len(split.labels))  # one for each image, so that none is both replaced and given lines
    for digit, share in WRITTEN_ANEW.items():
        for index in np.flatnonzero((split.labels == digit) & (chance < share)):
            places.append(index)
            rewritten.append(from_strokes(written(digit, rng)))
    for digit, drawn in ((0, _slash), (1, _flag), (7, _crossbar)):
        for index in np.flatnonzero((split.labels == digit) & (chance > 1 - WITH_LINES)):
            places.append(index)
            rewritten.append(_with_lines(split.images[index], drawn, rng))
    others = [no_digit(rng) for _ in range(max(1, round(len(split.labels) * OTHERS)))]
    return np.array(places, int), np.array(rewritten, np.uint8).reshape(-1, 28, 28), np.stack(others)


def _keep(path: Path, made: Drawn) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as file:
        np.savez(file, *made)


def _kept(path: Path) -> Drawn | None:
    try:
        with np.load(path, allow_pickle=False) as file:
            places, rewritten, others = (file[f"arr_{i}"] for i in range(3))
            return places, rewritten, others
    except Exception:  # missing, or damaged in one of many ways
        return None


def no_digit(rng: np.random.Generator) -> np.ndarray:
    """A printed or handwritten letter, a scribble or a shape, prepared like a digit: uint8 (28, 28)."""
    return (_sign, letter, _scribble, _shape)[rng.integers(4)](rng)


def _with_lines(image: np.ndarray, drawn, rng: np.random.Generator) -> np.ndarray:
    """The image with additional strokes, normalised again as if all had been written at once."""
    rows, columns = np.nonzero(image > 64)
    if not len(rows):
        return image
    side = image.shape[0] * _FINE
    margin = side // 2  # new strokes may extend beyond the old frame
    picture = Image.new("L", (side + 2 * margin, side + 2 * margin))
    picture.paste(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC), (margin, margin))
    box = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]) * _FINE + margin
    draw, width = ImageDraw.Draw(picture), float(rng.uniform(14, 22))
    for line in drawn(box, rng):
        draw.line(line, fill=255, width=round(width))
        for x, y in line:
            draw.circle((x, y), width / 2, fill=255)
    return normalise(np.asarray(picture, np.float32) / 255, Steps(pen=False))


def _slash(box: np.ndarray, rng: np.random.Generator) -> list[list[Point]]:
    """A line through a zero from lower left to upper right, diagonal to vertical."""
    left, top, right, bottom = box
    x, y = (left + right) / 2, (top + bottom) / 2
    lean = rng.uniform(0.0, 1.2) * (-1 if rng.random() < 0.1 else 1)
    across, up = lean * (right - left) / 2, rng.uniform(0.8, 1.6) * (bottom - top) / 2
    return [[(x - across, y + up), (x + across, y - up)]]


def _flag(box: np.ndarray, rng: np.random.Generator) -> list[list[Point]]:
    """A one's flag, sometimes with a foot, or a stroke back up from the foot."""
    left, top, right, bottom = box
    height = bottom - top
    # If a one leans, it leans to the right: its head is at the right and its foot at the left.
    head, foot = (float(right) - 10, float(top) + 8), (float(left) + 10, float(bottom) - 8)
    length = rng.uniform(0.2, 0.5) * height
    if rng.random() < 0.4:
        angle = np.deg2rad(rng.uniform(45, 80))
        return [[foot, (foot[0] + length * np.cos(angle), foot[1] - length * np.sin(angle))]]
    angle = np.deg2rad(rng.uniform(25, 70))
    lines = [[head, (head[0] - length * np.cos(angle), head[1] + length * np.sin(angle))]]
    if rng.random() < 0.3:
        reach = rng.uniform(0.15, 0.3) * height
        lines.append([(foot[0] - reach, foot[1]), (foot[0] + reach, foot[1])])
    return lines


def _crossbar(box: np.ndarray, rng: np.random.Generator) -> list[list[Point]]:
    """A bar through the middle of a seven's stem."""
    left, top, right, bottom = box
    x, y = left + (right - left) * rng.uniform(0.4, 0.6), top + (bottom - top) * rng.uniform(0.4, 0.65)
    reach, tilt = (right - left) * rng.uniform(0.25, 0.5), rng.uniform(-12, 12)
    return [[(x - reach, y + tilt), (x + reach, y - tilt)]]


def _sign(rng: np.random.Generator) -> np.ndarray:
    font = ImageFont.load_default(120)
    picture = Image.new("L", (240, 240))
    sign = LETTERS[rng.integers(len(LETTERS))]
    ImageDraw.Draw(picture).text((120, 120), sign, 255, font, anchor="mm", stroke_width=int(rng.integers(0, 9)))
    slant, squeeze = rng.uniform(-0.3, 0.4), rng.uniform(0.7, 1.4)
    bent = picture.transform(
        picture.size,
        Image.Transform.AFFINE,
        (squeeze, slant, 120 * (1 - squeeze - slant), 0, 1, 0),
        Image.Resampling.BILINEAR,
    )
    return normalise(np.asarray(bent.rotate(rng.uniform(-15, 15)), np.float32) / 255)


def _scribble(rng: np.random.Generator) -> np.ndarray:
    """Wandering pen strokes, one to three."""
    strokes = []
    for _ in range(rng.integers(1, 4)):
        turns = np.cumsum(rng.normal(rng.normal(0, 0.2), rng.uniform(0.5, 1.4), rng.integers(25, 90)))
        steps = np.stack([np.cos(turns), np.sin(turns)], 1) * rng.uniform(0.5, 2, (len(turns), 1))
        strokes.append(rng.normal(0, 3, 2) + np.cumsum(steps, 0))
    return from_strokes(strokes)


def _shape(rng: np.random.Generator) -> np.ndarray:
    """A star, a polygon, a zigzag, a cross, a spiral, a grid or a few dots, in an unsteady hand."""
    turn = np.linspace(0, 1, 60)
    corners = rng.integers(5, 8)
    kinds = (
        [_polygon(3, 1)],
        [_polygon(5, 2)],
        [_polygon(int(corners), 1), _polygon(int(corners), 1) * 0.4],
        [np.stack([turn * 4, np.abs((turn * corners) % 2 - 1) * rng.uniform(0.6, 2)], 1)],
        [np.array([(-1, -1), (1, 1)]), np.array([(-1, 1), (1, -1)])],
        [np.array([(0, -1), (0, 1)]), np.array([(-1, 0), (1, 0)])],
        [np.stack([turn * np.cos(turn * 22), turn * np.sin(turn * 22)], 1)],
        [*([(-1, y), (1, y)] for y in (-0.5, 0.5)), *([(x, -1), (x, 1)] for x in (-0.5, 0.5))],
        [np.array([(x, y), (x + 0.05, y)]) for x, y in rng.uniform(-1, 1, (4, 2))],
    )
    strokes = kinds[rng.integers(len(kinds))]
    angle = rng.uniform(-0.4, 0.4)
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * rng.uniform(
        0.7, 1.3, 2
    )
    return from_strokes([_unsteady(np.asarray(stroke, float), rng) @ turned for stroke in strokes])


def _polygon(corners: int, step: int) -> np.ndarray:
    angles = np.arange(corners + 1) * step * 2 * np.pi / corners - np.pi / 2
    return np.stack([np.cos(angles), np.sin(angles)], 1)


def _unsteady(line: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return line + rng.normal(0, 0.06, line.shape)
