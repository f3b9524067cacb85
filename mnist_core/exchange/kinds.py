"""Keras's layers, one by one: which options of each class matter, and what becomes of it here.

Each layer of Keras becomes one of ours, or is part of the one before it (an activation function), or has no
effect on what the network answers (augmentation, reshaping). Everything else is refused by its name.
"""

import math
from collections.abc import Callable
from dataclasses import replace

from mnist_core.exchange.options import Options
from mnist_core.exchange.rebuild import INPUTS, Rebuilt
from mnist_core.exchange.refusals import shown
from mnist_core.language.messages import message
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

INPUT_OPTIONS = ("batch_shape",)
AUGMENTATION = ("RandomTranslation", "RandomRotation", "RandomZoom", "RandomShear")


def take(rebuilt: Rebuilt, options: Options) -> None:
    """Add one layer of Keras to the network. ValueError says why it cannot be rebuilt."""
    if options.kind not in KINDS:
        names = ", ".join(KINDS)
        raise ValueError(
            message(
                "The layer {name} is of type {kind}, which cannot be rebuilt here; supported are {kinds}.",
                name=shown(options.name),
                kind=shown(options.kind),
                kinds=message(names),  # as a mere text it would be cut
            )
        )
    known, build = KINDS[options.kind]
    options.check(known)
    build(rebuilt, options, rebuilt.name(options.kind))


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
    "InputLayer": (INPUT_OPTIONS, _input),
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
