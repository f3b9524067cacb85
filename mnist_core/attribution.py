"""Which parts of an image speak for a digit."""

import numpy as np

from mnist_core.classifier import Classifier

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
    y, x = np.indices((size, size))
    rows, columns = np.indices((size, size))[:, ::_STEP, ::_STEP].reshape(2, -1, 1, 1)
    hidden = (abs(y - rows) <= reach) & (abs(x - columns) <= reach)
    variants = np.concatenate([np.where(hidden, level, image) for level in (0, 255)]).astype(np.uint8)
    probabilities = classifier.probabilities(np.concatenate([image[None], variants]))[:, digit].astype(float)
    falls = (probabilities[0] - probabilities[1:]).reshape(2, -1)
    strongest = np.where(abs(falls[0]) >= abs(falls[1]), falls[0], falls[1])
    return np.tensordot(strongest, hidden, 1) / hidden.sum(0)
