"""Pictures of paper: opened safely, the ink found, each digit prepared as preprocess.py does with strokes."""

import math
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from mnist_core.preprocessing.found import Found, PictureDigit
from mnist_core.preprocessing.preprocess import DrawingError
from mnist_core.preprocessing.segments import GAP, apart

MAX_PIXELS = 40_000_000
IMAGE_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
_DUST = 0.08  # of the tallest's height
_WINDOW = 0.25  # of the picture's side: a stroke is narrower than twice that, a shadow wider
_FAINT, _DARKEST = 32, 48  # grey levels: what differs by less is paper, and the darkest that paper is taken for


def find_in_picture(image: Image.Image) -> Found:
    """The digits in a picture; none without ink.

    Dark on light and light on dark both do: the border tells the
    background, and a shadow that falls across the paper is taken away. Transparency counts as paper,
    and the file's rotation tag is obeyed. DrawingError where the picture's colours cannot be read.
    """
    grey = _grey(image)
    ink = _without_rules(_ink(grey))
    rows = np.flatnonzero((ink > 0.5).any(1))
    if not len(rows):
        return Found()
    filled = (ink > 0.5).any(0)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], filled.astype(np.int8), [0]])))
    spans = [(float(first), float(last)) for first, last in zip(edges[::2], edges[1::2])]
    tall = [float(np.ptp(np.flatnonzero((ink[:, int(a) : int(b)] > 0.5).any(1)))) for a, b in spans]
    # Dust is no part of a digit.
    spans, tall = zip(*((span, high) for span, high in zip(spans, tall) if high >= _DUST * max(tall)))
    found = []
    for group in apart(spans, tall, GAP * float(np.ptp(rows))):
        alone = np.zeros_like(ink)
        for a, b in (spans[i] for i in group):
            alone[:, int(a) : int(b)] = ink[:, int(a) : int(b)]
        found.append(PictureDigit(alone))
    return Found(found, np.uint8(grey.clip(0, 255)))


def open_image(file: BinaryIO) -> Image.Image:
    """Decode an uploaded picture. DrawingError says what is wrong with one that cannot be read.

    The size in its header is checked before a pixel is decoded.
    """
    too_large = f"up to {MAX_PIXELS // 1_000_000} million pixels are read: make the picture smaller"
    try:
        image = Image.open(file, formats=IMAGE_FORMATS)
        if image.width * image.height > MAX_PIXELS:
            raise DrawingError(f"the picture has {image.width} x {image.height} pixels; {too_large}")
        image.load()
        return image
    except Image.DecompressionBombError as error:
        raise DrawingError(f"the picture is huge; {too_large}") from error
    except UnidentifiedImageError as error:
        known = ", ".join(IMAGE_FORMATS)
        raise DrawingError(f"this is not a picture that can be read ({known})") from error
    except DrawingError:
        raise
    except Exception as error:  # a damaged file can raise nearly anything
        raise DrawingError("the picture is damaged or cut off: save it again and retry") from error


def _grey(image: Image.Image) -> np.ndarray:
    """Grey levels float32 (height, width), 0..255, of a picture the right way up, up to 1024 pixels long."""
    try:
        image = ImageOps.exif_transpose(image)
        if image.mode[0] in "IF":  # 16 or 32 bits: what is black and what white, the picture itself tells
            levels = np.asarray(image, np.float32)
            darkest, brightest = float(levels.min()), float(levels.max())
            levels = (levels - darkest) * (255 / max(brightest - darkest, 1))
            image = Image.fromarray(np.uint8(levels))
        image.thumbnail((1024, 1024))
        if image.has_transparency_data:
            # Paper that was left out is white, or black below ink that would not be seen on white.
            grey, opacity = (np.asarray(band, np.float32) for band in image.convert("LA").split())
            ink = (grey * opacity).sum() / max(opacity.sum(), 1)
            paper = 0 if ink > 160 else 255
            return paper + (grey - paper) * opacity / 255
        return np.asarray(image.convert("L"), np.float32)
    except (OSError, ValueError) as error:
        raise DrawingError("the picture's colours cannot be read: save it as PNG or JPEG") from error


def _paper(grey: np.ndarray) -> np.ndarray:
    """How bright the paper is at each pixel of dark on light, under and beside the ink.

    A closing, that is the highest level around each pixel and then the lowest of those: it fills what is
    narrower than its window, such as a stroke, and leaves the edge of a shadow where it is.
    """
    from scipy.ndimage import grey_closing  # it takes a while to import, and few bring a picture

    reach = _reach(grey)
    beyond = np.pad(grey, 2 * reach, "edge")  # the border's light goes on, else a dark corner would be ink
    return grey_closing(beyond, 2 * reach + 1)[2 * reach : -2 * reach, 2 * reach : -2 * reach]


def _is_light_on_dark(grey: np.ndarray) -> bool:
    """Whether the ink is the brighter part: it is the rarer one, so that it is further from the mean around."""
    around = Image.fromarray(np.uint8(grey.clip(0, 255))).filter(ImageFilter.BoxBlur(_reach(grey)))
    return bool(((grey - np.asarray(around)) ** 3).sum() > 0)


def _reach(grey: np.ndarray) -> int:
    return max(1, round(_WINDOW * math.sqrt(grey.size)))


def _without_rules(ink: np.ndarray) -> np.ndarray:
    """The ink without the paper's ruled lines: thin ones from one edge of the picture to the other."""
    for _ in range(2):  # rows, then columns
        inked = ink > 0.3
        edge = max(2, ink.shape[1] // 100)
        ruled = (inked.mean(1) > 0.8) & inked[:, :edge].any(1) & inked[:, -edge:].any(1)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], ruled.astype(np.int8), [0]])))
        for first, last in zip(edges[::2], edges[1::2]):
            if last - first <= max(3, len(ink) // 40):
                above, below = ink[max(first - 2, 0)], ink[min(last + 1, len(ink) - 1)]
                # Where a stroke crosses the rule there is ink on both sides of it.
                ink[max(first - 1, 0) : last + 1] = np.minimum(above, below)
        ink = ink.T
    return ink


def _ink(grey: np.ndarray) -> np.ndarray:
    """How much ink each pixel holds, 0..1, from grey levels 0..255; all 0 where there is none to be seen."""
    dark = 255 - grey if _is_light_on_dark(grey) else grey
    paper = _paper(dark)
    # As a part of the light that falls there: in a shadow ink is as strong as beside it.
    strength = 255 * (paper - dark) / np.maximum(paper, _DARKEST)
    marks = strength[strength > _FAINT]
    if marks.size < 20:  # a speck of dust
        return np.zeros_like(grey)
    # Below a fifth of the ink's strength it is paper, not ink.
    ink = np.clip((strength / np.percentile(marks, 90) - 0.2) / 0.6, 0, 1)
    is_noise = np.diff(ink > 0.5, axis=1).mean() > 0.25  # no hand changes to and fro so often
    return np.zeros_like(grey) if is_noise else ink
