"""Which parts of an image speak for a digit."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mnist_core.runs.classifier import Classifier

WINDOW = 5  # pixels
_STEP = 2  # pixels between windows: neighbours hide nearly the same


def occlusion(classifier: Classifier, image: np.ndarray, digit: int) -> np.ndarray:
    """What each pixel of `image` uint8 (28, 28) contributes to the probability of `digit`: float64 (28, 28).

    Positive where its ink, or its being empty, speaks for the digit. A window is moved over
    the image, and each pixel gets the mean fall of the probability under the windows that hide it
    (occlusion sensitivity: Zeiler and Fergus 2014). It hides as empty paper and as ink: whichever
    changes the answer more counts.
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
    padded = np.pad(near @ strongest @ near.T, reach, mode="edge")  # linear between the windows
    return sliding_window_view(padded, (WINDOW, WINDOW)).mean((-2, -1))
