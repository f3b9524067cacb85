"""Small images, enlarged, as PNG files in data URLs.

Streamlit would serve an array at a temporary URL that ends with the page's run, so that a visitor who
quickly goes to another page would see broken images.
"""

import base64
import io
import math
from functools import cache

import numpy as np
from PIL import Image

_UNIT = 12  # pixels: the side of the square for a dense layer's unit
BLUE, RED = np.array([70, 120, 255]), np.array([240, 60, 80])
ZERO = np.array([16, 18, 26])  # a weight of zero, on both backgrounds
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


def feature_maps(values: np.ndarray) -> str:
    """A layer's output, (height, width, channels) as a mosaic of grey pictures or (units,) as a row of squares.

    The brightest value of the layer is white, its lowest black.
    """
    maps = values.transpose(2, 0, 1) if values.ndim == 3 else values.reshape(-1, 1, 1)
    low, high = float(maps.min()), float(maps.max())
    maps = np.uint8((maps - low) / max(high - low, 1e-9) * 255)
    if values.ndim == 1:
        maps = maps.repeat(_UNIT, 1).repeat(_UNIT, 2)
    maps = np.pad(maps, ((0, 0), (0, 1), (0, 1)), constant_values=90)  # a line between the maps
    number, height, width = maps.shape
    square = max(1, math.ceil(math.sqrt(number * 4 * height / width)))
    columns = min(number, 16 if number <= 16 else square)
    rows = -(-number // columns)
    full = np.full((rows * columns, height, width), 90, np.uint8)
    full[:number] = maps
    mosaic = full.reshape(rows, columns, height, width).swapaxes(1, 2).reshape(rows * height, columns * width)
    return _png(mosaic, max(1, round(900 / mosaic.shape[1])))


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
    """The colours of `signed`, uint8 (255, 3). The brighter ones come early: most weights are small."""
    share = np.linspace(-1, 1, 2 * _STEPS + 1)[:, None]
    strength = np.abs(share) ** 0.65
    return np.uint8(np.rint(ZERO * (1 - strength) + np.where(share > 0, BLUE, RED) * strength))


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
