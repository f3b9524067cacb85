"""A network under construction, of our own layer types, and where a file of Keras holds its arrays.

kinds.py says what becomes of each layer of Keras.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from mnist_core.exchange.arrays import shapes_of
from mnist_core.exchange.options import Options
from mnist_core.language.messages import Message, message
from mnist_core.recipes.layer import Layer, Shape
from mnist_core.recipes.layers import BatchNormalization, Dense, Dropout, Flatten
from mnist_core.recipes.network import IMAGE
from mnist_core.runs.weights import next_name

INPUTS: tuple[Shape, ...] = ((28, 28), IMAGE, (784,))


class Group(NamedTuple):
    """The arrays of one layer in a file of Keras: the group's name, and which of the layer's arrays it holds.

    The arrays have the `shapes`; those that are not `stored` become zeros, or ones if they are a scale.
    `epsilon` is that of a BatchNormalization.
    """

    name: str
    shapes: tuple[Shape, ...]
    stored: tuple[bool, ...]
    epsilon: float | None = None


@dataclass
class Rebuilt:
    """A network under construction: `shape` is that of Keras's last output, `own_shape` that of ours.

    The two differ only where Keras has 28 × 28 or a vector and we still have the image of 28 × 28 × 1.
    """

    shape: Shape
    own_shape: Shape = IMAGE
    layers: list[Layer] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    names: set[str] = field(default_factory=set)  # of all groups, with arrays or not
    is_scaled: bool = False
    remarks: list[Message] = field(default_factory=list)
    _seen: Counter[str] = field(default_factory=Counter)

    def name(self, kind: str) -> str:
        """The next group's name for a layer of this class."""
        name = next_name(kind, self._seen)
        self.names.add(name)
        return name

    def add(self, layer: Layer, options: Options) -> Shape:
        """Put one of our layers on top, and return the shape of its input."""
        if len(self.shape) == 1 and len(self.own_shape) == 3:
            self.layers.append(Flatten())
            self.own_shape = self.shape
        if len(self.shape) == 2 and not isinstance(layer, Dropout):
            raise options.wrong_place(self.shape, "Flatten, Reshape")
        before, self.own_shape = self.own_shape, options.checked(layer, self.own_shape)
        if len(self.shape) != 2:
            self.shape = self.own_shape
        self.layers.append(layer)
        return before

    def add_with_arrays(self, layer: Layer, options: Options, name: str, stored: tuple[bool, ...]) -> None:
        shapes = tuple(shapes_of(layer, self.add(layer, options)))
        epsilon = options.number("epsilon", 1e-3) if isinstance(layer, BatchNormalization) else None
        self.groups.append(Group(name, shapes, stored, epsilon))

    def finish(self) -> None:
        """Add the softmax that a network of logits lacks. ValueError if the last layer has not ten outputs."""
        last = self.layers[-1] if self.layers else None
        if isinstance(last, Dense) and last.units == 10 and last.activation in (None, "softmax"):
            if last.activation is None:
                self.layers[-1] = replace(last, activation="softmax")
                self.remarks.append(message("The model ended with logits; softmax was added."))
            return
        raise ValueError(
            message(
                "The last layer must be Dense with 10 units, with softmax or without an activation function."
            )
        )
