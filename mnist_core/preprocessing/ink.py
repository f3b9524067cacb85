"""Where a picture has ink, and how much: tells it from paper and shadows.

A pixel's darkness is measured relative to the paper around it as it is lit there, and in the colour
channel that differs most: yellow on white is nearly as bright as the paper, but not in blue.
"""

import math
from contextlib import suppress

import numpy as np
from PIL import Image, ImageOps

from mnist_core.language.messages import message
from mnist_core.preprocessing.preprocess import DrawingError

LONGEST = 1200  # pixels: the longer side of larger pictures is reduced to this
SHORTEST = 240  # pixels: the longer side of smaller pictures is enlarged to at least this
WINDOWS = 0.12, 0.25  # of the picture's side: strokes are narrower than twice this, shadows wider
_HALO = 0.012  # of the picture's side: the bright rim left by sharpening is narrower
_NARROW = 5  # times as long as wide
_DARKEST = 60  # grey levels: paper is never taken to be darker
_FAINT = 14  # grey levels: smaller differences are paper
_NOISES = 6.0  # times the paper's own noise: ink differs by more


def colours(image: Image.Image) -> np.ndarray:
    """The picture upright, float32 (height, width, 3), 0..255, with its longer side SHORTEST to LONGEST.

    Transparency counts as paper. DrawingError if the colours cannot be read.
    """
    with suppress(Exception):  # a damaged tag can make Pillow raise anything, but the pixels are fine
        image = ImageOps.exif_transpose(image)
    try:
        if image.mode[0] in "IF":  # 16 or 32 bits: black and white are the picture's own extremes
            levels = np.asarray(image, np.float32)
            darkest, brightest = float(levels.min()), float(levels.max())
            image = Image.fromarray(np.uint8((levels - darkest) * (255 / max(brightest - darkest, 1))))
        image.thumbnail((LONGEST, LONGEST))
        if image.has_transparency_data:
            seen = _on_paper(np.asarray(image.convert("RGBA"), np.float32))
        else:
            seen = np.asarray(image.convert("RGB"), np.float32)
    except (OSError, ValueError) as error:
        raise DrawingError(message("The picture's colours cannot be read: save it as PNG or JPEG.")) from error
    factor = -(-SHORTEST // max(seen.shape[:2]))
    if factor > 1 and min(seen.shape[:2]) > 1:
        size = seen.shape[1] * factor, seen.shape[0] * factor
        large = Image.fromarray(np.uint8(seen)).resize(size, Image.Resampling.BICUBIC)
        seen = np.asarray(large, np.float32)
    return _with_paper(seen)


def _with_paper(seen: np.ndarray) -> np.ndarray:
    """Pad a narrow picture, such as a cropped one, with paper on both sides, coloured like its corners."""
    long, short = seen.shape[:2]
    if long < _NARROW * short or short < 2:
        return seen
    beside = round(0.2 * long)
    corner = np.median(seen[[0, 0, -1, -1], [0, -1, 0, -1]], 0)
    wide = np.empty((seen.shape[0], seen.shape[1] + 2 * beside, 3), np.float32)
    wide[:] = corner
    wide[:, beside:-beside] = seen
    return wide


def _on_paper(rgba: np.ndarray) -> np.ndarray:
    """Fill transparent paper with white, or with black if the ink would not show on white."""
    opacity = rgba[..., 3:] / 255
    ink = (rgba[..., :3] * opacity).sum() / max(3 * opacity.sum(), 1)
    paper = 0 if ink > 160 else 255
    return paper + (rgba[..., :3] - paper) * opacity


def ink_of(seen: np.ndarray, window: float, light_on_dark: bool) -> np.ndarray:
    """The amount of ink in each pixel, float32 (height, width), 0..1; all 0 if there is no ink.

    `seen` is the result of `colours`, `window` one of WINDOWS.
    """
    strength = _strength(255 - seen if light_on_dark else seen, window)
    noise = 1.4826 * float(np.median(np.abs(strength - np.median(strength))))
    # In a small picture a blurred stroke covers half of the pixels, which is not noise.
    least = max(_FAINT, min(_NOISES * noise, 0.3 * float(np.percentile(strength, 99))))
    marks = strength[strength > least]
    if marks.size < 20:  # a speck of dust
        return np.zeros_like(strength)
    # Ignore what is below a quarter of the ink's strength, and what is as weak as the paper's noise.
    full = float(np.percentile(marks, 85))
    low = max(0.25 * full, 0.8 * least)
    ink = np.clip((strength - low) / max(0.75 * full - low, 1), 0, 1)
    is_noise = np.diff(ink > 0.5, axis=1).sum() > 0.25 * ink.size  # handwriting does not alternate so often
    return np.zeros_like(ink) if is_noise else ink


def _strength(dark: np.ndarray, window: float) -> np.ndarray:
    """How much darker each pixel is than the paper, in grey levels of well-lit paper."""
    paper = np.stack([_paper(dark[..., band], window) for band in range(3)], -1)
    light = np.maximum(paper.max(-1), _DARKEST)
    # Relative to the light there, so that ink in a shadow counts as much as ink outside it.
    return 255 * (paper - dark).max(-1).clip(0) / light


def _paper(band: np.ndarray, window: float) -> np.ndarray:
    """The brightness of the paper at each pixel, under and beside the ink.

    A morphological opening removes the bright rim of sharpening. Then a closing (the maximum around each
    pixel, then the minimum of those) fills what is narrower than its window, such as a stroke, and leaves
    the edge of a shadow where it is.
    """
    # Slow to import, and few visitors bring a picture.
    from scipy.ndimage import grey_closing, grey_opening, maximum_filter, minimum_filter

    side = max(math.sqrt(band.size), max(band.shape) / 2)
    reach, rim = max(1, round(window * side)), 2 * max(1, round(_HALO * side / 2)) + 1
    # Light changes slowly: a coarse grid is enough.
    step = max(1, round(side / 250))
    small = grey_opening(band, rim)[::step, ::step]
    reach = -(-reach // step)
    # Extend the light at the border, or a dark corner would be ink; but not where only ink was cropped.
    is_between = (small > small.min() + 50) & (small < small.max() - 50)
    is_flat = maximum_filter(small, 3) - minimum_filter(small, 3) < 25
    is_bare = (is_between & is_flat).mean() < 0.03
    light = {"mode": "constant", "constant_values": np.percentile(small, 95)} if is_bare else {"mode": "edge"}
    beyond = np.pad(small, 2 * reach, **light)
    closed = grey_closing(beyond, 2 * reach + 1)[2 * reach : -2 * reach, 2 * reach : -2 * reach]
    size = band.shape[::-1]
    return np.asarray(Image.fromarray(closed).resize(size, Image.Resampling.BILINEAR)) if step > 1 else closed


def is_light_on_dark(seen: np.ndarray) -> bool:
    """Whether the ink is brighter than the paper: ink is rarer and so differs more from the local mean."""
    from scipy.ndimage import uniform_filter

    grey = seen.mean(-1)
    around = uniform_filter(grey, 2 * max(1, round(WINDOWS[-1] * math.sqrt(grey.size))) + 1, mode="nearest")
    return bool(((grey - around) ** 3).sum() > 0)
