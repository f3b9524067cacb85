"""A run's folder as a training fills it, with real TensorFlow."""

import errno
from dataclasses import replace

import keras
import numpy as np
import pytest

from mnist_core.data.mnist import Dataset, Split
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.recipes.table import RECIPES
from mnist_core.runs import weights
from mnist_core.runs.attempt import Superseded
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.snapshot import snapshot_of
from mnist_core.training.fill import split_validation, train_run

# Recipes with the same layers share a network.
NETWORKS = list({recipe.layers: recipe for recipe in RECIPES.values()}.values())
every_network = pytest.mark.parametrize("recipe", NETWORKS, ids=[recipe.name for recipe in NETWORKS])


@pytest.mark.parametrize(("validation", "sizes"), [("test", (1200, 300)), (0.2, (960, 240)), (None, (1200, 0))])
def test_validation_images_are_those_the_recipe_says(small, validation, sizes):
    train, held, _ = split_validation(replace(RECIPES["mlp"], validation=validation), small)
    assert (len(train.labels), len(held.labels) if held else 0) == sizes
    if validation == 0.2:
        assert np.array_equal(held.images, small.train.images[960:])


@every_network
def test_a_trained_run_is_whole_and_its_two_forms_agree(store, small, recipe):
    run = store.create(replace(recipe, epochs=1))
    tiny = Dataset(Split(small.train.images[:256], small.train.labels[:256]), small.test, "stand-in", False)
    result = train_run(run, tiny)
    assert snapshot_of(run).status == "finished" and run.result == result and not result["is_mnist"]
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


def test_a_diverged_run_is_still_written_as_plain_json(store, small):
    run = store.create(replace(RECIPES["tuning-e"], learning_rate=10.0, epochs=1))
    train_run(run, small)
    text = (run.folder / "metrics.jsonl").read_text() + (run.folder / "result.json").read_text()
    assert "NaN" not in text and "Infinity" not in text
    assert any(row.get("loss", 0) is None for row in run.metrics())


def test_a_shipped_run_keeps_only_the_rows_at_the_ends_of_epochs(store, small):
    run = store.create(replace(RECIPES["softmax"], epochs=2))
    train_run(run, small, live=False)
    assert [row["epoch"] for row in run.metrics()] == [1, 2]


def test_a_run_that_trains_has_a_copy_of_its_weights_after_every_epoch_and_in_the_end_only_the_usual(
    store, small, monkeypatch
):
    monkeypatch.setattr(weights, "MOST_EPOCHS", 3)
    run, seen = store.create(replace(RECIPES["softmax"], epochs=7)), []
    train_run(run, small, seen=lambda row: "end" in row and seen.append(list(weights.load(run.weights_path))))
    assert seen == [[1], [1, 2], [1, 3], [1, 4], [1, 4, 5], [1, 4, 6], [1, 4, 7]]
    assert list(weights.load(run.weights_path)) == weights.kept_epochs(7, 7850) == [1, 4, 7]


def test_a_full_disk_costs_copies_of_weights_and_nothing_else(store, small, monkeypatch, capsys):
    real = weights.save

    def save(folder, epoch, arrays):
        if epoch in (2, 3):
            raise OSError(errno.ENOSPC, "No space left on device")
        real(folder, epoch, arrays)

    monkeypatch.setattr(weights, "save", save)
    run, seen = store.create(replace(RECIPES["softmax"], epochs=4)), []
    train_run(run, small, seen=lambda row: "end" in row and seen.append(list(weights.load(run.weights_path))))
    assert seen == [[1], [1], [1], [1, 4]] and run.result["status"] == "finished"
    assert capsys.readouterr().err.count("No copy of the weights was saved") == 2


def test_a_failure_is_in_the_log_and_leaves_no_result(store, small):
    run = store.create(RECIPES["softmax"])
    broken = Dataset(Split(small.train.images, np.full(3, 1, np.uint8)), small.test, "broken", False)
    (run.folder / "model.keras").mkdir()
    with pytest.raises(Exception):  # noqa: B017 - the system decides the error for a folder in a file's place
        train_run(run, broken)
    assert "Traceback" in run.log_tail(50) and run.result is None


def test_a_training_whose_run_another_process_has_taken_writes_neither_model_nor_result(store, small):
    run = store.create(replace(RECIPES["softmax"], epochs=1))

    def seen(row: dict) -> None:
        if not row:
            raise Superseded("taken")

    with pytest.raises(Superseded):
        train_run(run, small, seen)
    assert run.result is None and not run.model_path.exists() and run.metrics()
