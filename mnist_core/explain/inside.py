"""One image inside a network: what each layer outputs, what each value sees, and how it is worked out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mnist_core.explain.forward import activations, shifted
from mnist_core.recipes.layer import Cell, Shape, Sum, Window, at, whole
from mnist_core.recipes.network import Row, summary
from mnist_core.recipes.recipe import Recipe


@dataclass(frozen=True)
class Softmax:
    """From a network's ten sums to its probabilities; each float (10,).

    `logits` are the sums before the temperature, `divided` those after it, `exponentials` their exponentials
    (of the difference to the largest, which changes no probability), and `probabilities` these divided by their
    sum.
    """

    logits: np.ndarray
    temperature: float
    divided: np.ndarray
    exponentials: np.ndarray
    probabilities: np.ndarray


class Inside:
    """An `image` uint8 (28, 28) in the network of `recipe` with `weights`, all layers' in Keras's order.

    Layer 0 is the scaled image, layer 1 the recipe's first. A model that looks at shifted copies of an image
    sees the copy number `look`; None is the image itself. The last layer's weights are already divided by
    `temperature`. ValueError if the weights belong to another network.
    """

    def __init__(
        self,
        recipe: Recipe,
        weights: Sequence[np.ndarray],
        image: np.ndarray,
        look: int | None = None,
        temperature: float = 1.0,
    ) -> None:
        self.recipe, self.temperature = recipe, temperature
        self.image = image if look is None else shifted(image)[look]
        found = activations(recipe, weights, self.image[None])
        scaled = self.image[..., None].astype(np.float64) / (255 if recipe.scaling else 1)
        self.values = [scaled, *(of[0] for of in found)]
        self.rows = summary(recipe.layers)
        self._weights = by_layer(self.rows, weights)

    def sum_of(self, layer: int, cell: Cell) -> Sum:
        """How the value at `cell` of layer number `layer` (1 or more) is worked out."""
        row = self.rows[layer - 1]
        window = row.layer.window(cell, row.input_shape)
        return row.layer.work_out(_cut(self.values[layer - 1], window), cell, self.weights_of(layer))

    def weights_of(self, layer: int) -> list[np.ndarray]:
        """The arrays of layer number `layer`, in Keras's order."""
        return self._weights[layer - 1]

    @cached_property
    def softmax(self) -> Softmax:
        """The last layer's way from sums to probabilities."""
        kernel, bias = self.weights_of(len(self.rows))
        divided = self.values[-2] @ kernel + bias
        exponentials = np.exp(divided - divided.max())
        return Softmax(
            divided * self.temperature,
            self.temperature,
            divided,
            exponentials,
            exponentials / exponentials.sum(),
        )


def by_layer(rows: Sequence[Row], weights: Sequence[np.ndarray]) -> list[list[np.ndarray]]:
    """The `weights` of all layers, in Keras's order, as one list for each layer."""
    left, found = list(weights), []
    for row in rows:
        own: list[np.ndarray] = []
        while sum(array.size for array in own) < row.num_parameters:
            own.append(left.pop(0))
        found.append(own)
    return found


def receptive_field(rows: Sequence[Row], layer: int, cell: Cell, of: int = 0) -> Window:
    """The part of the output of layer number `of` on which the value at `cell` of number `layer` depends.

    Layer 0 is the image. The window can reach over the border, where padding is.
    """
    field = at(cell)
    for row in reversed(rows[of:layer]):
        field = _fed_by(row, field)
    return field


def source(rows: Sequence[Row], layer: int, cell: Cell) -> tuple[int, Cell]:
    """Where the value at `cell` comes from: the layer and cell that computed it, before layers that only pass
    values on (Flatten, Dropout)."""
    while layer and not rows[layer - 1].layer.shows_something:
        window = rows[layer - 1].layer.window(cell, rows[layer - 1].input_shape)
        layer -= 1
        is_image = layer == 0 or rows[layer - 1].is_of_images
        cell = (window.top, window.left, window.channel) if is_image else (window.left,)
    return layer, cell


def _fed_by(row: Row, field: Window) -> Window:
    """The part of the row's input that feeds the part `field` of its output."""
    first, last = (row.layer.window(cell, row.input_shape) for cell in _corners(field, row.output_shape))
    is_of_vectors = len(row.output_shape) == 1
    if is_of_vectors and field.width > 1 and len(row.input_shape) == 3:
        return whole(row.input_shape)  # several of a flattened image's values can be anywhere in it
    height, width = last.top + last.height - first.top, last.left + last.width - first.left
    one_channel = first.channel == last.channel and (is_of_vectors or field.channel is not None)
    return Window(first.top, first.left, height, width, first.channel if one_channel else None)


def _corners(field: Window, shape: Shape) -> tuple[Cell, Cell]:
    if len(shape) == 1:
        return (field.left,), (field.left + field.width - 1,)
    channel = field.channel or 0
    low, high = (field.top, field.left), (field.top + field.height - 1, field.left + field.width - 1)
    return (*low, channel), (*high, channel)


def _cut(values: np.ndarray, window: Window) -> np.ndarray:
    """The window of a layer's output: float (height, width, channels), with zeros over its border."""
    values = values if values.ndim == 3 else values[None, :, None]
    if window.channel is not None and values.shape[2] > 1:
        values = values[..., window.channel : window.channel + 1]
    high, wide = values.shape[:2]
    top, left = max(window.top, 0), max(window.left, 0)
    bottom, right = min(window.top + window.height, high), min(window.left + window.width, wide)
    found = np.zeros((window.height, window.width, values.shape[2]))
    found[top - window.top : bottom - window.top, left - window.left : right - window.left] = values[
        top:bottom, left:right
    ]
    return found
