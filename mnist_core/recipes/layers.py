"""The layers of a network: Keras's layers as plain data, with all that the app must know about each type.

A new type is one class here and its name in LAYERS: the builder, the checks, the summary, the estimate of
training time, the Keras script and the pictures of layer outputs use the methods of the class. A class that
lacks one of them cannot be instantiated.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mnist_core.language.messages import message
from mnist_core.recipes.layer import (
    Cell,
    Layer,
    Shape,
    Sum,
    Window,
    at,
    choice,
    number,
    shape_words,
    side_of,
    unchanged,
    whole,
)

ACTIVATIONS: dict[str | None, Callable[[np.ndarray], np.ndarray]] = {
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
INITIALIZERS = (
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_normal",
    "random_normal",
    "zeros",
)
# XLA compiles convolutions well up to this kernel size and this number of pixels in all windows.
SMALL_KERNEL, SMALL_WINDOWS = 7, 60_000
_EPSILON = 1e-3  # Keras's, which BatchNormalization adds to the variance


@dataclass(frozen=True)
class Flatten(Layer):
    shows_something = False

    def output_shape(self, shape: Shape) -> Shape:
        return (math.prod(shape),)

    def num_parameters(self, shape: Shape) -> int:
        return 0

    def num_multiplications(self, shape: Shape) -> int:
        return 0

    def forward(self, values: np.ndarray, weights: Iterator[np.ndarray]) -> np.ndarray:
        return values.reshape(len(values), -1)

    def window(self, cell: Cell, shape: Shape) -> Window:
        return at(tuple(int(index) for index in np.unravel_index(cell[0], shape)))

    def work_out(self, inputs: np.ndarray, cell: Cell, weights: Sequence[np.ndarray]) -> Sum:
        return unchanged(inputs)


@dataclass(frozen=True)
class Dense(Layer):
    units: int = number(1, 4096, new=64)
    activation: str | None = choice(ACTIVATIONS, None, new="relu")
    kernel_initializer: str = choice(INITIALIZERS, "glorot_uniform")

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise ValueError(
                message(
                    "Dense takes a vector, but its input is {shape}. Put a Flatten or a GlobalAveragePooling2D "
                    "before it.",
                    shape=shape_words(shape),
                )
            )
        return (self.units,)

    def num_parameters(self, shape: Shape) -> int:
        return (shape[0] + 1) * self.units

    def num_multiplications(self, shape: Shape) -> int:
        return shape[0] * self.units

    def forward(self, values: np.ndarray, weights: Iterator[np.ndarray]) -> np.ndarray:
        kernel, bias = next(weights), next(weights)
        return ACTIVATIONS[self.activation](values @ kernel + bias)

    def window(self, cell: Cell, shape: Shape) -> Window:
        return whole(shape)

    def work_out(self, inputs: np.ndarray, cell: Cell, weights: Sequence[np.ndarray]) -> Sum:
        kernel, bias = weights
        return _products(inputs, kernel[:, cell[0]].reshape(inputs.shape), float(bias[cell[0]]))


@dataclass(frozen=True)
class Conv2D(Layer):
    filters: int = number(1, 512, new=16)
    kernel_size: int = number(1, 28, new=3)
    strides: int = number(1, 4, 1)
    padding: str = choice(("valid", "same"), "valid")
    activation: str | None = choice(ACTIVATIONS, None, new="relu")
    kernel_initializer: str = choice(INITIALIZERS, "glorot_uniform")

    def output_shape(self, shape: Shape) -> Shape:
        side = side_of(shape)
        if self.padding == "valid":
            if self.kernel_size > side:
                raise ValueError(
                    message(
                        "A kernel of {size} × {size} does not fit into {shape}. Choose a smaller kernel_size, "
                        'padding "same", or fewer strides and poolings before it.',
                        size=self.kernel_size,
                        shape=shape_words(shape),
                    )
                )
            side -= self.kernel_size - 1
        side = -(-side // self.strides)
        return (side, side, self.filters)

    def num_parameters(self, shape: Shape) -> int:
        return (self.kernel_size**2 * shape[2] + 1) * self.filters

    def num_multiplications(self, shape: Shape) -> int:
        return self._num_window_pixels(shape) * self.filters

    def forward(self, values: np.ndarray, weights: Iterator[np.ndarray]) -> np.ndarray:
        kernel, bias = next(weights), next(weights)
        windows = _windows(self._padded(values), self.kernel_size, self.strides)
        return ACTIVATIONS[self.activation](
            np.einsum("nyxcij,ijcf->nyxf", windows, kernel, optimize=True) + bias
        )

    def window(self, cell: Cell, shape: Shape) -> Window:
        top, left = (index * self.strides - self._missing(shape[0]) // 2 for index in cell[:2])
        return Window(top, left, self.kernel_size, self.kernel_size)

    def work_out(self, inputs: np.ndarray, cell: Cell, weights: Sequence[np.ndarray]) -> Sum:
        kernel, bias = weights
        return _products(inputs, kernel[..., cell[2]], float(bias[cell[2]]))

    def compiles_well(self, shape: Shape) -> bool:
        return self.kernel_size <= SMALL_KERNEL and self._num_window_pixels(shape) <= SMALL_WINDOWS

    def _num_window_pixels(self, shape: Shape) -> int:
        side, _, _ = self.output_shape(shape)
        return side**2 * self.kernel_size**2 * shape[2]

    def _missing(self, side: int) -> int:
        """The number of rows of padding, above and below together."""
        if self.padding == "valid":
            return 0
        return max((-(-side // self.strides) - 1) * self.strides + self.kernel_size - side, 0)

    def _padded(self, values: np.ndarray) -> np.ndarray:
        missing = self._missing(values.shape[1])
        pad = (missing // 2, missing - missing // 2)
        return np.pad(values, ((0, 0), pad, pad, (0, 0))) if missing else values


@dataclass(frozen=True)
class _Pooling2D(Layer):
    """Pooling without overlap: each window becomes one value."""

    pool_size: int = number(1, 4, 2, always_written=True)

    def output_shape(self, shape: Shape) -> Shape:
        side = side_of(shape) // self.pool_size
        if not side:
            raise ValueError(
                message(
                    "Pooling by {size} leaves nothing of {shape}. Remove this layer.",
                    size=self.pool_size,
                    shape=shape_words(shape),
                )
            )
        return (side, side, shape[2])

    def num_parameters(self, shape: Shape) -> int:
        return 0

    def num_multiplications(self, shape: Shape) -> int:
        return 0

    def window(self, cell: Cell, shape: Shape) -> Window:
        row, column, channel = cell
        size = self.pool_size
        return Window(row * size, column * size, size, size, channel)


@dataclass(frozen=True)
class MaxPooling2D(_Pooling2D):
    def forward(self, values: np.ndarray, weights: Iterator[np.ndarray]) -> np.ndarray:
        return _windows(values, self.pool_size, self.pool_size).max((-2, -1))

    def work_out(self, inputs: np.ndarray, cell: Cell, weights: Sequence[np.ndarray]) -> Sum:
        return Sum("largest", inputs, None, {}, float(inputs.max()))


@dataclass(frozen=True)
class AveragePooling2D(_Pooling2D):
    def forward(self, values: np.ndarray, weights: Iterator[np.ndarray]) -> np.ndarray:
        return _windows(values, self.pool_size, self.pool_size).mean((-2, -1))

    def work_out(self, inputs: np.ndarray, cell: Cell, weights: Sequence[np.ndarray]) -> Sum:
        return _mean(inputs)


@dataclass(frozen=True)
class GlobalAveragePooling2D(Layer):
    """The mean of each channel (Lin, Chen and Yan 2014)."""

    def output_shape(self, shape: Shape) -> Shape:
        side_of(shape)
        return (shape[2],)

    def num_parameters(self, shape: Shape) -> int:
        return 0

    def num_multiplications(self, shape: Shape) -> int:
        return 0

    def forward(self, values: np.ndarray, weights: Iterator[np.ndarray]) -> np.ndarray:
        return values.mean((1, 2))

    def window(self, cell: Cell, shape: Shape) -> Window:
        return whole(shape)._replace(channel=cell[0])

    def work_out(self, inputs: np.ndarray, cell: Cell, weights: Sequence[np.ndarray]) -> Sum:
        return _mean(inputs)


@dataclass(frozen=True)
class Dropout(Layer):
    rate: float = number(0.0, 0.95, new=0.25)
    shows_something = False

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def num_parameters(self, shape: Shape) -> int:
        return 0

    def num_multiplications(self, shape: Shape) -> int:
        return 0

    def forward(self, values: np.ndarray, weights: Iterator[np.ndarray]) -> np.ndarray:
        return values

    def window(self, cell: Cell, shape: Shape) -> Window:
        return at(cell)

    def work_out(self, inputs: np.ndarray, cell: Cell, weights: Sequence[np.ndarray]) -> Sum:
        return unchanged(inputs)


@dataclass(frozen=True)
class BatchNormalization(Layer):
    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def num_parameters(self, shape: Shape) -> int:
        return 4 * shape[-1]  # scale, offset and the two moving averages, which are not trained

    def num_multiplications(self, shape: Shape) -> int:
        return math.prod(shape)

    def forward(self, values: np.ndarray, weights: Iterator[np.ndarray]) -> np.ndarray:
        scale, offset, mean, variance = (next(weights) for _ in range(4))
        return (values - mean) / np.sqrt(variance + _EPSILON) * scale + offset

    def window(self, cell: Cell, shape: Shape) -> Window:
        return at(cell)

    def work_out(self, inputs: np.ndarray, cell: Cell, weights: Sequence[np.ndarray]) -> Sum:
        scale, offset, mean, variance = (float(array[cell[-1]]) for array in weights)
        deviation = math.sqrt(variance + _EPSILON)
        numbers = {"mean": mean, "deviation": deviation, "scale": scale, "offset": offset}
        return Sum(
            "normalized", inputs, None, numbers, (float(inputs.sum()) - mean) / deviation * scale + offset
        )

    def compiles_well(self, shape: Shape) -> bool:
        return False  # XLA needs a padded last batch, which would distort its means


@dataclass(frozen=True)
class Activation(Layer):
    """An activation function as a layer of its own, such as after BatchNormalization."""

    activation: str = choice([name for name in ACTIVATIONS if name], "relu", always_written=True)

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def num_parameters(self, shape: Shape) -> int:
        return 0

    def num_multiplications(self, shape: Shape) -> int:
        return 0

    def forward(self, values: np.ndarray, weights: Iterator[np.ndarray]) -> np.ndarray:
        return ACTIVATIONS[self.activation](values)

    def window(self, cell: Cell, shape: Shape) -> Window:
        everywhere = whole(shape) if len(shape) == 1 else at(cell)._replace(channel=None)
        return everywhere if self.activation == "softmax" else at(cell)

    def work_out(self, inputs: np.ndarray, cell: Cell, weights: Sequence[np.ndarray]) -> Sum:
        of_all = self.activation == "softmax"
        return Sum("value", inputs, None, {}, float(inputs.ravel()[cell[-1] if of_all else 0]))


LAYERS: dict[str, type[Layer]] = {
    kind.__name__: kind
    for kind in (
        Flatten,
        Dense,
        Conv2D,
        MaxPooling2D,
        AveragePooling2D,
        GlobalAveragePooling2D,
        Dropout,
        BatchNormalization,
        Activation,
    )
}


def _products(inputs: np.ndarray, weights: np.ndarray, bias: float) -> Sum:
    return Sum("products", inputs, weights, {"bias": bias}, float((inputs * weights).sum()) + bias)


def _mean(inputs: np.ndarray) -> Sum:
    return Sum("mean", inputs, None, {}, float(inputs.mean()))


def _windows(values: np.ndarray, size: int, stride: int) -> np.ndarray:
    """The windows of `values` (n, height, width, channels): (n, height', width', channels, size, size)."""
    return sliding_window_view(values, (size, size), (1, 2))[:, ::stride, ::stride]
