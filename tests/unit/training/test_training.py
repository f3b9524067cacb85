"""The network and the loop, with real TensorFlow."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from mnist_core.data.mnist import Split
from mnist_core.data.other_handwriting import NOT_A_DIGIT
from mnist_core.recipes.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
)
from mnist_core.recipes.network import compiles_well
from mnist_core.recipes.recipe import OPTIMIZERS, Augmentation
from mnist_core.recipes.table import RECIPES
from mnist_core.training import inference, loop, patches
from mnist_core.training.augment import augment
from mnist_core.training.fill import split_validation
from mnist_core.training.models import as_saved, build, build_optimizer, network_of

every_recipe = pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))


@every_recipe
def test_every_recipe_builds_a_model_of_probabilities_in_float32(recipe):
    model = build(recipe)
    answers = model(np.zeros((2, 28, 28), np.float32)).numpy()
    assert answers.shape == (2, 10) and answers.dtype == np.float32
    assert answers.sum(1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("softmax", 7_850), ("chollet-cnn", 93_322), ("dropout-cnn", 1_199_882), ("fast", 17_674)],
)
def test_the_networks_have_the_published_numbers_of_parameters(name, parameters):
    assert build(RECIPES[name]).count_params() == parameters


def test_a_model_with_four_shifts_contains_the_network_and_its_weights():
    recipe = RECIPES["best"]
    network = build(recipe)
    model = as_saved(network, recipe)
    assert network_of(model) is network and network_of(network) is network
    assert [weight.path for weight in model.weights] == [weight.path for weight in network.weights]
    assert as_saved(network, replace(recipe, test_time_shifts=False)) is network


DENSE = (Flatten(), Dense(16, "tanh", "he_normal"), Dense(10, "softmax"))
SMALL_CONVNET = (
    Conv2D(4, 5, 2, "same", "relu"),
    MaxPooling2D(2),
    Conv2D(8, 3, activation="gelu"),
    Flatten(),
    Dense(10, "softmax"),
)
AVERAGED = (
    Conv2D(4, 5, 2, activation="relu"),
    AveragePooling2D(3),
    Conv2D(8, 2, activation="relu"),
    GlobalAveragePooling2D(),
    Dense(10, "softmax"),
)
NORMALIZED = (Conv2D(4, 3, 2, activation="relu"), BatchNormalization(), Flatten(), Dense(10, "softmax"))


@pytest.mark.parametrize(
    ("layers", "optimizer", "changes"),
    [
        *((DENSE, optimizer, {}) for optimizer in OPTIMIZERS),
        (DENSE, "adamw", {"weight_decay": 1e-2}),
        (DENSE, "nesterov", {"schedule": "one-cycle"}),
        (DENSE, "sgd", {"label_smoothing": 0.1, "schedule": "cosine"}),
        (SMALL_CONVNET, "sgd", {}),
        (SMALL_CONVNET, "adam", {}),
        (AVERAGED, "sgd", {}),
        (NORMALIZED, "momentum", {}),
        (RECIPES["fast"].layers, "nesterov", {"weight_decay": 1e-3}),
        (RECIPES["chollet-cnn"].layers, "sgd", {}),
    ],
)
def test_the_loop_gives_the_same_weights_as_keras_fit(small, layers, optimizer, changes):
    """50 steps over the same batches, including a short last one, give the same weights."""
    num_images = 50 * 24 - 5
    recipe = replace(
        RECIPES["softmax"], layers=layers, optimizer=optimizer, learning_rate=0.002, batch_size=24, epochs=1,
        **changes,
    )  # fmt: skip
    train = Split(small.train.images[:num_images], small.train.labels[:num_images])
    ours = loop.fit(recipe, train, None, lambda row: None)
    theirs = build(recipe)
    order = loop._order(num_images, 1200, (recipe.seed, 1)).numpy()[:num_images]
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing)
    theirs.compile(build_optimizer(recipe, 50), loss, jit_compile=False)
    one_hot = keras.utils.to_categorical(train.labels[order], 10)
    images = train.images[order].astype(np.float32)
    theirs.fit(images, one_hot, batch_size=24, epochs=1, shuffle=False, verbose=0)
    for a, b in zip(ours.get_weights(), theirs.get_weights()):
        assert np.linalg.norm(a - b) <= 1e-4 * np.linalg.norm(b)


@pytest.mark.parametrize("name", ["Conv2D", "MaxPooling2D", "AveragePooling2D"])
@pytest.mark.parametrize(
    ("size", "strides", "padding"), [(3, 1, "valid"), (5, 2, "same"), (2, 3, "same"), (4, 2, "valid")]
)
def test_patches_are_keras_layers_with_the_same_answers_and_gradients(name, size, strides, padding):
    arguments = {"filters": 6, "kernel_size": size, "strides": strides, "padding": padding}
    if name != "Conv2D":
        arguments = {"pool_size": size}
    images = tf.constant(np.random.default_rng(0).normal(size=(3, 13, 13, 2)).astype(np.float32))
    theirs, ours = (getattr(module, name)(**arguments) for module in (keras.layers, patches))
    theirs.build(images.shape), ours.build(images.shape)
    ours.set_weights(theirs.get_weights())
    results = []
    for layer in (theirs, ours):
        with tf.GradientTape() as tape:
            tape.watch(images)
            answers = layer(images)
        results.append((answers, *tape.gradient(answers, [images, *layer.trainable_variables], answers)))
    for a, b in zip(*results):
        assert np.abs(a - b).max() <= 1e-4 * np.abs(a).max()


def test_only_small_convolutions_are_compiled_with_xla():
    chosen = {name: compiles_well(recipe.layers) for name, recipe in RECIPES.items()}
    assert chosen["fast"] and chosen["mlp"] and not chosen["chollet-cnn"] and not chosen["dropout-cnn"]
    for layer in (Conv2D(1, 28, padding="same"), Conv2D(1, 7, padding="same"), BatchNormalization()):
        recipe = replace(RECIPES["softmax"], layers=(layer, *RECIPES["softmax"].layers))
        assert compiles_well(recipe.layers) is (layer == Conv2D(1, 7, padding="same"))


def test_early_stopping_ends_after_so_many_epochs_without_a_lower_val_loss(small, tmp_path):
    recipe = replace(RECIPES["mlp"], patience=2, epochs=60, learning_rate=0.02, validation="test")
    rows = []
    loop.fit(recipe, small.train, small.test, rows.append, checkpoint_path=tmp_path / "checkpoint.npz")
    losses = [row["val_loss"] for row in rows if "end" in row]
    assert len(losses) < 60 and losses.index(min(losses)) == len(losses) - 3
    assert [row.get("last", False) for row in rows if "end" in row] == [False] * (len(losses) - 1) + [True]
    # If it was killed after its last epoch, it is not trained any further.
    more = []
    loop.fit(recipe, small.train, small.test, more.append, checkpoint_path=tmp_path / "checkpoint.npz")
    assert more == []


def test_a_subset_of_the_training_images_is_the_first_ones(small):
    train, held, _ = split_validation(replace(RECIPES["mlp"], num_images=500, validation=0.2), small)
    assert np.array_equal(train.images, small.train.images[:400])
    assert np.array_equal(held.labels, small.train.labels[400:500])


def test_rows_tell_the_epoch_the_step_and_the_means_over_it(small):
    rows = []
    recipe = replace(RECIPES["softmax"], epochs=2, batch_size=100)
    loop.fit(recipe, small.train, small.test, rows.append)
    ends = [row for row in rows if "end" in row]
    assert [(row["epoch"], row["step"], row["epochs_done"]) for row in ends] == [(1, 12, 1.0), (2, 24, 2.0)]
    assert all(0 <= row["val_accuracy"] <= 1 and row["val_loss"] > 0 for row in ends)
    within = [row for row in rows if "end" not in row and row["epoch"] == 1]
    steps = np.diff([0, *(row["step"] for row in within)])
    assert ends[0]["loss"] == pytest.approx(
        np.average([row["loss"] for row in within], weights=steps), rel=1e-5
    )


def test_the_cross_entropy_is_the_loss_where_neither_is_smoothed(small):
    rows = []
    loop.fit(replace(RECIPES["softmax"], epochs=1), small.train, small.test, rows.append)
    assert all(row["cross_entropy"] == pytest.approx(row["loss"], rel=1e-6) for row in rows)
    assert rows[-1]["val_cross_entropy"] == rows[-1]["val_loss"]


def test_the_cross_entropy_is_that_of_the_digits_without_label_smoothing(small):
    """With constant weights it equals the cross-entropy of an evaluation on the same images."""
    still = {"learning_rate": 1e-5, "optimizer": "sgd", "epochs": 1, "batch_size": 64}
    smoothed = replace(RECIPES["softmax"], label_smoothing=0.2, **still)
    rows, no_digits = [], Split(np.full((100, 28, 28), 255, np.uint8), np.full(100, NOT_A_DIGIT, np.uint8))
    training = loop.Training(smoothed, small.train, besides=no_digits)
    training.run(small.train, rows.append, lambda: False, None, lambda epoch, model: None)
    assert rows[-1]["cross_entropy"] == pytest.approx(rows[-1]["val_cross_entropy"], rel=1e-3)
    assert rows[-1]["loss"] != pytest.approx(rows[-1]["cross_entropy"], rel=1e-2)


def test_each_epoch_has_its_own_order_and_misses_no_image():
    first, second = (loop._order(1000, 1024, (0, epoch)).numpy() for epoch in (1, 2))
    assert sorted(first[:1000]) == list(range(1000)) and not first[1000:].any()
    assert not np.array_equal(first, second)


def test_a_training_that_is_stopped_keeps_what_it_has_learnt(small):
    rows = []
    recipe = replace(RECIPES["mlp"], epochs=200, batch_size=50)
    model = loop.fit(recipe, small.train, None, rows.append, lambda: len(rows) >= 8)
    assert rows[-1] == {"stopped": True} and len(rows) < 12
    assert inference.evaluate(model, small.test)["val_accuracy"] > 0.3


@pytest.mark.parametrize("name", ["mlp", "dropout-cnn", "fast"])
def test_a_training_that_was_compiled_beforehand_gives_the_same_weights(small, name):
    recipe = replace(RECIPES[name], epochs=2)
    straight = loop.fit(recipe, small.train, None, lambda row: None)
    prepared = loop.Training(recipe, small.train)
    prepared.compile()
    rows = []
    model = prepared.run(None, rows.append, lambda: False, None, lambda epoch, model: None)
    assert rows[-1]["epochs_done"] == 2.0
    for a, b in zip(straight.get_weights(), model.get_weights(), strict=True):
        assert np.abs(a - b).max() <= 1e-5 * max(np.abs(b).max(), 1e-3)


def test_augmentation_moves_digits_and_is_the_same_for_a_seed(small):
    images = small.train.images[:64]
    some = Augmentation(shift=2.0, rotation=10.0, shear=10.0, zoom=0.1)
    one, again, other = (augment(images, some, tf.constant([0, seed])).numpy() for seed in (1, 1, 2))
    assert np.array_equal(one, again) and not np.array_equal(one, other)
    assert one.shape == images.shape and one.min() >= 0 and one.max() <= 255
    still = augment(images, Augmentation(), tf.constant([0, 1])).numpy()
    assert np.abs(still - images).max() < 0.01
    assert abs(one.sum() / images.sum() - 1) < 0.1, "the ink stays in the picture"


def test_the_average_of_weights_is_of_use_after_few_steps(small):
    recipe = replace(RECIPES["fast"], ema_momentum=0.999, epochs=5, batch_size=32, learning_rate=0.05)
    model = loop.fit(recipe, small.train, None, lambda row: None)
    assert inference.evaluate(model, small.test)["val_accuracy"] > 0.9
