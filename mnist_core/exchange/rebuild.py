"""Rebuilds a network from Keras's layers, given as data one after the other, with our own layer types.

Each layer of Keras becomes one of ours, or is part of the one before it (an activation function), or has no
effect on what the network answers (augmentation, reshaping). Everything else is refused by its name.
"""

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from mnist_core.exchange.arrays import shapes_of
from mnist_core.exchange.options import Options
from mnist_core.exchange.refusals import shown
from mnist_core.language.messages import Message, message
from mnist_core.recipes.layer import Layer, Shape
from mnist_core.recipes.layers import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
)
from mnist_core.recipes.network import IMAGE

INPUTS: tuple[Shape, ...] = ((28, 28), IMAGE, (784,))
AUGMENTATION = ("RandomTranslation", "RandomRotation", "RandomZoom", "RandomShear")


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

    def take(self, options: Options) -> None:
        """Add one layer of Keras. ValueError says why it cannot be rebuilt."""
        if options.kind not in KINDS:
            raise ValueError(
                message(
                    "The layer {name} is of type {kind}, which cannot be rebuilt here; supported are {kinds}.",
                    name=shown(options.name),
                    kind=shown(options.kind),
                    kinds=", ".join(KINDS),
                )
            )
        kind = snake(options.kind)
        name = f"{kind}_{self._seen[kind]}" if self._seen[kind] else kind
        self._seen[kind] += 1
        self.names.add(name)
        known, build = KINDS[options.kind]
        options.check(known)
        build(self, options, name)

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


def snake(kind: str) -> str:
    """A class's name as Keras writes it in a weights file: max_pooling2d, re_lu."""
    return re.sub("(?<=[a-z])(?=[A-Z])", "_", kind).lower()


def _input(rebuilt: Rebuilt, options: Options, name: str) -> None:
    raise options.wrong(message("There is more than one input."))


def _nothing(rebuilt: Rebuilt, options: Options, name: str) -> None:
    """A layer without effect on the answers."""
    words = message("Augmentation layers were left out: they do nothing when an image is read.")
    if words not in rebuilt.remarks:
        rebuilt.remarks.append(words)


def _rescaling(rebuilt: Rebuilt, options: Options, name: str) -> None:
    scale, offset = options.number("scale", 1.0), options.number("offset", 0.0)
    is_whole = math.isclose(scale, 1.0, rel_tol=1e-6)
    if offset or not (is_whole or math.isclose(scale, 1 / 255, rel_tol=1e-6)):
        raise options.refused("offset" if offset else "scale", "0" if offset else "1, 1/255")
    if rebuilt.layers or (rebuilt.is_scaled and not is_whole):
        raise options.wrong(message("It must stand before all other layers, and only once."))
    rebuilt.is_scaled |= not is_whole


