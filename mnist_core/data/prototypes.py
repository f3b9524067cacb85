"""The mean image of each digit, and each image's distance from it."""

import numpy as np

from mnist_core.data.mnist import Split


def mean_images(split: Split) -> np.ndarray:
    """The mean image of each digit, float32 (10, 28, 28), 0..255; 0 for a digit without images."""
    sums = np.zeros((10, 28, 28))
    for digit in range(10):
        of_digit = split.images[split.labels == digit]
        if len(of_digit):
            sums[digit] = of_digit.mean(0, dtype=np.float64)
    return sums.astype(np.float32)


def distances(split: Split, means: np.ndarray) -> np.ndarray:
    """Each image's distance from its digit's mean: root mean square over the pixels, 0..255, float32 (n,)."""
    found = np.empty(len(split.labels), np.float32)
    for begin in range(0, len(found), 2000):  # all at once would take 200 MB
        part = slice(begin, begin + 2000)
        apart = split.images[part] - means[split.labels[part]]
        found[part] = np.sqrt((apart**2).mean((1, 2)))
    return found
