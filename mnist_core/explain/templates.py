"""A layer's weights as small pictures, as one sees them best: templates of a digit, kernels, rows.

The weights of a unit that looks at an image form an image, too (its template): where they are positive, ink
raises the unit's sum, and where they are negative, ink lowers it.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from mnist_core.recipes.layer import Shape
from mnist_core.recipes.layers import Activation, BatchNormalization, Conv2D, Dense, Dropout, Flatten
from mnist_core.recipes.network import Row


def drawable(rows: Sequence[Row]) -> list[int]:
    """The numbers, from 1, of the layers whose weights can be shown as pictures."""
    return [number for number, row in enumerate(rows, 1) if isinstance(row.layer, Dense | Conv2D)]


def input_image(rows: Sequence[Row], number: int) -> Shape | None:
    """The shape (height, width, channels) of the images that layer `number` sees, flattened or not.

    None if its input is a vector that is not a flattened image.
    """
    for row in rows[number - 2 :: -1] if number > 1 else ():
        if isinstance(row.layer, Flatten):
            return row.input_shape if len(row.input_shape) == 3 else None
        if not isinstance(row.layer, Dropout | BatchNormalization | Activation):
            break
    shape = rows[number - 1].input_shape
    return shape if len(shape) == 3 else None


def planes(rows: Sequence[Row], number: int, kernel: np.ndarray) -> np.ndarray:
    """The `kernel` of layer `number`, Dense or Conv2D, as pictures: (units, channels, height, width).

    Each unit or filter has one picture for each channel of its input. For a Dense layer whose input is no
    image it is a single row of pixels.
    """
    if kernel.ndim == 4:
        return kernel.transpose(3, 2, 0, 1)
    height, width, channels = input_image(rows, number) or (1, len(kernel), 1)
    return kernel.reshape(height, width, channels, -1).transpose(3, 2, 0, 1)


def compared(kernel: np.ndarray) -> np.ndarray:
    """The `kernel` (..., units) of a softmax layer without what all its units have in common.

    The probabilities are the same: softmax only compares the sums.
    """
    return kernel - kernel.mean(-1, keepdims=True)


def strength(kernels: Iterable[np.ndarray]) -> float:
    """The largest absolute weight, the end of the colour scale that they share; never 0, and finite."""
    largest = max((float(np.abs(np.nan_to_num(kernel)).max()) for kernel in kernels), default=0.0)
    return largest or 1.0
