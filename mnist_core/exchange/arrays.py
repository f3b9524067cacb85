"""The arrays that belong to a network: their shapes, in Keras's order of all layers' weights."""

from collections.abc import Sequence

from mnist_core.recipes.layer import Layer, Shape
from mnist_core.recipes.layers import BatchNormalization, Conv2D, Dense
from mnist_core.recipes.network import summary


def shapes_of(layer: Layer, before: Shape) -> list[Shape]:
    """The shapes of the layer's own arrays for an input of the shape `before`."""
    if isinstance(layer, Dense):
        return [(before[0], layer.units), (layer.units,)]
    if isinstance(layer, Conv2D):
        return [(layer.kernel_size, layer.kernel_size, before[2], layer.filters), (layer.filters,)]
    if isinstance(layer, BatchNormalization):
        return [(before[-1],)] * 4  # scale, offset, mean, variance
    return []


def shapes_of_all(layers: Sequence[Layer]) -> list[Shape]:
    """The shapes of all arrays of a network."""
    return [shape for row in summary(layers) for shape in shapes_of(row.layer, row.input_shape)]
