"""One step of training in NumPy, compared with TensorFlow's gradients in float64."""

from dataclasses import asdict, replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from mnist_core.explain.backward import SLOPES, Weight, backward, can_go_backward, loss_of, step, usual_rate
from mnist_core.explain.forward import probabilities as answer
from mnist_core.recipes.layers import ACTIVATIONS, Conv2D, Dense, Dropout, Flatten
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES

ALL = (
    Flatten(),
    *(Dense(4 + number, activation) for number, activation in enumerate(ACTIVATIONS)),
    Dropout(0.5),
    Dense(10, "softmax"),
)
DENSE = {
    **{name: recipe for name, recipe in RECIPES.items() if can_go_backward(recipe)},
    "all": replace(RECIPES["softmax"], layers=ALL),
}


def keras_model(recipe: Recipe) -> keras.Sequential:
    keras.utils.set_random_seed(1)
    layers = [getattr(keras.layers, type(of).__name__)(**asdict(of), dtype="float64") for of in recipe.layers]
    return keras.Sequential([keras.Input((28, 28, 1), dtype="float64"), *layers])


def digit_like() -> np.ndarray:
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 6:20] = np.random.default_rng(0).integers(0, 256, (20, 14))
    return image


def test_every_activation_function_has_a_slope_and_only_dense_networks_go_backward():
    assert {*SLOPES, "softmax"} == {*ACTIVATIONS}
    assert {*DENSE} == {"softmax", "mlp", *(f"tuning-{letter}" for letter in "abcde"), "all"}


@pytest.mark.parametrize("recipe", DENSE.values(), ids=DENSE)
@pytest.mark.parametrize("rate", [0.01, 1.0])
def test_gradients_and_the_probabilities_after_a_step_are_tensorflows(recipe, rate):
    model, image, digit = keras_model(recipe), digit_like(), 3
    x = tf.constant(image[None, ..., None] / (255 if recipe.scaling else 1), tf.float64)
    weights = [weight.numpy() for weight in model.weights]
    with tf.GradientTape() as tape:
        probabilities = model(x, training=False)
        loss = -tf.math.log(probabilities[0, digit])
    theirs = [gradient.numpy() for gradient in tape.gradient(loss, model.trainable_variables)]
    ours = backward(recipe, weights, image, digit)
    assert ours.loss == pytest.approx(float(loss), rel=1e-5)
    assert ours.probabilities == pytest.approx(probabilities[0].numpy(), rel=1e-5)
    for mine, of_tape in zip(ours.gradients(), theirs, strict=True):
        assert np.allclose(mine, of_tape, rtol=1e-5, atol=1e-7 * np.abs(of_tape).max())
    for variable, gradient in zip(model.trainable_variables, theirs):
        variable.assign_sub(rate * gradient)  # which is what SGD does, in float32
    after = answer(recipe, step(weights, ours.gradients(), rate), image)
    assert after == pytest.approx(model(x, training=False)[0].numpy(), rel=1e-5, abs=1e-12)


def test_the_strongest_gradient_is_found_and_is_input_times_error():
    recipe = RECIPES["mlp"]
    weights = [weight.numpy() for weight in keras_model(recipe).weights]
    found = backward(recipe, weights, digit_like(), 7)
    gradients = found.gradients()
    layer, place, unit = found.strongest()
    largest = max(np.abs(gradient).max() for gradient in gradients[::2])
    assert abs(gradients[2 * layer][place, unit]) == pytest.approx(largest)
    assert found.gradient(Weight(layer, place, unit)) == pytest.approx(gradients[2 * layer][place, unit])
    last = found.strongest_of(2, 4)
    assert last.unit == 4
    assert abs(found.gradient(last)) == pytest.approx(np.abs(gradients[4][:, 4]).max())
    assert found.errors[-1][7] == pytest.approx(found.probabilities[7] - 1)


def test_an_error_is_what_arrives_times_the_slope_and_the_units_that_move_most_are_known():
    recipe = RECIPES["mlp"]
    weights = [weight.numpy() for weight in keras_model(recipe).weights]
    found = backward(recipe, weights, digit_like(), 2)
    assert np.allclose(found.arrived[0], weights[2] @ found.errors[1])
    assert np.allclose(found.errors[0], found.arrived[0] * found.slopes[0]) and found.slopes[-1] is None
    moved = found.most_moved(10)
    assert moved == sorted(moved) and len(moved) == 10
    assert np.abs(found.errors[0][moved]).min() >= np.abs(np.delete(found.errors[0], moved)).max()
    assert usual_rate(recipe) == 0.1 and usual_rate(RECIPES["tuning-b"]) == 0.01


def test_a_small_step_makes_the_true_digit_likelier():
    recipe = RECIPES["softmax"]
    weights = [weight.numpy() for weight in keras_model(recipe).weights]
    before = backward(recipe, weights, digit_like(), 5)
    after = backward(recipe, step(weights, before.gradients(), 0.01), digit_like(), 5)
    assert after.loss < before.loss and after.probabilities[5] > before.probabilities[5]


def test_the_loss_of_a_hopeless_answer_is_finite():
    assert loss_of(np.array([0.0, 2000.0]), 0) == pytest.approx(2000)


def test_other_networks_and_other_weights_are_refused_with_a_reason():
    with pytest.raises(ValueError, match="dense layers only"):
        backward(RECIPES["fast"], [], digit_like(), 3)
    with pytest.raises(ValueError, match="different network"):
        backward(RECIPES["softmax"], [np.zeros((5, 3)), np.zeros(3)], digit_like(), 3)
    mixed = replace(RECIPES["softmax"], layers=(Conv2D(2, 3), *RECIPES["softmax"].layers))
    assert not can_go_backward(mixed)
