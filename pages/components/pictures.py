"""Small grey images, made large enough for people to see."""

import base64
import io

import numpy as np
from PIL import Image


def picture(image: np.ndarray, factor: int) -> str:
    """uint8 (28, 28) as a PNG in a data URL, each pixel a square of `factor` x `factor`.

    Streamlit would serve an array by an address of its own, which ends with the page's run: who
    goes on quickly to another page would see broken images.
    """
    file = io.BytesIO()
    large = Image.fromarray(image).resize((28 * factor, 28 * factor), Image.Resampling.NEAREST)
    large.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")
