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
    usual = [
        {name: 0.4 if name.endswith(("loss", "entropy")) else of for name, of in row.items()} for row in NEW
    ]
    before, after = ({**picture(recipe, rows), "series": None} for rows in ([], usual))
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


def test_the_curves_that_a_tutorial_printed_are_drawn_in_the_colours_of_the_runs_own():
    drawn = picture(RECIPES["softmax"], NEW)
    own, printed = drawn["series"][:2], drawn["series"][2:]
    assert [line["kind"] for line in printed] == ["published training", "published validation"]
    assert [line["colour"] for line in printed] == [line["colour"] for line in own]
    assert printed[0]["points"][0] == [0.5, 0.613, 0.8482], "a mean over the first epoch"
    assert printed[1]["points"][-1] == [20.0, 0.2703, 0.9273] and drawn["published"] is None


def test_measures_that_a_tutorial_did_not_print_have_no_points():
    (line,) = picture(RECIPES["dropout-cnn"], [])["series"][2:]
    assert line["kind"] == "published validation" and line["points"][0] == [1.0, None, 0.983]


def test_without_a_printed_curve_the_published_accuracies_are_a_line_and_marks():
    assert picture(RECIPES["chollet-cnn"], [])["published"]["words"] == "published 0.9915"
    changed = replace(RECIPES["softmax"], learning_rate=0.01)
    published = picture(changed, [])["published"]
    assert published["words"] == "published 0.9273"
    assert published["earlier"] == [[1, 0.91], [5, 0.9235]]
    assert picture(replace(changed, epochs=2), [])["published"]["earlier"] == [[1, 0.91]]
