"""Variations of a network: the number of its hidden dense layers, their units, the activation function.

The part that `with_depth` changes begins with the first hidden Dense and ends before the last layer. Each Dense
in it begins a block, which takes along what follows it, such as a Dropout.
"""

from collections.abc import Sequence
from dataclasses import replace

from mnist_core.language.messages import message
from mnist_core.recipes.layer import Layer, one_of
from mnist_core.recipes.layers import ACTIVATIONS, Dense
from mnist_core.recipes.network import MAX_LAYERS

Layers = tuple[Layer, ...]
CHOICES = tuple(name for name in ACTIVATIONS if name not in (None, "softmax"))


def with_depth(layers: Layers, number: int) -> Layers:
    """The network with `number` hidden dense layers: the first ones, or the last one several times.

    ValueError if it has none, or `number` is not from 1 to MAX_LAYERS.
    """
    if not 1 <= number <= MAX_LAYERS:
        raise ValueError(message("A network can have 1 to {most} hidden dense layers.", most=MAX_LAYERS - 1))
    first, blocks = _blocks(layers)
    wanted = [*blocks, *[blocks[-1]] * (number - len(blocks))][:number]
    return (*layers[:first], *(layer for block in wanted for layer in block), layers[-1])


def with_units(layers: Layers, units: int) -> Layers:
    """The network with so many units in each hidden dense layer. ValueError if it has none."""
    _blocks(layers)
    return tuple(
        replace(layer, units=units) if isinstance(layer, Dense) and place < len(layers) - 1 else layer
        for place, layer in enumerate(layers)
    )


def with_activation(layers: Layers, activation: str) -> Layers:
    """The network with this activation function in all layers but the last. ValueError if none has one."""
    one_of("activation", activation, CHOICES)
    changing = _with_activation(layers)
    return tuple(
        replace(layer, activation=activation) if place in changing else layer
        for place, layer in enumerate(layers)
    )


def depth(layers: Layers) -> int:
    return len(_blocks(layers)[1])


def units(layers: Layers) -> int:
    """The units of the first hidden dense layer."""
    return _blocks(layers)[1][0][0].units


def activation(layers: Layers) -> str:
    """The activation function of the first layer that has one."""
    return layers[_with_activation(layers)[0]].activation


def _blocks(layers: Layers) -> tuple[int, list[Layers]]:
    """Where the hidden dense layers begin, and the blocks."""
    starts = [place for place, layer in enumerate(layers[:-1]) if isinstance(layer, Dense)]
    if not starts:
        raise ValueError(
            message("This network has no hidden dense layer, so their number and their units cannot be varied.")
        )
    ends = [*starts[1:], len(layers) - 1]
    return starts[0], [layers[start:end] for start, end in zip(starts, ends)]


def _with_activation(layers: Sequence[Layer]) -> list[int]:
    found = [i for i, layer in enumerate(layers[:-1]) if getattr(layer, "activation", None) in CHOICES]
    if not found:
        raise ValueError(
            message("No layer of this network but the last has an activation function that could be varied.")
        )
    return found
