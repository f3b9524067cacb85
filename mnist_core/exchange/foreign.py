"""Reads a model or a run from a file that may come from anywhere. Only vet.py calls it, where limits are set.

.zip          a bundle (unbundle.py)
.keras        a zip of metadata.json, config.json and model.weights.h5
.weights.h5   weights alone, for the layers of a recipe that is known
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.exchange import archive, keras_config, keras_weights, unbundle
from mnist_core.exchange.arrays import shapes_of
from mnist_core.exchange.kinds import KINDS
from mnist_core.exchange.layout import BROUGHT_IN, MANIFEST
from mnist_core.exchange.rebuild import Group
from mnist_core.exchange.refusals import can_be_shown
from mnist_core.exchange.strict_json import parsed
from mnist_core.language.messages import Message, message
from mnist_core.recipes import words
from mnist_core.recipes.layer import Layer
from mnist_core.recipes.network import MAX_LAYERS, summary
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs.weights import layer_names, snake

_CONFIG, _WEIGHTS = "config.json", "model.weights.h5"
_KERAS = ("metadata.json", _CONFIG, _WEIGHTS)
_MOST_CONFIG = 2_000_000  # bytes
_HDF5, _ZIP = b"\x89HDF\r\n\x1a\n", b"PK\3\4"
_LONGEST_TITLE = 60
# How it was trained does not stand in a model's file.
_UNKNOWN: dict[str, Any] = {"epochs": 1, "validation": None}


@dataclass(frozen=True)
class Found:
    """What a file held. `scaling` is None where the file does not say whether it wants pixels of 0 to 1.

    `arrays` are float32 and `copies` float16, those after each of `epochs`, in Keras's order of all layers.
    `rows` are those of metrics.jsonl as bytes. `origin` and `data_sha256` are as in vetted.py.
    """

    kind: str
    recipe: Recipe
    arrays: list[np.ndarray]
    scaling: bool | None = None
    result: dict[str, Any] | None = None
    rows: bytes = b""
    epochs: list[int] = field(default_factory=list)
    copies: list[list[np.ndarray]] = field(default_factory=list)
    remarks: list[Message] = field(default_factory=list)
    origin: dict[str, Any] | None = None
    data_sha256: str = ""


def read(path: Path, name: str, like: Recipe | None = None) -> Found:
    """What the file at `path` holds; `name` is what its owner called it. ValueError says why it is refused."""
    with archive.open_file(path) as file:
        start = file.read(8)
        if start.startswith(_ZIP):
            return _from_archive(archive.Archive(file, _is_known), name)
        if start == _HDF5:
            file.seek(0)
            return _from_weights(file.read(), name, like)
    raise ValueError(message("The file is neither a bundle nor a .keras nor a .weights.h5 file."))


def _is_known(name: str) -> bool:
    return name in _KERAS or unbundle.KNOWN.fullmatch(name) is not None


def _from_archive(file: archive.Archive, name: str) -> Found:
    is_bundle = MANIFEST in file.names
    for member in file.names:
        if not (unbundle.KNOWN.fullmatch(member) if is_bundle else member in _KERAS):
            raise ValueError(archive.surplus(member))
    if is_bundle:
        bundle = unbundle.Bundle(file)
        return Found(
            "bundle",
            bundle.recipe,
            bundle.arrays(),
            bundle.recipe.scaling,
            bundle.result,
            bundle.rows,
            bundle.epochs,
            list(bundle.copies()),
            origin=bundle.origin,
            data_sha256=bundle.data_sha256,
        )
    config = parsed(file.read(_CONFIG, _MOST_CONFIG), _CONFIG)
    network = keras_config.rebuilt(config)  # before any weight is read
    arrays = keras_weights.read(file.read(_WEIGHTS), network.groups, network.names)
    layers, scaling = tuple(network.layers), True if network.is_scaled else None
    recipe = _recipe(name, layers, **keras_config.optimizer(config))
    return Found("keras", recipe, arrays, scaling, remarks=network.remarks)


def _from_weights(raw: bytes, name: str, like: Recipe | None) -> Found:
    if like is None:
        raise ValueError(
            message("For a .weights.h5 file, choose the recipe or the run whose network it belongs to.")
        )
    groups = _groups_of(like)
    others = {
        f"{kind}{end}" for kind in _kinds_without() for end in ("", *(f"_{i}" for i in range(2 * MAX_LAYERS)))
    }
    arrays = keras_weights.read(raw, groups, {group.name for group in groups} | others)
    return Found("weights", _recipe(name, like.layers), arrays)


def _recipe(name: str, layers: tuple[Layer, ...], **known: Any) -> Recipe:
    """A recipe of these layers. Of the training only what is `known` stands in it."""
    return Recipe(BROUGHT_IN, _title(name), words.BROUGHT_IN, layers, **known, **_UNKNOWN)


def _groups_of(like: Recipe) -> list[Group]:
    """The groups of a weights file for the recipe's network."""
    groups = []
    for name, row in zip(layer_names(like.layers), summary(like.layers)):
        if shapes := shapes_of(row.layer, row.input_shape):
            groups.append(Group(name, tuple(shapes), (True,) * len(shapes)))
    return groups


def _kinds_without() -> list[str]:
    return [snake(kind) for kind in KINDS if kind not in ("Dense", "Conv2D", "BatchNormalization")]


def _title(name: str) -> str:
    """A title from a file's name: what can be shown of it, without its ending."""
    stem = re.sub(r"(\.weights\.h5|\.[A-Za-z0-9]{1,8})$", "", Path(name).name)
    spaced = (" " if letter.isspace() else letter for letter in stem)
    shown = "".join(filter(can_be_shown, spaced)).strip()
    return shown[:_LONGEST_TITLE].strip() or BROUGHT_IN
