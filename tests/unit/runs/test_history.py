"""The table of runs, and the differences between them."""

from dataclasses import replace

import pytest

from mnist_core.recipes.layers import Dense, Flatten
from mnist_core.recipes.recipe import AUGMENTATIONS
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.history import differences, history
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import snapshots_of
from mnist_core.training.fill import train_run


def test_a_row_tells_recipe_changes_state_and_figures(store, small):
    run = store.create(replace(RECIPES["softmax"], epochs=2, learning_rate=0.01))
    waiting = store.create(RECIPES["mlp"])
    result = train_run(run, small)
    newest, oldest = history(snapshots_of(store).all)
    assert (newest["run"], newest["state"], newest["test_accuracy"]) == (waiting.id, "queued", None)
    assert oldest["changed"] == "learning rate 0.001 → 0.01; epochs 20 → 2"
    assert oldest["test_accuracy"] == result["test_accuracy"] and oldest["published"] == 0.9273
    assert (oldest["epochs"], oldest["epochs_planned"], oldest["parameters"]) == (2, 2, 7850)
    assert oldest["started"][:4] == run.id[:4] and len(oldest["started"]) == 19


def test_what_differs_is_told_in_words_and_what_is_equal_is_not():
    one = RECIPES["softmax"]
    two = replace(one, title="Mine", layers=(Flatten(), Dense(8, "relu"), Dense(10, "softmax")),
                  validation=None, augmentation=AUGMENTATIONS["shift"])  # fmt: skip
    assert differences([one, two]) == {
        "layers": [
            'Flatten(), Dense(10, activation="softmax")',
            'Flatten(), Dense(8, activation="relu"), Dense(10, activation="softmax")',
        ],
        "validation": ["test", "none"],
        "augmentation": ["none", "shift 2"],
    }
    assert differences([one, one, one]) == {}


def test_a_run_can_be_given_another_name(store):
    run = store.create(RECIPES["softmax"])
    assert run.rename("  My best\n").recipe.title == "My best"
    assert Run(run.folder).recipe == replace(RECIPES["softmax"], title="My best")
    for wrong in ("", "   ", "two\rlines", "x" * 61):
        with pytest.raises(ValueError, match="1 to 60 characters"):
            run.rename(wrong)


def test_a_folder_that_somebody_named_otherwise_is_listed_without_a_time(store):
    run = store.create(RECIPES["softmax"])
    run.folder.rename(run.folder.with_name("my-copy"))
    assert [(row["run"], row["started"]) for row in history(snapshots_of(store).all)] == [("my-copy", "")]
