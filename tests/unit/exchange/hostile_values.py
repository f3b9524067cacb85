"""Hostile .keras files: options of layers out of bounds, of the wrong type, or not supported."""

from collections.abc import Callable, Iterator

import keras

from tests.unit.exchange.files import (
    Case,
    good_keras,
    options,
    saved,
    small_model,
    with_config,
    with_members,
    with_text,
)

L = keras.layers


def values() -> Iterator[Case]:
    def case(name: str, change: Callable[[dict], object] | bytes, says: str | None) -> Case:
        content = change if isinstance(change, bytes) else with_config(change)
        return Case("value", name, content, says)

    yield case("input of colour", options(0, batch_shape=[None, 28, 28, 3]), "inputs of the shape [28, 28, 3]")
    yield case(
        "input of true and false",
        options(0, batch_shape=[None, 28, 28, True]),
        "inputs of the shape [28, 28, True]",
    )
    yield case("endless input", options(0, batch_shape=[None, 10**15, 28, 1]), "inputs of the shape")
    yield case("units NaN", with_text('"units": 10', '"units": NaN'), "number out of range: nan")
    yield case("units infinite", with_text('"units": 10', '"units": 1e999'), "number out of range: 1e999")
    yield case("units negative", options(6, units=-10), "from 1 to 4096")
    yield case("units of a fraction", options(6, units=10.0), "from 1 to 4096")
    yield case("units as a text", options(6, units="10"), "from 1 to 4096")
    yield case("units as a list", options(6, units=[[10]] * 5), "from 1 to 4096")
    yield case("units true", options(6, units=True), "from 1 to 4096")
    yield case("eleven units", options(6, units=11), "Dense with 10 units")
    yield case("oblong kernel", options(1, kernel_size=[3, 5]), "(Conv2D) has kernel_size = [3, 5]")
    yield case("dilation", options(1, dilation_rate=[2, 2]), "has dilation_rate = [2, 2]")
    yield case("groups", options(1, groups=3), "has groups = 3")
    yield case("channels first", options(1, data_format="channels_first"), "has data_format = channels_first")
    yield case("kernel larger than the image", options(1, kernel_size=[29, 29]), "from 1 to 28")
    yield case("strides of zero", options(1, strides=[0, 0]), "from 1 to 4")
    yield case("unknown padding", options(1, padding=["same"]), "it must be one of valid, same")
    yield case("low-rank weights", options(6, lora_rank=4), "has lora_rank = 4")
    yield case("quantised weights", options(6, quantization_config={"a": 1}), "has quantization_config =")
    yield case("half precision", options(6, dtype="float16"), "has dtype = float16")
    yield case("dtype of the wrong type", options(6, dtype=[1]), "has dtype =")
    yield case("other axis", options(2, axis=1), "has axis = 1")
    yield case("epsilon of zero", options(2, epsilon=0), "has epsilon = 0")
    yield case("epsilon negative", options(2, epsilon=-1e-3), "has epsilon = -0.001")
    yield case("rate above one", options(4, rate=2.0), "(Dropout): rate is 2.0")
    yield case("bias of the wrong type", options(6, use_bias="yes"), "has use_bias = yes")
    yield case("doubled key", with_text('"units": 10', '"units": 10, "units": 10'), "has units twice")
    yield case("options as a list", lambda c: c["config"]["layers"][6].update(config=[1]), "without options")
    yield case("no options", lambda c: c.update(config=None), "lists no layers")
    yield case("config is a list", with_members(good_keras(), {"config.json": b"[]"}), "must be a JSON object")
    yield case("config is not JSON", with_members(good_keras(), {"config.json": b"{'a': 1}"}), "not valid JSON")
    yield case(
        "config is not UTF-8",
        with_members(good_keras(), {"config.json": b'{"a": "\xff"}'}),
        "not valid JSON",
    )
    yield case(
        "initializer from elsewhere",
        options(6, kernel_initializer={"module": "os", "class_name": "system", "config": {}}),
        None,
    )
    yield case(
        "learning rate as a text",
        lambda c: c["compile_config"]["optimizer"]["config"].update(learning_rate="fast"),
        None,
    )
    for name, layer, says in (
        ("leaky ReLU", L.LeakyReLU(), "of type LeakyReLU"),
        ("ReLU with a slope", L.ReLU(negative_slope=0.1), "has negative_slope = 0.1"),
        ("overlapping pooling", L.MaxPooling2D(3, 2), "has strides = [2, 2]"),
        ("pooling with padding", L.MaxPooling2D(3, padding="same"), "has padding = same"),
        ("late rescaling", L.Rescaling(1 / 255), "before all other layers"),
        ("late reshape", L.Reshape((7, 16, 1)), "has target_shape = [7, 16, 1]"),
        ("softmax over rows", L.Softmax(axis=1), "has axis = 1"),
    ):  # fmt: skip
        model = small_model(L.Conv2D(1, 3, strides=2, name="c"), L.ZeroPadding2D(0), L.Flatten(), L.Dense(10))
        model = small_model(
            L.Conv2D(7 if name == "late reshape" else 2, 25, name="c"), layer, L.Flatten(), L.Dense(10)
        )
        yield Case("value", name, saved(model), says)
    yield Case(
        "value",
        "other scale",
        saved(small_model(L.Rescaling(1 / 127), L.Flatten(), L.Dense(10))),
        "has scale = 0.00787",
    )
    yield Case(
        "value",
        "offset",
        saved(small_model(L.Rescaling(1 / 255, -0.5), L.Flatten(), L.Dense(10))),
        "has offset = -0.5",
    )
