"""Every layer type, in all that the app uses of it, against Keras."""

from dataclasses import dataclass, fields, replace

import keras
import numpy as np
import pytest

from mnist_core.exchange.keras_code import script
from mnist_core.explain.forward import activations
from mnist_core.jobs.estimate import step_cost
from mnist_core.recipes.layers import LAYERS, Conv2D, Dense, Flatten, Layer
from mnist_core.recipes.network import summary
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.training.models import build

LAST = Dense(10, "softmax")
BEFORE = Conv2D(4, 5, strides=3)  # 8 × 8 × 4


def variants(kind: type[Layer]) -> list[Layer]:
    """The layer as it is added, with each of its choices, and with each lowest number."""
    new, found = kind.new(), [kind.new()]
    for f in fields(kind):
        values = f.metadata.get("choices") or [f.metadata["bounds"][0], f.metadata.get("new", f.default)]
        found += [replace(new, **{f.name: value}) for value in values]
    return list(dict.fromkeys(found))


def stack(layer: Layer) -> tuple[Layer, ...]:
    """A network with the layer at a valid place."""
    if isinstance(layer, Dense):
        return (Flatten(), layer, LAST)
    is_flat = len(layer.output_shape((8, 8, 4))) == 1
    return (BEFORE, layer, LAST) if is_flat else (BEFORE, layer, Flatten(), LAST)


ALL = [layer for kind in LAYERS.values() for layer in variants(kind)]
every_layer = pytest.mark.parametrize("layer", ALL, ids=Layer.code)


@every_layer
def test_a_layer_is_what_keras_makes_of_it(layer):
    recipe = replace(RECIPES["softmax"], layers=stack(layer))
    model, rng = build(recipe), np.random.default_rng(0)
    for of in model.layers:
        of.set_weights([rng.uniform(0.1, 0.5, weight.shape) / 4 for weight in of.get_weights()])
    theirs = model.layers[-len(recipe.layers) :]

    rows = summary(recipe.layers)
    assert [row.output_shape for row in rows] == [tuple(of.output.shape[1:]) for of in theirs]
    assert [row.num_parameters for row in rows] == [of.count_params() for of in theirs]

    images = rng.integers(0, 256, (2, 28, 28), np.uint8)
    outputs = keras.Model(model.inputs[0], [of.output for of in theirs])(images.astype(np.float32))
    numbers = activations(recipe, [weight.numpy() for weight in model.weights], images)
    for ours, keras_output in zip(numbers, outputs, strict=True):
        assert np.allclose(ours, keras_output, rtol=1e-4, atol=1e-4)

    as_code = eval(f"keras.layers.{layer.code()}").get_config()
    built = theirs[recipe.layers.index(layer)].get_config()
    assert {**as_code, "name": "", "dtype": ""} == {**built, "name": "", "dtype": ""}


@every_layer
def test_a_layer_goes_through_json_and_into_a_script(layer):
    recipe = replace(RECIPES["softmax"], layers=stack(layer))
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert f"keras.layers.{layer.code()}," in script(recipe)


@pytest.mark.parametrize("name", sorted({*LAYERS} - {"Flatten", "GlobalAveragePooling2D"}))
def test_a_layer_is_counted_where_the_time_of_a_training_is_estimated(name):
    layer = LAYERS[name].new()
    layers = stack(layer)
    without = tuple(other for other in layers if other != layer)
    step_costs = [step_cost(replace(RECIPES["softmax"], layers=each)) for each in (layers, without)]
    assert step_costs[0] > step_costs[1]


@pytest.mark.parametrize("kind", LAYERS.values(), ids=LAYERS)
def test_a_layer_refuses_what_is_out_of_bounds(kind):
    for f in fields(kind):
        low, high = f.metadata.get("bounds", (0, 0))
        wrong = ["?"] if "choices" in f.metadata else [low - 1, high + 1, True, "3", None]
        for value in wrong:
            with pytest.raises(ValueError, match=f"Layer 1, {kind.__name__}: {f.name} is"):
                summary((replace(kind.new(), **{f.name: value}), LAST))


def test_a_layer_type_with_a_missing_method_cannot_be_instantiated():
    @dataclass(frozen=True)
    class Forgotten(Layer):
        def output_shape(self, shape):
            return shape

    with pytest.raises(TypeError, match="forward"):
        Forgotten()