def _reshape(rebuilt: Rebuilt, options: Options, name: str) -> None:
    before, size = rebuilt.shape, math.prod(rebuilt.shape)
    target = options.values.get("target_shape")
    if not isinstance(target, list) or not all(type(side) is int for side in target) or len(target) > 4:
        raise options.refused("target_shape", message("a list of whole numbers"))
    if target.count(-1) == 1:
        others = -math.prod(target)
        target = [size // others if side == -1 and others > 0 else side for side in target]
    after = tuple(target)
    if after == before:
        return
    if after == (size,):
        return _flatten(rebuilt, options, name)
    if after in INPUTS and rebuilt.own_shape == IMAGE and before in INPUTS:
        rebuilt.shape = after
        return
    raise options.refused("target_shape", message("28 × 28 × 1 as the first layer, or a vector"))


def _flatten(rebuilt: Rebuilt, options: Options, name: str) -> None:
    options.fixed("data_format", "channels_last", None)
    if len(rebuilt.own_shape) == 3:
        rebuilt.own_shape = options.checked(Flatten(), rebuilt.own_shape)
        rebuilt.layers.append(Flatten())
    rebuilt.shape = rebuilt.own_shape


def _dense(rebuilt: Rebuilt, options: Options, name: str) -> None:
    layer = Dense(options.values.get("units"), options.activation(), options.initializer())
    rebuilt.add_with_arrays(layer, options, name, (True, options.flag("use_bias", True)))


def _convolution(rebuilt: Rebuilt, options: Options, name: str) -> None:
    options.fixed("data_format", "channels_last", None)
    options.fixed("groups", 1)
    if options.side("dilation_rate", 1) != 1:
        raise options.refused("dilation_rate", "1")
    layer = Conv2D(
        options.values.get("filters"),
        options.side("kernel_size"),
        options.side("strides", 1),
        options.values.get("padding", "valid"),
        options.activation(),
        options.initializer(),
    )
    rebuilt.add_with_arrays(layer, options, name, (True, options.flag("use_bias", True)))


def _pooling(kind: type[MaxPooling2D | AveragePooling2D]) -> "Builder":
    def build(rebuilt: Rebuilt, options: Options, name: str) -> None:
        options.fixed("data_format", "channels_last", None)
        size = options.side("pool_size", 2)
        strides = options.values.get("strides")
        if strides is not None and options.side("strides") != size:
            raise options.refused("strides", f"{size}")
        # With padding the last window is smaller, unless the windows fit anyway.
        fits = len(rebuilt.own_shape) == 3 and size > 0 and rebuilt.own_shape[0] % size == 0
        options.fixed("padding", "valid", *(["same"] if fits else []))
        rebuilt.add(kind(size), options)

    return build


def _global_pooling(rebuilt: Rebuilt, options: Options, name: str) -> None:
    options.fixed("data_format", "channels_last", None)
    rebuilt.add(GlobalAveragePooling2D(), options)


def _dropout(rebuilt: Rebuilt, options: Options, name: str) -> None:
    rebuilt.add(Dropout(options.number("rate", 0.0)), options)


def _normalization(rebuilt: Rebuilt, options: Options, name: str) -> None:
    axis, last = options.values.get("axis", -1), len(rebuilt.shape)
    if axis not in (-1, last, [-1], [last]):
        raise options.refused("axis", "-1")
    if not 0 < options.number("epsilon", 1e-3) <= 1:
        raise options.refused("epsilon", message("a number above 0, up to 1"))
    stored = options.flag("scale", True), options.flag("center", True), True, True
    rebuilt.add_with_arrays(BatchNormalization(), options, name, stored)


def _activation(rebuilt: Rebuilt, options: Options, name: str) -> None:
    _activate(rebuilt, options, options.activation())


def _relu(rebuilt: Rebuilt, options: Options, name: str) -> None:
    for option in ("negative_slope", "threshold"):
        if options.number(option, 0.0):
            raise options.refused(option, "0")
    options.fixed("max_value", None)
    _activate(rebuilt, options, "relu")


def _softmax(rebuilt: Rebuilt, options: Options, name: str) -> None:
    if options.values.get("axis", -1) not in (-1, len(rebuilt.shape)):
        raise options.refused("axis", "-1")
    _activate(rebuilt, options, "softmax")


def _activate(rebuilt: Rebuilt, options: Options, function: str | None) -> None:
    """Give the function to the layer before if that has none, else make it a layer of its own."""
    last = rebuilt.layers[-1] if rebuilt.layers else None
    if function is None:
        return
    if isinstance(last, Dense | Conv2D) and last.activation is None:
        rebuilt.layers[-1] = replace(last, activation=function)
        return
    rebuilt.add(Activation(function), options)


Builder = Callable[[Rebuilt, Options, str], None]
_IMAGES = ("data_format",)
_WEIGHTED = ("activation", "use_bias")
_POOLED = ("pool_size", "strides", "padding", *_IMAGES)
_RANDOM = (
    *("factor", "height_factor", "width_factor", "x_factor", "y_factor", "fill_mode", "fill_value"),
    *("interpolation", "value_range", *_IMAGES),
)
# Keras's layers by class: the options that matter, and how the layer is rebuilt.
KINDS: dict[str, tuple[tuple[str, ...], Builder]] = {
    "InputLayer": ((), _input),
    "Rescaling": (("scale", "offset"), _rescaling),
    "Reshape": (("target_shape",), _reshape),
    "Flatten": (_IMAGES, _flatten),
    "Dense": (("units", *_WEIGHTED), _dense),
    "Conv2D": (
        ("filters", "kernel_size", "strides", "padding", "dilation_rate", "groups", *_WEIGHTED, *_IMAGES),
        _convolution,
    ),
    "MaxPooling2D": (_POOLED, _pooling(MaxPooling2D)),
    "AveragePooling2D": (_POOLED, _pooling(AveragePooling2D)),
    "GlobalAveragePooling2D": (_IMAGES, _global_pooling),
    "Dropout": (("rate",), _dropout),
    "BatchNormalization": (("axis", "epsilon", "center", "scale"), _normalization),
    "Activation": (("activation",), _activation),
    "ReLU": (("max_value", "negative_slope", "threshold"), _relu),
    "Softmax": (("axis",), _softmax),
    **dict.fromkeys(AUGMENTATION, (_RANDOM, _nothing)),
}
