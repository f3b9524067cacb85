"""The Keras script of each network: it runs, and gives the same result as our own training."""

from dataclasses import replace

import keras
import pytest

from mnist_core.data.mnist import Split
from mnist_core.exchange.keras_code import script
from mnist_core.recipes.layers import BatchNormalization, Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from mnist_core.recipes.recipe import OPTIMIZERS, SCHEDULES, Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.training import inference, loop
from mnist_core.training.fill import split_validation
from mnist_core.training.models import build, build_optimizer

NETWORKS = list({recipe.layers: recipe for recipe in RECIPES.values()}.values())


@pytest.fixture(autouse=True)
def without_xla(monkeypatch) -> None:
    """Stop Keras from compiling with XLA by default, which takes longer here than everything else."""
    compile_ = keras.Model.compile
    monkeypatch.setattr(
        keras.Model, "compile", lambda self, **given: compile_(self, **given, jit_compile=False)
    )


def run_script(recipe: Recipe, dataset, monkeypatch) -> dict:
    """The script's variables after it has run with `dataset` as its data."""
    (train, test) = dataset
    arrays = (train.images, train.labels), (test.images, test.labels)
    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: arrays)
    names: dict = {"__name__": "script"}
    exec(compile(script(recipe), "script", "exec"), names)
    return names


@pytest.mark.parametrize("recipe", NETWORKS, ids=[recipe.name for recipe in NETWORKS])
def test_the_script_builds_the_recipes_network_and_learns_what_ours_learns(recipe, small, monkeypatch, capsys):
    recipe = replace(recipe, epochs=1, batch_size=32, precision="float32", augmentation=None)
    recipe = replace(
        recipe, learning_rate=min(recipe.learning_rate, 0.1)
    )  # the learning rate for larger batches would be too high
    theirs = run_script(recipe, small, monkeypatch)
    images = small.train.images, small.train.labels
    train, *_ = split_validation(recipe, replace(small, train=Split(*images)))
    ours = inference.evaluate(loop.fit(recipe, train, None, lambda row: None), small.test)
    assert theirs["model"].count_params() == build(recipe).count_params()
    assert theirs["test_accuracy"] == pytest.approx(ours["val_accuracy"], abs=0.15)
    assert f"test accuracy {theirs['test_accuracy']:.4f}" in capsys.readouterr().out


def test_a_name_in_odd_letters_stays_in_its_comment():
    title = "it's \"mine\" \\ 'n' €"
    compile(script(replace(RECIPES["softmax"], title=title)), "script", "exec")


def test_a_script_with_everything_in_it_runs(small, monkeypatch):
    everything = replace(
        RECIPES["best"],
        layers=(
            Conv2D(4, 3, strides=2, padding="same", activation="tanh", kernel_initializer="he_normal"),
            BatchNormalization(),
            MaxPooling2D(2),
            Dropout(0.1),
            Flatten(),
            Dense(10, "softmax"),
        ),
        num_images=500,
        validation=0.2,
        patience=1,
        epochs=2,
    )
    names = run_script(everything, small, monkeypatch)
    assert (
        len(names["x_train"]) == 367 and len(names["x_val"]) == 100 and "val_loss" in names["history"].history
    )


@pytest.mark.parametrize(
    ("optimizer", "schedule"), [*((o, "constant") for o in OPTIMIZERS), *(("adamw", s) for s in SCHEDULES[1:])]
)
def test_every_optimizer_and_schedule_is_written_as_it_is_built(optimizer, schedule, small, monkeypatch):
    recipe = replace(RECIPES["softmax"], optimizer=optimizer, schedule=schedule, epochs=1, weight_decay=1e-3)
    num_steps = -(-1200 // recipe.batch_size)
    theirs = run_script(recipe, small, monkeypatch)["model"].optimizer
    ours = build_optimizer(recipe, num_steps)
    for step in range(num_steps + 2):
        for of in (theirs, ours):
            of.iterations.assign(step)
        assert float(ours.learning_rate) == pytest.approx(float(theirs.learning_rate), abs=1e-8)
    plain = build_optimizer(replace(recipe, schedule="constant"), num_steps).get_config()
    settings = {
        key: value for key, value in theirs.get_config().items() if key not in ("name", "learning_rate")
    }
    assert settings.items() <= plain.items()
