"""A stack of layers as compact JSON, as it stands in a link: `[["Dense",{"units":30}],["Flatten",{}],…]`."""

import json
from collections.abc import Sequence
from dataclasses import MISSING, fields
from typing import Any

from mnist_core.recipes.layer import Layer
from mnist_core.recipes.layers import LAYERS
from mnist_core.recipes.network import MAX_LAYERS

MAX_LENGTH = 6000  # characters: more than MAX_LAYERS layers with all arguments have


def to_text(layers: Sequence[Layer]) -> str:
    """The layers with those of their arguments that are not the default."""
    return json.dumps([[type(layer).__name__, _arguments(layer)] for layer in layers], separators=(",", ":"))


def from_text(text: str) -> tuple[Layer, ...]:
    """The layers that `to_text` wrote. ValueError for anything else; they need not fit together."""
    try:
        stored = json.loads(text) if len(text) <= MAX_LENGTH else None
    except RecursionError as error:  # thousands of brackets
        raise ValueError(text[:80]) from error
    if not isinstance(stored, list) or len(stored) > MAX_LAYERS:
        raise ValueError(text[:80])
    return tuple(map(_layer, stored))


def _arguments(layer: Layer) -> dict[str, Any]:
    values = {f.name: (getattr(layer, f.name), f.default) for f in fields(layer)}
    return {name: value for name, (value, default) in values.items() if default is MISSING or value != default}


def _layer(stored: Any) -> Layer:
    try:
        kind, arguments = stored
        layer = LAYERS[kind](**arguments)
    except (TypeError, KeyError) as error:
        raise ValueError(f"{stored!r}"[:80]) from error
    layer.check()
    return layer
