"""Hostile .keras files: bombs, code that is to be run, and models that are no chain of layers."""

import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import h5py
import keras

from tests.unit.exchange.files import (
    Case,
    good_keras,
    keras_case,
    options,
    saved,
    with_config,
    with_members,
    with_weights,
)
from tests.unit.exchange.members import members_of, zipped

L = keras.layers


def _repeated(config: dict) -> None:
    config["config"]["layers"][4:4] = [config["config"]["layers"][4]] * 3000


def _declared(file: h5py.File) -> None:
    """A dataset of 1.6 GB of which nothing is stored."""
    del file["layers/dense/vars/0"]
    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_layout(h5py.h5d.CONTIGUOUS)
    space = h5py.h5s.create_simple((400_000_000,))
    h5py.h5d.create(file["layers/dense/vars"].id, b"0", h5py.h5t.IEEE_F32LE, space, plan)


def bombs() -> Iterator[Case]:
    yield keras_case("bomb", "dense layer of five million units", options(6, units=5_000_000), "from 1 to 4096")
    yield keras_case("bomb", "3,000 layers", _repeated, "layers are too many: the limit is 30")
    yield keras_case(
        "bomb",
        "31 layers",
        lambda c: c["config"]["layers"].__setitem__(slice(4, 4), [c["config"]["layers"][4]] * 26),
        "layers are too many: the limit is 30",
    )
    yield keras_case(
        "bomb",
        "huge convolution",
        options(1, filters=512, kernel_size=[28, 28], strides=[1, 1], padding="same"),
        "limit is",
    )
    yield Case("bomb", "HDF5 that declares 1.6 GB", with_weights(_declared), "has the shape 400000000")
    deep = b'{"config": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    yield Case("bomb", "deep JSON", with_members(good_keras(), {"config.json": deep}), "nested too deeply")
    number = members_of(good_keras())["config.json"].replace(b'"units": 10', b'"units": ' + b"9" * 900_000)
    yield Case(
        "bomb",
        "number of 900,000 digits",
        with_members(good_keras(), {"config.json": number}),
        "number out of range",
    )
    yield Case(
        "bomb", "config of 3 MB", with_members(good_keras(), {"config.json": b" " * 3_000_000}), "too large"
    )
    zeros = zipped(members_of(good_keras()) | {"config.json": bytes(300_000_000)}, zipfile.ZIP_DEFLATED)
    yield Case("bomb", "zip bomb", zeros, "is compressed in the archive")
    yield Case("bomb", "file of 65 MB", b"PK\3\4" + bytes(65_000_000), "too large")
    many = zipped({f"assets/{number}": b"" for number in range(20_000)})
    yield Case("bomb", "20,000 members", many, "20,000 members")
    yield Case(
        "bomb",
        "many keys",
        with_members(
            good_keras(),
            {"config.json": json.dumps({"config": {f"{i}": i for i in range(80_000)}}).encode()},
        ),
        "The model is of type",
    )
    yield Case("bomb", "groups without end", with_weights(_crowd), "is not what Keras writes there")


def _crowd(file: h5py.File) -> None:
    for number in range(2000):
        file.create_group(f"layers/dense_{number + 1}")


