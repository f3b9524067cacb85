"""A stack of layers as one network: its shapes and sizes, its limits, and why some stacks are invalid."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from mnist_core.language.messages import message, said_by
from mnist_core.recipes.layer import Layer, Shape
from mnist_core.recipes.layers import LAYERS, Dense

IMAGE: Shape = (28, 28, 1)
MAX_LAYERS = 30
MAX_PARAMETERS = 10_000_000
MAX_MULTIPLICATIONS = 100_000_000  # per image; the convnet with dropout has 12 million
MAX_OUTPUTS = 500_000  # values of all layers per image, which training keeps in memory for a whole batch
SMALL_CONVOLUTIONS = 1_000_000  # multiplications per image up to which XLA is faster


class Row(NamedTuple):
    """One line of a summary: the layer, its input and output shapes, and its size for one image."""

    layer: Layer
    input_shape: Shape
    output_shape: Shape
    num_parameters: int
    num_multiplications: int

    @property
    def is_of_images(self) -> bool:
        """Whether its output is an image rather than a vector."""
        return len(self.output_shape) == 3


def summary(layers: Sequence[Layer]) -> list[Row]:
    """The stack, layer by layer, for an image of 28 × 28 × 1. ValueError says which layer is wrong, and why."""
    shape, rows = IMAGE, []
    for number, layer in enumerate(layers, 1):
        try:
            if type(layer) not in LAYERS.values():
                raise ValueError(
                    message(
                        "{value!r} is not a layer; there are {kinds}.", value=layer, kinds=", ".join(LAYERS)
                    )
                )
            layer.check()
            output = layer.output_shape(shape)
        except ValueError as error:
            raise ValueError(
                message(
                    "Layer {number}, {kind}: {problem}",
                    number=number,
                    kind=type(layer).__name__,
                    problem=said_by(error),
                )
            ) from None
        figures = layer.num_parameters(shape), layer.num_multiplications(shape)
        rows.append(Row(layer, shape, output, *figures))
        shape = output
    last = layers[-1] if layers else None
    if not isinstance(last, Dense) or (last.units, last.activation) != (10, "softmax"):
        raise ValueError(
            message('The last layer must be Dense(10, "softmax"): one probability for each digit.')
        )
    _check_limits(rows)
    return rows


def compiles_well(layers: Sequence[Layer]) -> bool:
    """Whether training is faster with XLA: for dense layers, and for small convolutions."""
    rows = summary(layers)
    on_images = sum(row.num_multiplications for row in rows if row.is_of_images)
    return on_images <= SMALL_CONVOLUTIONS and all(row.layer.compiles_well(row.input_shape) for row in rows)


def _check_limits(rows: Sequence[Row]) -> None:
    if len(rows) > MAX_LAYERS:
        raise ValueError(
            message("{number} layers are too many: the limit is {limit}.", number=len(rows), limit=MAX_LAYERS)
        )
    if (total := sum(row.num_parameters for row in rows)) > MAX_PARAMETERS:
        raise ValueError(
            message(
                "{number:,} parameters are too many: the limit is {limit:,}.",
                number=total,
                limit=MAX_PARAMETERS,
            )
        )
    if (total := sum(math.prod(row.output_shape) for row in rows)) > MAX_OUTPUTS:
        raise ValueError(
            message(
                "The layers output {number:,} values per image, too many for the memory: the limit is "
                "{limit:,}. Choose fewer filters or layers, or use strides or pooling earlier.",
                number=total,
                limit=MAX_OUTPUTS,
            )
        )
    if (total := sum(row.num_multiplications for row in rows)) > MAX_MULTIPLICATIONS:
        raise ValueError(
            message(
                "{number:,} multiplications per image would take days: the limit is {limit:,}. Choose fewer "
                "filters, or use strides or pooling earlier.",
                number=total,
                limit=MAX_MULTIPLICATIONS,
            )
        )
