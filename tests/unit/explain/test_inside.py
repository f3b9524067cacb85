"""What the page says about the inside of a network, beside what Keras computes."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from mnist_core.explain.forward import probabilities
from mnist_core.explain.inside import Inside, receptive_field
from mnist_core.recipes.layers import (
    ACTIVATIONS,
    LAYERS,
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
from mnist_core.recipes.network import summary
from mnist_core.recipes.table import RECIPES
from mnist_core.runs import weights
from mnist_core.training.models import as_saved, build, network_of

NORMALIZED = (
    Conv2D(3, 4, strides=3, padding="same", activation="gelu"),
    BatchNormalization(),
    Conv2D(4, 3),
    Activation("elu"),
    MaxPooling2D(3),
    Dropout(0.2),
    Flatten(),
    BatchNormalization(),
    Activation("softmax"),
    Dense(5, "tanh"),
    Dense(10, "softmax"),
)
AVERAGED = (
    Conv2D(4, 5, strides=2, padding="same", activation="relu"),
    AveragePooling2D(2),
    Conv2D(6, 3, activation="sigmoid"),
    GlobalAveragePooling2D(),
    Dense(10, "softmax"),
)
STACKS = {
    **RECIPES,
    "normalized": replace(RECIPES["softmax"], layers=NORMALIZED),
    "averaged": replace(RECIPES["softmax"], layers=AVERAGED, test_time_shifts=True),
}
every_stack = pytest.mark.parametrize("recipe", STACKS.values(), ids=STACKS)
RNG = np.random.default_rng(3)
IMAGE = RNG.integers(0, 256, (28, 28), np.uint8)


def made(recipe) -> tuple[keras.Model, list[np.ndarray]]:
    """A saved model with small random weights, also where Keras would begin with zeros or ones."""
    model = as_saved(build(replace(recipe, precision="float32")), recipe)
    scale = 0.1 if recipe.scaling else 0.001
    for layer in network_of(model).layers:
        layer.set_weights([RNG.uniform(0.1, 0.5, w.shape) * scale - scale / 5 for w in layer.get_weights()])
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([RNG.uniform(0.5, 2, w.shape) for w in layer.get_weights()])
    return model, [w.numpy() for layer in network_of(model).layers for w in layer.weights]


def some_cells(shape) -> list[tuple[int, ...]]:
    """The two corners, and some cells between them."""
    between = [tuple(int(RNG.integers(0, side)) for side in shape) for _ in range(6)]
    return [(0,) * len(shape), *between, tuple(side - 1 for side in shape)]


@every_stack
def test_every_sum_is_what_keras_computes(recipe):
    model, own = made(recipe)
    network = network_of(model)
    outputs = [layer.output for layer in network.layers[-len(recipe.layers) :]]
    theirs = keras.Model(network.inputs[0], outputs)(IMAGE[None].astype(np.float32), training=False)
    inside = Inside(recipe, own, IMAGE)
    for number, (row, output) in enumerate(zip(inside.rows, theirs, strict=True), 1):
        activation = getattr(row.layer, "activation", None)
        for cell in some_cells(row.output_shape):
            worked = inside.sum_of(number, cell)
            if activation != "softmax":
                assert ACTIVATIONS[activation](worked.total) == pytest.approx(float(output[0][cell]), abs=1e-4)
            if worked.rule == "products":
                whole = (worked.inputs * worked.weights).sum() + worked.numbers["bias"]
                assert whole == pytest.approx(worked.total)
            else:
                assert worked.weights is None
    softmax = inside.softmax
    assert softmax.divided == pytest.approx([inside.sum_of(len(inside.rows), (d,)).total for d in range(10)])
    assert softmax.probabilities == pytest.approx(theirs[-1][0].numpy(), abs=1e-4)


@every_stack
def test_only_the_receptive_field_changes_a_value(recipe):
    _, own = made(recipe)
    rows, before = summary(recipe.layers), Inside(recipe, own, IMAGE)
    for number, row in enumerate(rows, 1):
        for cell in some_cells(row.output_shape)[::4]:
            field = receptive_field(rows, number, cell)
            down, right = (
                slice(max(start, 0), start + size)
                for start, size in ((field.top, field.height), (field.left, field.width))
            )
            outside = 255 - IMAGE
            outside[down, right] = IMAGE[down, right]
            after = Inside(recipe, own, outside)
            if not (number == len(rows) or IMAGE[down, right].size == IMAGE.size):
                assert after.values[number][cell] == pytest.approx(before.values[number][cell], abs=1e-12)
            assert field.top > -28 and field.top + field.height <= 28 + 28


def test_a_receptive_field_grows_layer_by_layer_as_it_is_taught():
    rows = summary(RECIPES["chollet-cnn"].layers)
    sizes = [receptive_field(rows, number, (1, 2, 0)) for number in range(1, 6)]
    assert [(of.height, of.top, of.left) for of in sizes] == [
        (3, 1, 2), (4, 2, 4), (8, 2, 4), (10, 4, 8), (18, 4, 8),
    ]  # fmt: skip
    assert receptive_field(rows, 6, (0,)).height == 18, "a single value after Flatten"
    assert receptive_field(rows, 7, (0,))[:4] == (0, 0, 26, 26), "11 rows pooled to 5 leave one out"


def test_each_look_is_the_image_shifted_and_their_mean_is_the_models_answer():
    recipe = STACKS["averaged"]
    model, own = made(recipe)
    looks = [Inside(recipe, own, IMAGE, look).softmax.probabilities for look in range(4)]
    assert np.mean(looks, 0) == pytest.approx(model(IMAGE[None].astype(np.float32))[0].numpy(), abs=1e-4)


def test_the_temperature_is_a_step_of_its_own():
    recipe = RECIPES["softmax"]
    _, (kernel, bias) = made(recipe)
    plain, cooled = (
        Inside(recipe, [kernel, bias], IMAGE),
        Inside(recipe, [kernel / 0.5, bias / 0.5], IMAGE, None, 0.5),
    )
    assert cooled.softmax.logits == pytest.approx(plain.softmax.logits)
    assert cooled.softmax.divided == pytest.approx(plain.softmax.logits / 0.5)


@every_stack
def test_the_weights_of_a_saved_model_are_read_without_keras(recipe, tmp_path):
    model, own = made(recipe)
    model.save(tmp_path / "model.keras")
    read = weights.final(tmp_path / "model.keras", recipe.layers)
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(read, own, strict=True))
    assert read[0].dtype == np.float32


@every_stack
def test_an_earlier_epochs_copy_gives_what_keras_answers_with_the_same_copy(recipe, tmp_path):
    model, own = made(recipe)
    weights.save(tmp_path, 3, own)
    copy = weights.load(tmp_path)[3]
    assert not all(np.array_equal(half, full) for half, full in zip(copy, own, strict=True)), "it is float16"
    for variable, array in zip(model.weights, copy, strict=True):
        variable.assign(array)
    theirs = model(IMAGE[None].astype(np.float32))[0].numpy()
    assert probabilities(recipe, copy, IMAGE) == pytest.approx(theirs, abs=1e-4)


def test_a_damaged_model_is_said_in_words(tmp_path, store):
    (tmp_path / "model.keras").write_bytes(b"damaged")
    for path in (tmp_path / "model.keras", tmp_path / "nothing.keras"):
        with pytest.raises(ValueError, match="cannot be read"):
            weights.final(path, RECIPES["softmax"].layers)
    with pytest.raises(ValueError, match="cannot be read"):
        weights.final(store.get("starter").model_path, (*RECIPES["softmax"].layers, BatchNormalization()))


def test_every_type_of_layer_is_in_one_of_these_networks():
    assert {type(layer) for recipe in STACKS.values() for layer in recipe.layers} == set(LAYERS.values())
