"""Small images, enlarged, as PNG files in data URLs.

Streamlit would serve an array at a temporary URL that ends with the page's run, so that a visitor who
quickly goes to another page would see broken images.
"""

import base64
import io
from functools import cache

import numpy as np
from PIL import Image

BLUE, RED = np.array([70, 120, 255]), np.array([240, 60, 80])
# From zero to the largest weight: those of network.js, the same on both backgrounds.
FOR = np.array([[27, 35, 56], [40, 82, 190], [112, 162, 255]])
AGAINST = np.array([[27, 35, 56], [165, 36, 62], [255, 110, 120]])
_STEPS = 127  # colours on each side of zero


def picture(image: np.ndarray, factor: int) -> str:
    """uint8 (28, 28), each pixel a square of `factor` x `factor`."""
    return _png(image, factor)


def heat_map(image: np.ndarray, heat: np.ndarray, factor: int) -> str:
    """uint8 (28, 28) in grey, overlaid with `heat` float (28, 28): blue if positive, red if negative."""
    strength = np.abs(heat) / max(float(np.abs(heat).max()), 0.02)
    colour = np.where(heat[..., None] > 0, BLUE, RED)
    opacity = 0.85 * strength[..., None] ** 0.7
    grey = image[..., None] * 0.8 + 20
    return _png(np.uint8(np.clip(grey * (1 - opacity) + colour * opacity, 0, 255)), factor)


def signed(values: np.ndarray, largest: float, factor: int = 1) -> str:
    """Float (height, width) from -`largest` (red) to 0 (dark) to `largest` (blue), each value a square."""
    share = np.clip(np.nan_to_num(values / largest, posinf=1, neginf=-1), -1, 1)
    image = Image.fromarray(np.uint8(np.rint(share * _STEPS) + _STEPS))
    image.putpalette(_colours().tobytes())
    return _png_of(image, factor)


def signed_gradient() -> str:
    """The colours of `signed` from left to right, as a CSS background."""
    places = _colours()[np.linspace(0, 2 * _STEPS, 17).astype(int)]
    return f"linear-gradient(to right, {', '.join('rgb({}, {}, {})'.format(*place) for place in places)})"


@cache
def _colours() -> np.ndarray:
    """The colours of `signed`, uint8 (255, 3). The brighter ones come early, so that weak weights are seen."""
    strength = np.linspace(0, 1, _STEPS + 1) ** 0.7
    sides = [
        np.stack([np.interp(strength, (0, 0.5, 1), stops[:, channel]) for channel in range(3)], axis=1)
        for stops in (AGAINST, FOR)
    ]
    return np.uint8(np.rint(np.concatenate([sides[0][:0:-1], sides[1]])))


def without(whole: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """A picture uint8 (height, width, 3) with the removed pixels, bool (height, width), in red."""
    return np.uint8(np.where(taken[..., None], RED, whole))


def _png(image: np.ndarray, factor: int) -> str:
    return _png_of(Image.fromarray(image), factor)


def _png_of(image: Image.Image, factor: int) -> str:
    file = io.BytesIO()
    if factor > 1:
        image = image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)
    image.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")
