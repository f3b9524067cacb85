"""A sweep as plain data: its runs, its bounds, and what its settings do to a recipe."""

import json

import pytest

from mnist_core.recipes.layers import Activation, BatchNormalization, Conv2D, Dense, Dropout, Flatten
from mnist_core.recipes.table import RECIPES
from mnist_core.sweeps import networks
from mnist_core.sweeps.sweep import AXES, HELD_OUT, Axis, Sweep, of_base, read_values, seeds_from, value_words

MLP, SOFTMAX, CNN = RECIPES["mlp"], RECIPES["softmax"], RECIPES["dropout-cnn"]
LAST = Dense(10, "softmax")
VALUES = {
    "learning_rate": (0.01, 0.1),
    "batch_size": (32, 128),
    "optimizer": ("sgd", "adam"),
    "layers": (1, 3),
    "units": (16, 32),
    "activation": ("tanh", "gelu"),
    "seed": (0, 1),
}


def test_a_sweep_has_a_run_for_each_combination_and_all_settings_with_the_first_seed_come_first():
    sweep = Sweep(MLP, (Axis("learning_rate", (0.01, 0.1)), Axis("units", (8, 16, 32)), seeds_from(5, 2)))
    assert sweep.num_runs == len(sweep.recipes) == len(set(sweep.recipes)) == 12
    assert [point["seed"] for point in sweep.points] == [5] * 6 + [6] * 6
    for point, recipe in zip(sweep.points, sweep.recipes):
        assert (recipe.learning_rate, recipe.seed) == (point["learning_rate"], point["seed"])
        assert [layer.units for layer in recipe.layers[1:]] == [point["units"], point["units"], 10]


@pytest.mark.parametrize("name", AXES)
def test_every_setting_changes_the_recipe_and_goes_through_json(name):
    sweep = Sweep(MLP, (Axis(name, VALUES[name]),))
    assert [of_base(name, recipe) for recipe in sweep.recipes] == list(VALUES[name])
    assert Sweep.from_json(json.loads(json.dumps(sweep.to_json()))) == sweep
    assert read_values(name, ", ".join(map(str, VALUES[name]))) == sweep.axes[0]


def test_settings_are_compared_by_held_out_training_images_and_not_by_the_test_set():
    assert SOFTMAX.validation == "test" and CNN.published
    axes = (Axis("batch_size", (32, 64)),)
    assert {recipe.validation for recipe in Sweep(SOFTMAX, axes).recipes} == {HELD_OUT}
    assert {recipe.validation for recipe in Sweep(MLP, axes).recipes} == {0.2}, "its own share stays"
    assert {recipe.published for recipe in Sweep(CNN, axes).recipes} == {None}


def test_a_network_gets_deeper_by_its_last_block_and_shallower_by_leaving_blocks_out():
    layers = (Flatten(), Dense(8, "relu"), Dense(4, "tanh"), Dropout(0.5), LAST)
    assert networks.with_depth(layers, 1) == (*layers[:2], LAST)
    assert networks.with_depth(layers, 2) == layers
    assert networks.with_depth(layers, 3) == (*layers[:4], *layers[2:4], LAST)


def test_units_and_activation_reach_the_hidden_layers_only():
    layers = (Conv2D(4, 3), BatchNormalization(), Activation("relu"), Flatten(), Dense(8, "relu"), LAST)
    assert networks.with_units(layers, 5) == (*layers[:4], Dense(5, "relu"), LAST)
    changed = networks.with_activation(layers, "elu")
    assert changed == (*layers[:2], Activation("elu"), Flatten(), Dense(8, "elu"), LAST)


@pytest.mark.parametrize(
    ("base", "axes", "words"),
    [
        (SOFTMAX, (Axis("units", (8, 16)),), "no hidden dense layer"),
        (SOFTMAX, (Axis("activation", ("relu", "tanh")),), "No layer of this network but the last"),
        (MLP, (), "one run only"),
        (MLP, (Axis("batch_size", (32,)),), "one run only"),
        (MLP, (Axis("units", tuple(range(1, 202))),), "too many values"),
        (MLP, (Axis("units", tuple(range(1, 102))), seeds_from(0, 2)), "202 runs, and 200 are the most"),
        (MLP, (Axis("units", (8, 8)),), "a value is given twice"),
        (MLP, (Axis("units", ()), seeds_from(0, 2)), "at least one value"),
        (MLP, (seeds_from(0, 2), seeds_from(5, 2)), "once only"),
        (MLP, (Axis("magic", (1, 2)),), "no setting 'magic'; there are learning_rate"),
        (
            MLP,
            (Axis("learning_rate", (0.1, 50.0)),),
            "learning rate: 50 is not possible; 1e-05 to 10 is allowed",
        ),
        (MLP, (Axis("optimizer", ("sgd", "magic")),), "optimizer: magic is not one of sgd, "),
        (MLP, (Axis("activation", ("relu", "softmax")),), "activation: softmax is not one of "),
        (MLP, (Axis("layers", (0, 2)),), "hidden dense layers: 0 is not possible; 1 to 29"),
        (MLP, (Axis("layers", (2, 29)),), "31 layers are too many"),
    ],
)
def test_what_cannot_be_trained_cannot_be_made_and_the_error_says_why(base, axes, words):
    with pytest.raises(ValueError, match=words):
        Sweep(base, axes)


@pytest.mark.parametrize("text", ["0.01; 0.1", "fast", "1e-3, nan?", "1_0"])
def test_values_that_cannot_be_read_are_refused_with_an_example(text):
    with pytest.raises(ValueError, match=r"learning rate: .* is not a list of numbers, such as 0\.01, 0\.1"):
        read_values("learning_rate", text)


def test_values_are_read_as_people_type_them():
    assert read_values("units", " 8,16 , 8,").values == (8, 16)
    assert read_values("learning_rate", "1e-3、0.01，.1").values == (0.001, 0.01, 0.1)
    assert read_values("learning_rate", "０．０１、１ｅ−３").values == (0.01, 0.001)
    with pytest.raises(ValueError, match="batch size: -8 is not possible; 8 to 4096"):
        read_values("batch_size", "−8")
    with pytest.raises(ValueError, match="1 to 10 seeds"):
        seeds_from(0, 11)


def test_whole_numbers_are_asked_for_with_an_example_that_is_allowed_and_long_input_is_cut():
    for name, example in (("batch_size", "32, 64"), ("layers", "1, 2")):
        with pytest.raises(ValueError, match=rf": 1\.5 is not a list of whole numbers, such as {example}\."):
            read_values(name, "1.5")
        assert read_values(name, example)
    with pytest.raises(ValueError) as refused:
        read_values("units", "9" * 300)
    assert len(str(refused.value)) < 120
    with pytest.raises(ValueError, match=r"units: this list is too long: 2,000 characters are the most"):
        read_values("units", "8," * 1001)


def test_values_that_differ_look_different_and_can_be_typed_as_they_look():
    close = (0.1234567, 0.1234568, 0.1, 1e-05, 10.0)
    assert [value_words(value) for value in close] == ["0.1234567", "0.1234568", "0.1", "1e-05", "10"]
    assert read_values("learning_rate", ", ".join(map(value_words, close))).values == close
