"""Published figures beside a run's own."""

from dataclasses import replace

import pytest

from mnist_core.files import write_json
from mnist_core.recipes.published import HISTORIES
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.beside import at_the_end, by_epoch, history_of, newest_finished, printed

ROWS = [
    {"epoch": 1, "step": 100, "loss": 0.7, "accuracy": 0.8},
    {
        "epoch": 1,
        "step": 469,
        "loss": 0.6,
        "accuracy": 0.85,
        "val_loss": 0.34,
        "val_accuracy": 0.908,
        "end": True,
    },
]


@pytest.mark.parametrize("name", HISTORIES)
def test_a_history_applies_to_its_recipe_with_any_epochs_seed_and_title(name):
    recipe = replace(RECIPES[name], epochs=2, seed=7, title="Mine")
    assert history_of(recipe) is HISTORIES[name]


@pytest.mark.parametrize("changes", [{"learning_rate": 0.5}, {"name": "own"}, {"num_images": 5000}])
def test_a_history_does_not_apply_to_what_trains_otherwise(changes):
    assert history_of(replace(RECIPES["softmax"], **changes)) is None
    assert history_of(RECIPES["fast"]) is None


def test_each_printed_epoch_has_the_published_figure_and_that_of_the_epochs_end():
    table = by_epoch(HISTORIES["softmax"], ROWS)
    assert list(table) == list(range(1, 21))
    pair = table[1]["loss"]
    assert (pair.published, pair.ours) == (0.613, 0.6) and pair.difference == pytest.approx(-0.013)
    assert table[2]["val_accuracy"].ours is None and table[2]["val_accuracy"].difference is None


def test_measures_that_were_not_printed_are_not_in_the_table():
    assert printed(HISTORIES["dropout-cnn"]) == ("val_accuracy",)
    assert list(by_epoch(HISTORIES["dropout-cnn"], [])) == [1, 3, 6]
    assert by_epoch(HISTORIES["chollet-cnn"], ROWS) == {}
    assert list(at_the_end(HISTORIES["chollet-cnn"], None)) == ["test_accuracy"]
    assert at_the_end(HISTORIES["softmax"], {"test_accuracy": 0.93})["test_accuracy"].ours == 0.93


def test_the_newest_finished_run_counts_whatever_its_seed(store):
    for changes, status in (({"seed": 3}, "finished"), ({"epochs": 9}, "finished"), ({}, "stopped")):
        run = store.create(replace(RECIPES["tuning-b"], **changes))
        write_json(run.folder / "result.json", {"status": status})
    store.create(RECIPES["tuning-b"])
    found = newest_finished(["tuning-a", "tuning-b"], store.list())
    assert found["tuning-a"] is None and found["tuning-b"].recipe.seed == 3
