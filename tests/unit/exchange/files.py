"""Good files to begin with, and how the tests make bad ones of them: archives, weights and bundles."""

import io
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import keras
import numpy as np

from tests.unit.exchange.members import members_of, rehashed, zipped

L = keras.layers


class Case(NamedTuple):
    """One file: its kind, a name for the test, and the words of its refusal; None if it must be accepted."""

    kind: str
    name: str
    content: bytes
    says: str | None
    suffix: str = ".keras"


def small_model(*layers: keras.Layer, shape: tuple[int, ...] = (28, 28, 1)) -> keras.Sequential:
    """A network with weights that differ from one another, and are no initial ones."""
    model = keras.Sequential([keras.Input(shape), *layers])
    rng = np.random.default_rng(5)
    for layer in model.layers:
        layer.set_weights([rng.uniform(0.05, 0.5, of.shape).astype(np.float32) for of in layer.get_weights()])
    return model


@cache
def good_keras() -> bytes:
    """A .keras of a small convnet, as Keras writes it after a training."""
    model = small_model(
        L.Conv2D(3, 5, strides=3, use_bias=False),
        L.BatchNormalization(),
        L.Activation("relu"),
        L.Dropout(0.2),
        L.Flatten(),
        L.Dense(10, "softmax"),
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(np.zeros((2, 28, 28, 1)), np.zeros(2), verbose=0)
    return saved(model)


def saved(model: keras.Model) -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return path.read_bytes()


def with_members(content: bytes, changes: Mapping[str, bytes | None]) -> bytes:
    """The archive with other members; None removes one."""
    members = members_of(content) | changes
    return zipped({name: of for name, of in members.items() if of is not None})


def with_config(change: Callable[[dict[str, Any]], object], content: bytes | None = None) -> bytes:
    """A .keras whose config.json was changed."""
    content = content or good_keras()
    config = json.loads(members_of(content)["config.json"])
    change(config)
    return with_members(content, {"config.json": json.dumps(config).encode()})


def with_text(old: str, new: str) -> bytes:
    """A .keras in whose config.json a piece of text is another one."""
    text = members_of(good_keras())["config.json"].decode()
    assert old in text
    return with_members(good_keras(), {"config.json": text.replace(old, new, 1).encode()})


def with_weights(change: Callable[[h5py.File], object], content: bytes | None = None) -> bytes:
    """A .keras whose weights were changed."""
    content = content or good_keras()
    file = io.BytesIO(members_of(content)["model.weights.h5"])
    with h5py.File(file, "r+") as opened:
        change(opened)
    return with_members(content, {"model.weights.h5": file.getvalue()})


def npy(array: np.ndarray, version: tuple[int, int] = (1, 0)) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version)
    return file.getvalue()


def bundle_with(bundle: bytes, changes: Mapping[str, bytes | None], **manifest: Any) -> bytes:
    """The bundle with other members and the right checksums; None removes one."""
    members = members_of(bundle) | changes
    return rehashed({name: of for name, of in members.items() if of is not None}, **manifest)


def bundle_with_json(bundle: bytes, name: str, /, **changes: Any) -> bytes:
    """The bundle in whose JSON member `name` some values are others."""
    data = json.loads(members_of(bundle)[name]) | changes
    return bundle_with(bundle, {name: json.dumps(data).encode()})


@cache
def good_arrays() -> list[np.ndarray]:
    """The weights of `good_keras` as the app has them: with a bias of zeros where it has none."""
    with h5py.File(io.BytesIO(members_of(good_keras())["model.weights.h5"])) as file:
        layers = file["layers"]
        kernel, *others = (
            layers[f"{name}/vars/{number}"][()]
            for name, count in (("conv2d", 1), ("batch_normalization", 4), ("dense", 2))
            for number in range(count)
        )
    return [kernel, np.zeros(3, np.float32), *others]


def options(number: int, **changes: Any) -> Callable[[dict], None]:
    """Changes options of one layer in a config."""
    return lambda config: config["config"]["layers"][number]["config"].update(changes)


def keras_case(kind: str, name: str, change: Callable[[dict], object], says: str | None) -> Case:
    return Case(kind, name, with_config(change), says)
