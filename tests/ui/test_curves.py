"""The data that the browser draws: for one run, in training or ended, and for several."""

import json
from dataclasses import replace

import pytest

from mnist_core.recipes.table import RECIPES
from pages.components.charts.curves import compared, notes, picture

ROW = {"epoch": 1, "step": 100, "epochs_done": 0.5, "loss": 0.4, "accuracy": 0.95, "cross_entropy": 0.2}
END = {**ROW, "step": 200, "epochs_done": 1.0, "end": True, "val_loss": 0.1, "val_accuracy": 0.97}
NEW = [ROW, {**ROW, "step": 200, "epochs_done": 1.0}, {**END, "val_cross_entropy": 0.1}]
OLD = [{name: value for name, value in row.items() if "cross_entropy" not in name} for row in NEW]


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_a_run_has_the_same_frame_before_its_first_point_and_after_its_last(recipe):
    before, after = ({**picture(recipe, rows), "series": None} for rows in ([], NEW))
    assert before == after and json.dumps(after, allow_nan=False)


def test_both_losses_are_plain_cross_entropy_and_a_note_says_if_in_an_older_run_they_are_not():
    training, validation = picture(RECIPES["fast"], NEW)["series"]
    assert training["points"] == [[0.25, 0.2, 0.95], [0.75, 0.2, 0.95]]
    assert validation["points"] == [[1.0, 0.1, 0.97]]
    before = picture(RECIPES["fast"], OLD)
    assert before["series"][0]["points"][0] == [0.25, 0.4, 0.95]
    assert "includes label smoothing" in " ".join(before["notes"])
    assert "includes label smoothing" not in " ".join(notes(RECIPES["fast"], NEW) + notes(RECIPES["mlp"], OLD))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("dropout-cnn", ["dropout"]),
        ("fast", ["average", "four shifted"]),
        ("sharp", ["moved", "average", "four shifted"]),
        ("mlp", []),
    ],
)
def test_reasons_for_a_gap_between_training_and_validation_are_given_only_where_they_apply(name, words):
    said = notes(RECIPES[name], [])
    assert len(said) == len(words) and all(word in line for word, line in zip(words, said))


def test_without_validation_there_are_no_notes_and_no_line_for_it():
    recipe = replace(RECIPES["dropout-cnn"], validation=None)
    assert picture(recipe, [])["notes"] == [] and len(picture(recipe, [])["series"]) == 1


def test_compared_runs_have_numbered_names_colours_of_their_own_and_the_axes_of_all():
    without = [row for row in OLD if "end" not in row]
    drawn = compared([(RECIPES["fast"], NEW), (replace(RECIPES["sharp"], validation=None), without)])
    first, second = drawn["series"]
    assert first["name"] == "1 · Fast convnet (validation data)" and second["name"].endswith("(training data)")
    assert first["colour"] != second["colour"] and drawn["epochs"] == 5
    assert len(drawn["notes"]) == 1 and drawn["notes"][0].startswith(
        "2 · Fast convnet, images shifted: this training loss"
    )


def test_published_figures_are_a_line_and_those_of_earlier_epochs_marks():
    published = picture(RECIPES["softmax"], [])["published"]
    assert published["words"] == "published 0.9273"
    assert published["earlier"] == [[1, 0.91], [5, 0.9235]]
    assert picture(replace(RECIPES["softmax"], epochs=2), [])["published"]["earlier"] == [[1, 0.91]]
