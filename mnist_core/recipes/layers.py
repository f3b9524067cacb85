"""What a network is built of: Keras's layers as plain data, with the shapes they make.

A shape is a tuple of ints without the batch: (28, 28, 1) for images, (n,) for vectors.
`summary` follows it through a stack and says in words where a layer does not fit.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

Shape = tuple[int, ...]
IMAGE: Shape = (28, 28, 1)
ACTIVATIONS = (None, "linear", "relu", "sigmoid", "tanh", "elu", "gelu", "softmax")
INITIALIZERS = (
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_normal",
    "random_normal",
    "zeros",
)
CHOICES = {"activation": ACTIVATIONS, "kernel_initializer": INITIALIZERS, "padding": ("valid", "same")}
BOUNDS = {
    "units": (1, 4096),
    "filters": (1, 512),
    "kernel_size": (1, 28),
    "strides": (1, 4),
    "pool_size": (1, 4),
    "rate": (0.0, 0.95),
}
MAX_LAYERS = 30
MAX_PARAMETERS = 10_000_000
MAX_MULTIPLICATIONS = 100_000_000  # an image; the convnet with dropout has 12 million
MAX_OUTPUTS = 500_000  # of all layers, an image: what training keeps in memory for each image of a batch


@dataclass(frozen=True)
class Flatten:
    def output_shape(self, shape: Shape) -> Shape:
        return (math.prod(shape),)

    def num_parameters(self, shape: Shape) -> int:
        return 0


@dataclass(frozen=True)
class Dense:
    units: int
    activation: str | None = None
    kernel_initializer: str = "glorot_uniform"

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise ValueError(f"Dense takes a flat vector and gets {_words(shape)}: put a Flatten before it")
        return (self.units,)

    def num_parameters(self, shape: Shape) -> int:
        return (shape[0] + 1) * self.units


@dataclass(frozen=True)
class Conv2D:
    filters: int
    kernel_size: int
    strides: int = 1
    padding: str = "valid"
    activation: str | None = None
    kernel_initializer: str = "glorot_uniform"

    def output_shape(self, shape: Shape) -> Shape:
        side = _side(self, shape)
        if self.padding == "valid":
            if self.kernel_size > side:
                window = f"{self.kernel_size} × {self.kernel_size}"
                raise ValueError(
                    f"a window of {window} does not fit into {_words(shape)}: "
                    'take a smaller kernel_size, padding "same", or fewer strides and poolings before it'
                )
            side -= self.kernel_size - 1
        side = -(-side // self.strides)
        return (side, side, self.filters)

    def num_parameters(self, shape: Shape) -> int:
        return (self.kernel_size**2 * shape[2] + 1) * self.filters


@dataclass(frozen=True)
class MaxPooling2D:
    pool_size: int = 2

    def output_shape(self, shape: Shape) -> Shape:
        side = _side(self, shape) // self.pool_size
        if not side:
            raise ValueError(f"nothing is left of {_words(shape)} by pooling {self.pool_size}: leave it out")
        return (side, side, shape[2])

    def num_parameters(self, shape: Shape) -> int:
        return 0


@dataclass(frozen=True)
class Dropout:
    rate: float

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def num_parameters(self, shape: Shape) -> int:
        return 0


@dataclass(frozen=True)
class BatchNormalization:
    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def num_parameters(self, shape: Shape) -> int:
        return 4 * shape[-1]  # scale, offset, and the two moving averages, which are not trained


Layer = Flatten | Dense | Conv2D | MaxPooling2D | Dropout | BatchNormalization
LAYERS: dict[str, type] = {c.__name__: c for c in Layer.__args__}


class Row(NamedTuple):
    """One line of a summary: the layer, its output's shape, its parameters, its multiplications an image."""

    layer: Layer
    output_shape: Shape
    num_parameters: int
    num_multiplications: int


def summary(layers: Sequence[Layer]) -> list[Row]:
    """The stack, layer by layer, on an image of 28 × 28 × 1. ValueError says which does not fit, and why."""
    shape, rows = IMAGE, []
    for number, layer in enumerate(layers, 1):
        try:
            check(layer)
            output = layer.output_shape(shape)
        except ValueError as error:
            raise ValueError(f"layer {number}, {type(layer).__name__}: {error}") from None
        num_parameters = layer.num_parameters(shape)
        rows.append(Row(layer, output, num_parameters, _multiplications(layer, output, num_parameters)))
        shape = output
    last = layers[-1] if layers else None
    if not isinstance(last, Dense) or (last.units, last.activation) != (10, "softmax"):
        raise ValueError('the last layer must be Dense(10, "softmax"): one probability a digit')
    if len(rows) > MAX_LAYERS:
        raise ValueError(f"{len(rows)} layers are too many: at most {MAX_LAYERS}")
    if (total := sum(row.num_parameters for row in rows)) > MAX_PARAMETERS:
        raise ValueError(f"{total:,} parameters are too many: at most {MAX_PARAMETERS:,}")
    if (total := sum(math.prod(row.output_shape) for row in rows)) > MAX_OUTPUTS:
        raise ValueError(
            f"the layers put out {total:,} figures an image, too many for the memory: at most {MAX_OUTPUTS:,}; "
            "take fewer filters or layers, or strides or pooling earlier"
        )
    if (total := sum(row.num_multiplications for row in rows)) > MAX_MULTIPLICATIONS:
        raise ValueError(
            f"{total / 1e6:,.0f} million multiplications an image would take days: at most "
            f"{MAX_MULTIPLICATIONS / 1e6:,.0f} million; take fewer filters, or strides or pooling earlier"
        )
    return rows


def check(layer: Layer) -> None:
    """ValueError where one of the layer's own figures is out of bounds."""
    if not isinstance(layer, Layer):
        raise ValueError(f"{layer!r} is no layer; there are {', '.join(LAYERS)}")
    for name, value in asdict(layer).items():
        if name in CHOICES:
            one_of(name, value, CHOICES[name])
            continue
        low, high = BOUNDS[name]
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not (whole or (name == "rate" and isinstance(value, float))) or not low <= value <= high:
            raise ValueError(f"{name} is {value!r}; it must be a number from {low} to {high}")


def one_of(name: str, value: object, choices: Sequence[object]) -> None:
    if value not in choices:
        raise ValueError(f"{name} is {value!r}; it must be one of {', '.join(map(str, choices))}")


def code(layer: Layer) -> str:
    """The layer as one writes it with Keras; what Keras takes anyway is left out."""
    told = {k: v for k, v in asdict(layer).items() if k in _FIRST or v != getattr(type(layer), k)}
    words = [repr(v) if k in _FIRST else f"{k}={v!r}" for k, v in told.items()]
    return f"{type(layer).__name__}({', '.join(words)})".replace("'", '"')


_FIRST = ("units", "filters", "kernel_size", "pool_size", "rate")  # in Keras, too, these stand first


def _side(layer: Layer, shape: Shape) -> int:
    if len(shape) != 3:
        raise ValueError(f"it takes images and gets {_words(shape)}: it must stand before Flatten")
    return shape[0]


def _words(shape: Shape) -> str:
    return " × ".join(map(str, shape)) if len(shape) > 1 else f"a vector of {shape[0]}"


def _multiplications(layer: Layer, output: Shape, num_parameters: int) -> int:
    match layer:
        case Conv2D():
            return (num_parameters - layer.filters) * output[0] * output[1]
        case Dense():
            return num_parameters - layer.units
    return 0
