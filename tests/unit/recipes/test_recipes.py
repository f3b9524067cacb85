import json
from dataclasses import replace

import pytest

from mnist_core.recipes.layers import Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from mnist_core.recipes.recipe import Augmentation, Recipe
from mnist_core.recipes.table import RECIPES

every_recipe = pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))


@every_recipe
def test_a_recipe_goes_through_json_and_back_unchanged(recipe):
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


def test_a_recipe_of_an_earlier_version_is_read():
    data = RECIPES["best"].to_json()
    data["hands"] = data.pop("other_handwriting")
    assert Recipe.from_json(data) == RECIPES["best"]


@every_recipe
def test_a_recipe_is_listed_under_its_name_and_says_what_it_shows(recipe):
    assert RECIPES[recipe.name] is recipe
    assert recipe.title and recipe.shows.endswith(".")


@pytest.mark.parametrize(
    ("name", "epoch", "accuracy"),
    [
        ("softmax", 20, 0.9273),
        ("mlp", 20, 0.9414),
        ("tuning-a", 5, 0.65),
        ("tuning-b", 5, 0.7624),
        ("tuning-c", 10, 0.8597),
        ("tuning-d", 10, 0.1135),
        ("tuning-e", 10, 0.9455),
        ("chollet-cnn", 5, 0.9915),
        ("dropout-cnn", 6, 0.991),
    ],
)
def test_a_tutorial_recipe_carries_its_published_figure(name, epoch, accuracy):
    assert RECIPES[name].published.accuracies[-1] == (epoch, accuracy)
    assert RECIPES[name].epochs == epoch


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, "epochs is 0; it must be a number from 1 to 200"),
        ({"epochs": 1.5}, "whole number"),
        ({"epochs": True}, "epochs is True"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"batch_size": 1}, "batch_size"),
        ({"seed": -1}, "seed"),
        ({"optimizer": "magic"}, "one of sgd, momentum"),
        ({"schedule": "x"}, "schedule"),
        ({"precision": "float8"}, "precision"),
        ({"validation": 0.9}, "validation"),
        ({"layers": (Flatten(), Dense(10))}, "last layer"),
        ({"layers": (Flatten(), Dense(9, "boo"), Dense(10, "softmax"))}, "activation"),
        ({"layers": (Flatten(), Dense(-5), Dense(10, "softmax"))}, "Dense: units is -5"),
        ({"layers": (Flatten(), Dense(2.5), Dense(10, "softmax"))}, "Dense: units is 2.5"),
        ({"layers": (Flatten(), Dropout(3.0), Dense(10, "softmax"))}, "from 0.0 to 0.95"),
        ({"layers": (Conv2D(8, 3, padding="x"), Flatten(), Dense(10, "softmax"))}, "padding"),
        ({"name": "my_recipe"}, "small letters, digits and hyphens"),
        ({"title": "two\nlines"}, "one line of 1 to 60 characters"),
        ({"title": None}, "one line"),
        ({"scaling": "no"}, "scaling"),
        ({"weight_decay": float("nan")}, "weight_decay"),
        ({"label_smoothing": 5}, "label_smoothing"),
        ({"ema_momentum": 2.0}, "ema_momentum"),
        ({"num_images": 10}, "num_images"),
        ({"patience": 3, "validation": None}, "choose a validation"),
        ({"augmentation": Augmentation(shift=-1)}, "augmentation.shift is -1"),
    ],
)
def test_what_cannot_be_trained_cannot_be_made(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(RECIPES["softmax"], **changes)


@pytest.mark.parametrize("layers", [None, 3, "Flatten", ["Flatten", "Dense"], [{"layer": "Lambda"}], [[]]])
def test_layers_that_are_none_are_refused_in_words(layers):
    with pytest.raises(ValueError, match=r"[Ll]ayer"):
        Recipe.from_json({**RECIPES["fast"].to_json(), "layers": layers})


@pytest.mark.parametrize("wrong", [None, [], {}, {"name": "x"}, {**RECIPES["fast"].to_json(), "more": 1}])
def test_json_that_is_no_recipe_is_refused_in_words(wrong):
    with pytest.raises(ValueError, match="Recipe"):
        Recipe.from_json(wrong)


def test_the_tutorials_networks_are_exact():
    sigmoid = Dense(30, "sigmoid")
    assert RECIPES["softmax"].layers == (Flatten(), Dense(10, "softmax"))
    assert RECIPES["tuning-a"].layers == (Flatten(), sigmoid, sigmoid, sigmoid, Dense(10, "softmax"))
    assert RECIPES["tuning-d"].layers == (Flatten(), *[sigmoid] * 11, Dense(10, "softmax"))
    assert not any(RECIPES[f"tuning-{letter}"].scaling for letter in "abcde")
    assert RECIPES["chollet-cnn"].layers[:5] == (
        Conv2D(32, 3, activation="relu"),
        MaxPooling2D(2),
        Conv2D(64, 3, activation="relu"),
        MaxPooling2D(2),
        Conv2D(64, 3, activation="relu"),
    )