def code() -> Iterator[Case]:
    def swap(**changes: Any) -> Callable[[dict], object]:
        return lambda config: config["config"]["layers"][4].update(changes)

    def case(name: str, change: Callable[[dict], object], says: str) -> Case:
        return keras_case("code", name, change, says)

    body = {"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None, "closure": None}}
    lambda_ = {"name": "evil", "function": body}
    yield case(
        "lambda", swap(class_name="Lambda", config=lambda_), "evil is of type Lambda, which cannot be rebuilt"
    )
    get_file = {
        "module": "keras.utils",
        "class_name": "function",
        "config": "get_file",
        "registered_name": "get_file",
    }
    yield case(
        "lambda that downloads",
        swap(class_name="Lambda", config={"name": "get", "function": get_file}),
        "of type Lambda",
    )
    yield case(
        "registered class", swap(registered_name="Custom>Dropout"), "code from elsewhere (Custom>Dropout)"
    )
    yield case("module path", swap(module="os", class_name="system"), "code from elsewhere (os.system)")
    yield case(
        "inner module of Keras", swap(module="keras.src.layers.core.lambda_layer"), "code from elsewhere"
    )
    yield case("layer as a model", swap(class_name="TorchModuleWrapper"), "of type TorchModuleWrapper")
    yield case(
        "layer from a file",
        swap(class_name="TFSMLayer", config={"name": "t", "filepath": "/etc/passwd"}),
        "of type TFSMLayer",
    )
    yield case("activation that is a function", options(6, activation=get_file), "has activation =")
    yield case("unknown activation", options(6, activation="os.system"), "has activation = os.system")
    yield case("custom model", lambda c: c.update(class_name="Evil", module="builtins"), "The model is of type")
    yield case(
        "registered model",
        lambda c: c.update(registered_name="Custom>Evil"),
        "The model is of type Custom>Evil",
    )
    yield case(
        "optimizer from elsewhere",
        lambda c: c["compile_config"]["optimizer"].update(module="os", class_name="system"),
        None,
    )
    yield case(
        "hostile name", swap(config={"name": "<b>\u202e{0.__class__}\n" * 9, "rate": 5.0}), "<b>·{0.__class__}·"
    )


def _nested(config: dict) -> None:
    config["config"]["layers"][4] = {
        "module": "keras",
        "class_name": "Sequential",
        "registered_name": None,
        "config": {"name": "inner", "layers": []},
    }


def _functional() -> keras.Model:
    image = keras.Input((28, 28), name="image")
    flat = L.Flatten(name="flat")(image)
    return keras.Model(image, L.Dense(10, "softmax", name="last")(L.Dense(10, name="first")(flat)))


def graphs() -> Iterator[Case]:
    chain = saved(_functional())

    def case(name: str, change: Callable[[dict], object], says: str | None) -> Case:
        return Case("graph", name, with_config(change, chain), says)

    def node(config: dict, number: int) -> dict:
        return config["config"]["layers"][number]

    def from_(number: int, name: str) -> Callable[[dict], None]:
        def change(config: dict) -> None:
            node(config, number)["inbound_nodes"][0]["args"][0]["config"]["keras_history"][0] = name

        return change

    image = keras.Input((28, 28))
    shared = L.Dense(10, name="twice")
    twice = keras.Model(image, L.Softmax()(shared(shared(L.Dense(10)(L.Flatten()(image))))))
    other = keras.Input((784,))
    both = keras.Model([image, other], L.Dense(10)(L.Add()([L.Flatten()(image), other])))
    split = keras.Model(image, [L.Dense(10, name="a")(f := L.Flatten()(image)), L.Dense(10, name="b")(f)])
    yield Case("graph", "shared layer", saved(twice), "not one chain of layers")
    yield Case("graph", "two inputs", saved(both), "not one chain of layers")
    yield Case("graph", "two outputs", saved(split), "not one chain of layers")
    yield Case(
        "graph",
        "a skip",
        saved(keras.Model(image, L.Dense(10)(L.Add()([a := L.Flatten()(image), L.Dense(784)(a)])))),
        "not one chain of layers",
    )
    yield case("cycle", from_(2, "last"), "not one chain of layers: first")
    yield case("layer after itself", from_(2, "first"), "not one chain of layers: first")
    yield case("unknown layer before", from_(2, "nobody"), "not one chain of layers: first")
    yield case("two of one name", lambda c: node(c, 2)["config"].update(name="flat"), "not one chain of layers")
    yield case(
        "mode of training",
        lambda c: node(c, 2)["inbound_nodes"][0]["kwargs"].update(training=True),
        "not one chain of layers",
    )
    yield case(
        "nodes of the wrong type", lambda c: node(c, 2).update(inbound_nodes=[7]), "not one chain of layers"
    )
    yield case(
        "other output", lambda c: c["config"].update(output_layers=["first", 0, 0]), "one input and one output"
    )
    yield keras_case("graph", "nested model", _nested, "(keras.Sequential)")
    yield keras_case("graph", "no layers", lambda c: c["config"].update(layers=[]), "lists no layers")
    yield keras_case(
        "graph", "layers of the wrong type", lambda c: c["config"].update(layers={"a": 1}), "lists no layers"
    )
    yield keras_case(
        "graph", "layer of the wrong type", lambda c: c["config"]["layers"].append("Dense"), "without a class"
    )
    yield keras_case(
        "graph",
        "second input",
        lambda c: c["config"]["layers"].insert(2, c["config"]["layers"][0]),
        "more than one input",
    )
    yield keras_case(
        "graph",
        "nothing but an input",
        lambda c: c["config"].update(layers=c["config"]["layers"][:1]),
        "The last layer must be",
    )
