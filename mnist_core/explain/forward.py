"""What a network computes, layer by layer, in NumPy: slow, but it shows everything on its way.

For one image, or a few: the pages show what the layers see, and what the network would have said
with the weights of an earlier epoch. The mathematics is Keras's, and a test holds it to that.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mnist_core.recipes.layers import BatchNormalization, Conv2D, Dense, Dropout, Flatten, Layer, MaxPooling2D
from mnist_core.recipes.recipe import SHIFTS, Recipe

_ACTIVATIONS: dict[str | None, Callable[[np.ndarray], np.ndarray]] = {
    None: lambda x: x,
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "gelu": lambda x: x * (1 + np.vectorize(math.erf, otypes=[np.float64])(x / math.sqrt(2))) / 2,
    "softmax": lambda x: (
        np.exp(x - x.max(-1, keepdims=True)) / np.exp(x - x.max(-1, keepdims=True)).sum(-1, keepdims=True)
    ),
}


def probabilities(recipe: Recipe, weights: Sequence[np.ndarray], image: np.ndarray) -> np.ndarray:
    """What the model answers for one `image` uint8 (28, 28): float (10,)."""
    looks = [image]
    if recipe.test_time_shifts:
        size, padded = len(image), np.pad(image, 1)
        looks = [padded[1 - down :][:size, 1 - right :][:, :size] for down, right in SHIFTS]
    return activations(recipe, weights, np.stack(looks))[-1].mean(0)


def activations(recipe: Recipe, weights: Sequence[np.ndarray], images: np.ndarray) -> list[np.ndarray]:
    """What each layer of the recipe puts out: float (n, height, width, channels) or (n, units).

    `images` are uint8 (n, 28, 28); `weights` those of all layers in Keras's order. The last of the
    list is the probabilities.
    """
    values = images[..., None].astype(np.float64) / (255 if recipe.scaling else 1)
    left, found = list(weights), []
    for layer in recipe.layers:
        values = _through(layer, values, left)
        found.append(values)
    return found


def _through(layer: Layer, values: np.ndarray, left: list[np.ndarray]) -> np.ndarray:
    """The layer's output; it takes its weights from the front of `left`."""
    match layer:
        case Flatten():
            return values.reshape(len(values), -1)
        case Dense():
            kernel, bias = left.pop(0), left.pop(0)
            return _ACTIVATIONS[layer.activation](values @ kernel + bias)
        case Conv2D():
            kernel, bias = left.pop(0), left.pop(0)
            windows = _windows(_padded(values, layer), layer.kernel_size, layer.strides)
            return _ACTIVATIONS[layer.activation](
                np.einsum("nyxcij,ijcf->nyxf", windows, kernel, optimize=True) + bias
            )
        case MaxPooling2D():
            return _windows(values, layer.pool_size, layer.pool_size).max((-2, -1))
        case BatchNormalization():
            scale, offset, mean, variance = (left.pop(0) for _ in range(4))
            return (values - mean) / np.sqrt(variance + 1e-3) * scale + offset
        case Dropout():
            return values
    raise ValueError(f"no layer {layer!r}")


def _windows(values: np.ndarray, size: int, stride: int) -> np.ndarray:
    """(n, height', width', channels, size, size)."""
    return sliding_window_view(values, (size, size), (1, 2))[:, ::stride, ::stride]


def _padded(values: np.ndarray, layer: Conv2D) -> np.ndarray:
    if layer.padding == "valid":
        return values
    side = values.shape[1]
    missing = max((-(-side // layer.strides) - 1) * layer.strides + layer.kernel_size - side, 0)
    pad = (missing // 2, missing - missing // 2)
    return np.pad(values, ((0, 0), pad, pad, (0, 0)))
