"""Which parts of an image are evidence for a digit."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mnist_core.runs.classifier import Classifier

WINDOW = 5  # pixels
_STEP = 2  # pixels between windows: adjacent ones hide nearly the same


def occlusion(classifier: Classifier, image: np.ndarray, digit: int) -> np.ndarray:
    """Each pixel's contribution to the probability of `digit` in `image` uint8 (28, 28): float64 (28, 28).

    Positive if the pixel's ink, or its emptiness, is evidence for the digit. A window moves over the image,
    and each pixel gets the mean decrease in probability over the windows that hide it (occlusion sensitivity:
    Zeiler and Fergus 2014). Each window is filled once with paper and once with ink, and the larger change
    counts.
    """
    size, reach = image.shape[0], WINDOW // 2
    centres = np.arange(0, size, _STEP)
    y, x = np.indices((size, size))
    rows, columns = (index.reshape(-1, 1, 1) for index in np.meshgrid(centres, centres, indexing="ij"))
    hidden = (abs(y - rows) <= reach) & (abs(x - columns) <= reach)
    variants = np.concatenate([np.where(hidden, level, image) for level in (0, 255)]).astype(np.uint8)
    probabilities = classifier.probabilities(np.concatenate([image[None], variants]))[:, digit].astype(float)
    falls = (probabilities[0] - probabilities[1:]).reshape(2, len(centres), len(centres))
    strongest = np.where(abs(falls[0]) >= abs(falls[1]), falls[0], falls[1])
    near = np.clip(1 - abs(np.arange(size)[:, None] - centres) / _STEP, 0, 1)
    near /= near.sum(1, keepdims=True)
    padded = np.pad(near @ strongest @ near.T, reach, mode="edge")  # linear interpolation between windows
    return sliding_window_view(padded, (WINDOW, WINDOW)).mean((-2, -1))
