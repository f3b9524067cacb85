"""The options of one layer in a Keras model's config.json, read as data; what is not understood is refused."""

import math
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from mnist_core.exchange.refusals import shown
from mnist_core.language.messages import message, said_by
from mnist_core.recipes.layer import Layer, shape_words
from mnist_core.recipes.layers import ACTIVATIONS, INITIALIZERS

_POLICIES = ("float32", "mixed_float16", "mixed_bfloat16")  # the weights are float32 in all of them
# What has no effect on a trained layer's answers.
_PARTS = ("kernel", "bias", "activity", "beta", "gamma", "moving_mean", "moving_variance")
_IGNORED = {
    *("name", "trainable", "dtype", "seed", "batch_input_shape", "momentum", "renorm_momentum"),
    *("renorm_clipping", "synchronized", "noise_shape"),
    *(f"{part}_{of}" for part in _PARTS for of in ("initializer", "regularizer", "constraint")),
}
_INITIALIZERS = {name.replace("_", ""): name for name in INITIALIZERS}


class Options(NamedTuple):
    """The options of the layer `name`, of Keras's class `kind`."""

    name: str
    kind: str
    values: Mapping[str, Any]

    def check(self, known: Collection[str]) -> None:
        """ValueError if there is an option that is neither `known` nor without effect."""
        dtype = self.values.get("dtype") or "float32"
        policy = dtype.get("config") if isinstance(dtype, dict) else {"name": dtype}
        if not isinstance(policy, dict) or policy.get("name") not in _POLICIES:
            raise self.refused("dtype", ", ".join(_POLICIES))
        for option, value in self.values.items():
            if option not in known and option not in _IGNORED and value not in (None, False):
                raise self.refused(option, message("only Keras's default"))

    def fixed(self, option: str, *allowed: object) -> None:
        """ValueError if the option has another value than one of those `allowed`; the first is the default."""
        value = self.values.get(option, allowed[0])
        if not any(type(value) is type(one) and value == one for one in allowed):
            raise self.refused(option, ", ".join(str(one) for one in allowed))

    def side(self, option: str, default: object = None) -> Any:
        """The one number of a size that is the same in both directions."""
        value = self.values.get(option, default)
        if isinstance(value, list) and len(value) == 2 and value[0] == value[1]:
            value = value[0]
        if type(value) is not int:
            raise self.refused(option, message("one whole number for both directions"))
        return value

    def flag(self, option: str, default: bool) -> bool:
        value = self.values.get(option, default)
        if not isinstance(value, bool):
            raise self.refused(option, "True, False")
        return value

    def number(self, option: str, default: float) -> float:
        value = self.values.get(option, default)
        if type(value) not in (int, float) or not math.isfinite(value):
            raise self.refused(option, message("a number"))
        return value

    def activation(self) -> str | None:
        """The name of the activation function; None for the identity."""
        value = self.values.get("activation")
        if value is not None and (not isinstance(value, str) or value not in ACTIVATIONS):
            raise self.refused("activation", ", ".join(name for name in ACTIVATIONS if name))
        return None if value == "linear" else value

    def initializer(self) -> str:
        """The name of the kernel's initializer; Keras's default if it is none of ours."""
        value = self.values.get("kernel_initializer")
        name = value.get("class_name") if isinstance(value, dict) else value
        return _INITIALIZERS.get(str(name).replace("_", "").lower(), INITIALIZERS[0])

    def refused(self, option: str, supported: object) -> ValueError:
        return ValueError(
            message(
                "The layer {name} ({kind}) has {option} = {value}, which cannot be rebuilt here; supported: "
                "{supported}.",
                name=shown(self.name),
                kind=self.kind,
                option=shown(option),
                value=shown(self.values.get(option)),
                supported=supported,
            )
        )

    def checked(self, layer: Layer, before: tuple[int, ...]) -> tuple[int, ...]:
        """The layer's output shape. ValueError, with its name, if it is out of bounds or does not fit."""
        try:
            layer.check()
            return layer.output_shape(before)
        except ValueError as error:
            raise self.wrong(said_by(error)) from None

    def wrong(self, problem: object) -> ValueError:
        return ValueError(
            message(
                "The layer {name} ({kind}): {problem}", name=shown(self.name), kind=self.kind, problem=problem
            )
        )

    def wrong_place(self, before: tuple[int, ...], supported: str) -> ValueError:
        return self.wrong(
            message(
                "Its input is {shape}; supported there: {supported}.",
                shape=shape_words(before),
                supported=supported,
            )
        )
