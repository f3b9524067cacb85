"""The network, the loop and the program that fills a run's folder, with real TensorFlow."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from mnist_core import loop
from mnist_core.augment import augment
from mnist_core.classifier import Classifier
from mnist_core.data import Dataset, Split
from mnist_core.evaluation import Evaluation
from mnist_core.models import build, build_optimizer
from mnist_core.recipe import OPTIMIZERS, Augmentation
from mnist_core.recipes import RECIPES
from mnist_core.runs import RunError
from mnist_core.train import split_validation, train_run

# Recipes that differ in figures only share a network.
NETWORKS = list({recipe.layers: recipe for recipe in RECIPES.values()}.values())
every_network = pytest.mark.parametrize("recipe", NETWORKS, ids=[recipe.name for recipe in NETWORKS])
every_recipe = pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))


@every_recipe
def test_every_recipe_builds_a_model_of_probabilities_in_float32(recipe):
    model = build(recipe)
    answers = model(np.zeros((2, 28, 28), np.float32)).numpy()
    assert answers.shape == (2, 10) and answers.dtype == np.float32
    assert answers.sum(1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("softmax", 7_850), ("chollet-cnn", 93_322), ("dropout-cnn", 1_199_882), ("fast", 29_322)],
)
def test_the_networks_have_the_published_numbers_of_parameters(name, parameters):
    assert build(RECIPES[name]).count_params() == parameters


@pytest.mark.parametrize(
    ("name", "optimizer", "weight_decay"),
    [
        ("fast", "nesterov", 1e-3),
        ("fast", "adam", 0.0),
        ("mlp", "adamw", 1e-3),
        *(("mlp", o, 0.0) for o in OPTIMIZERS),
    ],
)
def test_the_loop_is_keras_fit_in_another_place(small, name, optimizer, weight_decay):
    """One epoch over the same batches, short last one included, gives the same weights."""
    recipe = replace(
        RECIPES[name], optimizer=optimizer, learning_rate=0.002, batch_size=64, epochs=1, precision="float32",
        schedule="constant", ema_momentum=0.0, weight_decay=weight_decay,
    )  # fmt: skip
    train = Split(small.train.images[:1000], small.train.labels[:1000])
    ours = loop.fit(recipe, train, None, lambda row: None)
    theirs = build(recipe)
    order = loop._order(1000, 1024, (recipe.seed, 1)).numpy()[:1000]
    theirs.compile(build_optimizer(recipe, 16), "categorical_crossentropy")
    one_hot = keras.utils.to_categorical(train.labels[order], 10)
    theirs.fit(
        train.images[order].astype(np.float32), one_hot, batch_size=64, epochs=1, shuffle=False, verbose=0
    )
    for a, b in zip(ours.get_weights(), theirs.get_weights()):
        assert np.abs(a - b).max() <= 1e-3 * np.abs(b).max() + 1e-6


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


def test_each_epoch_has_its_own_order_and_misses_no_image():
    first, second = (loop._order(1000, 1024, (0, epoch)).numpy() for epoch in (1, 2))
    assert sorted(first[:1000]) == list(range(1000)) and not first[1000:].any()
    assert not np.array_equal(first, second)


def test_a_training_that_is_stopped_keeps_what_it_has_learnt(small):
    rows = []
    recipe = replace(RECIPES["mlp"], epochs=200, batch_size=50)
    model = loop.fit(recipe, small.train, None, rows.append, lambda: len(rows) >= 8)
    assert rows[-1] == {"stopped": True} and len(rows) < 12
    assert loop.evaluate(model, small.test)["val_accuracy"] > 0.3


def test_augmentation_moves_digits_and_is_the_same_for_a_seed(small):
    images = small.train.images[:64]
    some = Augmentation(shift=2.0, rotation=10.0, shear=10.0, zoom=0.1)
    one, again, other = (augment(images, some, tf.constant([0, seed])).numpy() for seed in (1, 1, 2))
    assert np.array_equal(one, again) and not np.array_equal(one, other)
    assert one.shape == images.shape and one.min() >= 0 and one.max() <= 255
    still = augment(images, Augmentation(), tf.constant([0, 1])).numpy()
    assert np.abs(still - images).max() < 0.01
    assert abs(one.sum() / images.sum() - 1) < 0.1, "the ink stays in the picture"


@pytest.mark.parametrize(("validation", "sizes"), [("test", (1200, 300)), (0.2, (960, 240)), (None, (1200, 0))])
def test_validation_images_are_those_the_recipe_says(small, validation, sizes):
    train, held = split_validation(replace(RECIPES["mlp"], validation=validation), small)
    assert (len(train.labels), len(held.labels) if held else 0) == sizes
    if validation == 0.2:
        assert np.array_equal(held.images, small.train.images[960:])


@every_network
def test_a_trained_run_is_whole_and_its_two_forms_agree(store, small, recipe):
    run = store.create(replace(recipe, epochs=1))
    tiny = Dataset(Split(small.train.images[:256], small.train.labels[:256]), small.test, "stand-in", False)
    result = train_run(run, tiny)
    assert run.status == "finished" and run.result == result and not result["is_mnist"]
    answers = Evaluation.load(run.evaluation_path)
    assert answers.accuracy == result["test_accuracy"]
    light = Classifier.load(run).probabilities(small.test.images)
    assert np.abs(light - answers.probabilities).max() < 1e-4
    kept = keras.saving.load_model(run.model_path)
    assert all(
        variable.dtype == "float32" for variable in kept.weights if variable.name != "seed_generator_state"
    )
    heavy = kept(small.test.images.astype(np.float32)).numpy()
    assert np.abs(heavy - answers.probabilities).max() < 1e-4
    assert "epoch 1/1" in run.log_tail() and not list(run.folder.glob("*unfinished*"))


def test_a_run_that_left_all_bounds_is_still_written_as_plain_json(store, small):
    run = store.create(replace(RECIPES["tuning-e"], learning_rate=10.0, epochs=1))
    train_run(run, small)
    text = (run.folder / "metrics.jsonl").read_text() + (run.folder / "result.json").read_text()
    assert "NaN" not in text and "Infinity" not in text
    assert any(row.get("loss", 0) is None for row in run.metrics())


def test_a_model_that_answers_with_no_numbers_says_so(store, small):
    run = store.create(replace(RECIPES["tuning-e"], learning_rate=10.0, epochs=1))
    train_run(run, small)
    assert not np.isfinite(Evaluation.load(run.evaluation_path).probabilities).all()
    with pytest.raises(RunError, match="smaller learning rate"):
        Classifier.load(run).probabilities(small.test.images)


def test_the_average_of_weights_is_of_use_after_few_steps(small):
    recipe = replace(RECIPES["fast"], ema_momentum=0.999, epochs=5, batch_size=32, learning_rate=0.05)
    model = loop.fit(recipe, small.train, None, lambda row: None)
    assert loop.evaluate(model, small.test)["val_accuracy"] > 0.9


def test_a_shipped_run_keeps_only_the_rows_at_the_ends_of_epochs(store, small):
    run = store.create(replace(RECIPES["softmax"], epochs=2))
    train_run(run, small, live=False)
    assert [row["epoch"] for row in run.metrics()] == [1, 2]


def test_a_failure_is_in_the_log_and_leaves_no_result(store, small):
    run = store.create(RECIPES["softmax"])
    broken = Dataset(Split(small.train.images, np.full(3, 1, np.uint8)), small.test, "broken", False)
    (run.folder / "model.keras").mkdir()
    with pytest.raises(Exception):  # noqa: B017 - whatever the system says of a folder in a file's place
        train_run(run, broken)
    assert "Traceback" in run.log_tail(50) and run.result is None


def test_a_classifier_wants_uint8_images_of_28_by_28(store):
    classifier = Classifier.load(store.get("starter"))
    assert classifier.probabilities(np.zeros((0, 28, 28), np.uint8)).shape == (0, 10)
    for wrong in (
        np.zeros((28, 28), np.uint8),
        np.zeros((1, 28, 28), np.float32),
        np.zeros((1, 27, 28), np.uint8),
    ):
        with pytest.raises(ValueError, match="uint8"):
            classifier.probabilities(wrong)


def test_a_run_without_a_model_or_with_a_damaged_one_is_said_in_words(store):
    run = store.create(RECIPES["mlp"])
    with pytest.raises(RunError, match="no model"):
        Classifier.load(run)
    run.lite_path.write_bytes(b"damaged")
    with pytest.raises(RunError, match="damaged"):
        Classifier.load(run)


def test_the_starter_reads_real_mnist_as_well_as_its_card_says(mnist, store):
    starter = store.get("starter")
    light = Evaluation(Classifier.load(starter).probabilities(mnist.test.images), mnist.test.labels)
    assert starter.result["is_mnist"] and starter.recipe.name == "best"
    assert light.accuracy == pytest.approx(starter.result["test_accuracy"], abs=2e-4)
    assert np.abs(light.probabilities - Evaluation.load(starter.evaluation_path).probabilities).max() < 1e-3
    heavy = loop.predict(keras.saving.load_model(starter.model_path), mnist.test.images)
    assert (heavy.argmax(1) == light.predictions).mean() > 0.9999
