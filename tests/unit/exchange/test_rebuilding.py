"""A network that is rebuilt from a .keras answers as Keras does, for every way of writing that is supported."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from mnist_core.exchange import foreign
from mnist_core.exchange.arrays import shapes_of_all
from mnist_core.explain.forward import activations
from mnist_core.recipes.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.recipes.words import BROUGHT_IN
from mnist_core.training.models import build
from tests.unit.exchange.files import small_model

L = keras.layers
FLAT, LAST = L.Flatten, lambda: L.Dense(10, "softmax")


def functional() -> keras.Model:
    x = image = keras.Input((784,))
    for layer in (L.Reshape((28, 28, 1)), L.Conv2D(2, 5, activation="tanh"), L.Flatten(), L.Dense(10)):
        x = layer(x)
    return keras.Model(image, L.Softmax()(x))


def mixed() -> keras.Model:
    return small_model(FLAT(), L.Dense(12, "relu", dtype="mixed_bfloat16"), L.Dense(10, "softmax"))


# Each: what makes it, and the layers that it must become.
NETWORKS = {
    "a vector": (lambda: small_model(LAST(), shape=(784,)), (Flatten(), Dense(10, "softmax"))),
    "28 x 28": (lambda: small_model(FLAT(), LAST(), shape=(28, 28)), (Flatten(), Dense(10, "softmax"))),
    "a vector that becomes an image": (functional, None),
    "an image that becomes a vector": (
        lambda: small_model(L.Reshape((-1,)), L.Dropout(0.1), LAST(), shape=(28, 28)),
        (Flatten(), Dropout(0.1), Dense(10, "softmax")),
    ),
    "28 x 28 that becomes an image": (
        lambda: small_model(L.Reshape((28, 28, 1)), L.Conv2D(2, 9), FLAT(), LAST(), shape=(28, 28)),
        (Conv2D(2, 9), Flatten(), Dense(10, "softmax")),
    ),
    "dropout before everything": (
        lambda: small_model(L.Dropout(0.3), L.Flatten(), LAST(), shape=(784,)),
        (Flatten(), Dropout(0.3), Dense(10, "softmax")),
    ),
    "logits": (lambda: small_model(FLAT(), L.Dense(10)), (Flatten(), Dense(10, "softmax"))),
    "softmax as a layer": (
        lambda: small_model(FLAT(), L.Dense(10), L.Activation("softmax")),
        (Flatten(), Dense(10, "softmax")),
    ),
    "normalized before its activation": (
        lambda: small_model(L.Conv2D(3, 7), L.BatchNormalization(), L.ReLU(), FLAT(), LAST()),
        (Conv2D(3, 7), BatchNormalization(), Activation("relu"), Flatten(), Dense(10, "softmax")),
    ),
    "activations as layers": (
        lambda: small_model(L.Conv2D(3, 7), L.ReLU(), FLAT(), L.Dense(8), L.Activation("gelu"), LAST()),
        (Conv2D(3, 7, activation="relu"), Flatten(), Dense(8, "gelu"), Dense(10, "softmax")),
    ),
    "two activations": (
        lambda: small_model(L.Conv2D(3, 7, activation="tanh"), L.Softmax(), FLAT(), LAST()),
        (Conv2D(3, 7, activation="tanh"), Activation("softmax"), Flatten(), Dense(10, "softmax")),
    ),
    "without biases": (
        lambda: small_model(L.Conv2D(3, 7, use_bias=False), FLAT(), L.Dense(10, "softmax", use_bias=False)),
        None,
    ),
    "normalization without its parts": (
        lambda: small_model(
            L.BatchNormalization(scale=False, epsilon=1e-5),
            L.Conv2D(3, 7),
            L.BatchNormalization(center=False, axis=3, epsilon=0.1),
            FLAT(),
            L.BatchNormalization(scale=False, center=False),
            LAST(),
        ),
        None,
    ),
    "padding and strides": (
        lambda: small_model(L.Conv2D(2, 5, 3, "same"), L.Conv2D(2, 2, 2), FLAT(), LAST()),
        (Conv2D(2, 5, 3, "same"), Conv2D(2, 2, 2), Flatten(), Dense(10, "softmax")),
    ),
    "poolings": (
        lambda: small_model(
            L.MaxPooling2D((2, 2), padding="same"), L.AveragePooling2D(2), L.Conv2D(10, 2),
            L.MaxPooling2D(strides=2), L.GlobalAveragePooling2D(), LAST(),
        ),
        None,
    ),
    "augmentation": (
        lambda: small_model(
            L.RandomTranslation(0.1, 0.1), L.RandomRotation(0.1), L.RandomZoom(0.1), L.RandomShear(0.1),
            L.Conv2D(2, 9), FLAT(), LAST(),
        ),
        (Conv2D(2, 9), Flatten(), Dense(10, "softmax")),
    ),
    "regularised and constrained": (
        lambda: small_model(
            FLAT(), L.Dense(10, "softmax", kernel_regularizer="l2", bias_constraint="non_neg")
        ),
        (Flatten(), Dense(10, "softmax")),
    ),
    "initialised otherwise": (
        lambda: small_model(FLAT(), L.Dense(8, kernel_initializer="he_normal"),
                            L.Dense(10, "softmax", kernel_initializer="orthogonal")),
        (Flatten(), Dense(8, kernel_initializer="he_normal"), Dense(10, "softmax")),
    ),
    "scaled inside": (
        lambda: small_model(L.Rescaling(1 / 255), L.Conv2D(2, 9), FLAT(), LAST()),
        (Conv2D(2, 9), Flatten(), Dense(10, "softmax")),
    ),
    "three of a kind": (
        lambda: small_model(FLAT(), L.Dense(8, "elu"), L.Dense(8, "sigmoid"), LAST()),
        (Flatten(), Dense(8, "elu"), Dense(8, "sigmoid"), Dense(10, "softmax")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
def test_a_rebuilt_network_answers_as_keras_does(name, tmp_path):
    make, layers = NETWORKS[name]
    model = make()
    found = read(model, tmp_path)
    assert layers in (None, found.recipe.layers)
    assert [array.shape for array in found.arrays] == shapes_of_all(found.recipe.layers)
    assert found.scaling is (True if name == "scaled inside" else None)
    images = np.random.default_rng(0).integers(0, 256, (5, 28, 28), np.uint8)
    inputs = images.reshape(5, *model.input_shape[1:]).astype(np.float32) / (1 if found.scaling else 255)
    theirs = model.predict(inputs, verbose=0)
    if name == "logits":
        theirs = keras.ops.softmax(theirs).numpy()
    ours = activations(replace(found.recipe, scaling=True), found.arrays, images)[-1]
    assert ours == pytest.approx(theirs, abs=1e-4)


def read(model: keras.Model, folder: Path) -> foreign.Found:
    model.save(folder / "model.keras")
    return foreign.read(folder / "model.keras", "My first network.keras")


def test_mixed_precision_is_read_as_float32(tmp_path):
    found = read(mixed(), tmp_path)
    assert found.recipe.layers == (Flatten(), Dense(12, "relu"), Dense(10, "softmax"))
    assert {array.dtype for array in found.arrays} == {np.dtype("<f4")}


def test_what_was_changed_or_left_out_is_said(tmp_path):
    model = small_model(L.RandomRotation(0.1), L.RandomZoom(0.1), L.Flatten(), L.Dense(10))
    assert list(map(str, read(model, tmp_path).remarks)) == [
        "Augmentation layers were left out: they do nothing when an image is read.",
        "The model ended with logits; softmax was added.",
    ]


@pytest.mark.parametrize(
    ("optimizer", "known"),
    [
        (keras.optimizers.Adam(0.02), ("adam", 0.02)),
        (keras.optimizers.SGD(0.5), ("sgd", 0.5)),
        (keras.optimizers.SGD(0.5, momentum=0.8), ("momentum", 0.5)),
        (keras.optimizers.SGD(0.5, momentum=0.8, nesterov=True), ("nesterov", 0.5)),
        (keras.optimizers.RMSprop(keras.optimizers.schedules.CosineDecay(0.1, 9)), ("rmsprop", 0.001)),
        (keras.optimizers.Ftrl(0.5), ("rmsprop", 0.001)),
    ],
)
def test_the_optimizer_is_taken_over_where_it_is_one_of_ours(optimizer, known, tmp_path):
    model = small_model(L.Flatten(), L.Dense(10))
    model.compile(optimizer, "mse")
    recipe = read(model, tmp_path).recipe
    assert (recipe.optimizer, recipe.learning_rate) == known
    assert (recipe.title, recipe.name, recipe.validation) == ("My first network", "brought-in", None)


@pytest.mark.parametrize(
    ("name", "title"),
    [("../../a b.keras", "a b"), ("x.weights.h5", "x"), ("\u202e\n.keras", "brought-in"), ("y" * 99, "y" * 60)],
)
def test_the_title_is_what_can_be_shown_of_the_files_name(name, title, tmp_path):
    small_model(L.Flatten(), L.Dense(10)).save(tmp_path / "model.keras")
    assert foreign.read(tmp_path / "model.keras", name).recipe.title == title


LIKE = replace(
    RECIPES["softmax"],
    layers=(
        Conv2D(4, 5, strides=3),
        BatchNormalization(),
        Activation("relu"),
        MaxPooling2D(2),
        Conv2D(3, 2),
        Flatten(),
        Dense(7),
        Dense(10, "softmax"),
    ),
)


def test_weights_alone_are_read_for_the_network_that_they_belong_to(tmp_path):
    model = build(LIKE)
    model.save_weights(tmp_path / "my.weights.h5")
    found = foreign.read(tmp_path / "my.weights.h5", "my.weights.h5", LIKE)
    assert found.recipe == Recipe("brought-in", "my", BROUGHT_IN, LIKE.layers, epochs=1, validation=None), (
        "how the chosen recipe trains says nothing about these weights"
    )
    assert found.recipe.layers == LIKE.layers and found.kind == "weights" and found.scaling is None
    assert all(map(np.array_equal, found.arrays, model.get_weights()))


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        (LIKE.layers[:-2] + LIKE.layers[-1:], "hold layers/dense_1, which belongs to no layer"),
        (
            (*LIKE.layers[:-1], Dense(5), LIKE.layers[-1]),
            "dense_1/vars/0 in the weights has the shape 7 × 10; its layer needs 7 × 5",
        ),
        (
            (Conv2D(5, 5, strides=3), *LIKE.layers[1:]),
            "conv2d/vars/0 in the weights has the shape 5 × 5 × 1 × 4",
        ),
    ],
)
def test_weights_of_another_network_are_refused(layers, words, tmp_path):
    build(LIKE).save_weights(tmp_path / "my.weights.h5")
    with pytest.raises(ValueError, match=words):
        foreign.read(tmp_path / "my.weights.h5", "my.weights.h5", replace(LIKE, layers=layers))


def test_the_shapes_of_all_arrays_are_kerass():
    for recipe in (*RECIPES.values(), LIKE):
        assert shapes_of_all(recipe.layers) == [tuple(weight.shape) for weight in build(recipe).weights]
