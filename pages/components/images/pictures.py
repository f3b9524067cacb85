"""Small images, enlarged, as PNG files in data URLs.

Streamlit would serve an array at a temporary URL that ends with the page's run, so that a visitor who
quickly goes to another page would see broken images.
"""

import base64
import io

import numpy as np
from PIL import Image

BLUE, RED = np.array([70, 120, 255]), np.array([240, 60, 80])


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


def without(whole: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """A picture uint8 (height, width, 3) with the removed pixels, bool (height, width), in red."""
    return np.uint8(np.where(taken[..., None], RED, whole))


def _png(image: np.ndarray, factor: int) -> str:
    file = io.BytesIO()
    height, width = image.shape[:2]
    large = Image.fromarray(image).resize((width * factor, height * factor), Image.Resampling.NEAREST)
    large.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")
