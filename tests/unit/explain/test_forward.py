from dataclasses import replace

import keras
import numpy as np
import pytest

from mnist_core.explain.forward import activations, probabilities
from mnist_core.recipes.layers import BatchNormalization, Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from mnist_core.recipes.table import RECIPES
from mnist_core.runs import weights
from mnist_core.training.models import as_saved, build

ODD = (
    Conv2D(3, 4, strides=3, padding="same", activation="gelu"),
    BatchNormalization(),
    Conv2D(4, 3, activation="elu"),
    MaxPooling2D(3),
    Dropout(0.2),
    Flatten(),
    Dense(7, "tanh"),
    Dense(6, "linear"),
    Dense(5, "sigmoid"),
    Dense(10, "softmax"),
)
STACKS = {**RECIPES, "odd": replace(RECIPES["softmax"], layers=ODD)}


@pytest.mark.parametrize("recipe", STACKS.values(), ids=STACKS)
def test_numpy_computes_what_keras_does_layer_by_layer(recipe):
    recipe = replace(recipe, precision="float32")
    model = build(recipe)
    rng = np.random.default_rng(0)
    for layer in model.layers:
        layer.set_weights([rng.uniform(0.1, 0.5, w.shape) / 4 for w in layer.get_weights()])
    of_layers = [w.numpy() for layer in model.layers for w in layer.weights]
    images = rng.integers(0, 256, (3, 28, 28), np.uint8)
    outputs = [layer.output for layer in model.layers[-len(recipe.layers) :]]
    theirs = keras.Model(model.inputs[0], outputs)(images.astype(np.float32), training=False)
    for ours, keras_output in zip(activations(recipe, of_layers, images), theirs, strict=True):
        assert np.allclose(ours, keras_output, rtol=1e-3, atol=1e-4)


def test_numpy_gives_the_answer_of_a_saved_model_with_four_shifts():
    recipe = replace(RECIPES["fast"], test_time_shifts=True)
    model = as_saved(build(recipe), recipe)
    image = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)  # with ink at the border
    ours = probabilities(recipe, [weight.numpy() for weight in model.weights], image)
    assert np.allclose(ours, model(image[None].astype(np.float32))[0], atol=1e-5)
    once = replace(recipe, test_time_shifts=False)
    assert not np.allclose(ours, probabilities(once, model.get_weights(), image), atol=1e-3)


def test_copies_of_weights_are_bounded_in_number_and_size_and_survive_a_damaged_one(tmp_path):
    assert weights.kept_epochs(3, 30_000) == [1, 2, 3]
    assert weights.kept_epochs(200, 30_000)[::11] == [1, 200] and len(weights.kept_epochs(200, 30_000)) == 12
    assert weights.kept_epochs(20, 3_000_000) == [1, 20]
    assert weights.kept_epochs(20, 10_000_000) == [20], "the last one always"
    for epoch in (1, 12, 7):
        weights.save(tmp_path / "weights", epoch, [np.full((2, 3), epoch / 3), np.array([1e9])])
    (tmp_path / "weights" / "0007.npz").write_bytes(b"cut")
    found = weights.load(tmp_path / "weights")
    assert list(found) == [1, 12] and np.allclose(found[12][0], 4) and np.isfinite(found[12][1]).all()
    assert weights.load(tmp_path / "nothing") == {}


def test_a_run_that_took_more_epochs_keeps_as_many_copies_and_its_last(tmp_path):
    for epoch in (*weights.kept_epochs(20, 10), *weights.kept_epochs(25, 10)):
        weights.save(tmp_path, epoch, [np.zeros(5)])
    weights.save(tmp_path, 23, [np.zeros(5)])
    weights.thin_out(tmp_path, 25, 23)
    assert len(weights.load(tmp_path)) == 12 and max(weights.load(tmp_path)) == 23


def test_who_looks_at_the_newest_epoch_follows_it_and_who_looks_at_an_earlier_one_stays():
    assert weights.epoch_to_show([1, 2], None, None) == 2
    assert weights.epoch_to_show([1, 3, 4], 2, 2) == 4
    assert weights.epoch_to_show([1, 3, 4], 3, 4) == 3 and weights.epoch_to_show([1, 4, 8], 3, 7) == 4
