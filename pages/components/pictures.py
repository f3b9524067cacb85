"""Small grey images, made large enough for people to see."""

import numpy as np


def enlarged(image: np.ndarray, factor: int) -> np.ndarray:
    """uint8 (28, 28) -> (28 * factor, 28 * factor): each pixel becomes a square."""
    return np.kron(image, np.ones((factor, factor), np.uint8))
