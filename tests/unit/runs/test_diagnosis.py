"""The remarks about a run: on the tutorials' own trainings, and on curves made for one remark each."""

from dataclasses import replace

import pytest

from mnist_core.recipes.layers import Dense, Flatten
from mnist_core.recipes.published import HISTORIES
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.diagnosis import diagnose
from mnist_core.training import loop
from mnist_core.training.fill import finite, split_validation


def words(remark):
    return remark.words if remark else ""


def trained(recipe, dataset):
    """The metrics rows of a training, as in a run's folder."""
    train, validation, _ = split_validation(recipe, dataset)
    rows = []
    loop.fit(recipe, train, validation, lambda row: rows.append({k: finite(v) for k, v in row.items()}))
    return rows


@pytest.mark.parametrize(
    ("name", "changes", "remark"),
    [
        ("softmax", {}, "Nearly flat since epoch"),
        ("mlp", {}, "Overfitting from epoch"),
        ("tuning-a", {}, "The accuracy jumps"),
        ("tuning-d", {}, "Vanishing gradient: each of 11 layers"),
        ("tuning-e", {}, ""),
        ("tuning-e", {"learning_rate": 1.0, "epochs": 1}, "rate of 1 is too high; try 0.1"),
    ],
)
def test_the_tutorials_lessons_are_told_with_the_runs_own_numbers(mnist, name, changes, remark):
    recipe = replace(RECIPES[name], **changes)
    said = words(diagnose(recipe, trained(recipe, mnist)))
    assert remark in said and bool(said) == bool(remark)


def test_weights_that_begin_at_zero_learn_nothing_and_the_reason_is_said(small):
    layers = (Flatten(), Dense(16, "relu", "zeros"), Dense(10, "softmax", "zeros"))
    recipe = replace(RECIPES["mlp"], layers=layers, batch_size=8, epochs=3)
    assert "zero stay equal" in words(diagnose(recipe, trained(recipe, small)))


def test_a_rate_far_from_the_usual_one_is_named_where_nothing_is_learnt():
    row = {"epoch": 1, "step": 900, "epochs_done": 1.0, "loss": 2.3026, "accuracy": 0.11}
    high = replace(RECIPES["mlp"], learning_rate=0.5)
    low = replace(RECIPES["mlp"], learning_rate=1e-5)
    assert "probably too high; try 0.05" in words(diagnose(high, [row] * 3))
    assert "may be too low; try 0.0001" in words(diagnose(low, [row] * 3))


def test_of_a_run_that_has_just_begun_nothing_is_said():
    assert diagnose(RECIPES["mlp"], []) is None
    row = {"epoch": 1, "step": 20, "epochs_done": 0.01, "loss": 2.3, "accuracy": 0.1}
    assert diagnose(RECIPES["mlp"], [{"note": "x", "step": 0}, row]) is None


def test_a_run_without_validation_is_only_told_what_its_training_shows():
    ends = [{"epoch": e, "step": 900 * e, "epochs_done": e, "loss": 0.1, "accuracy": 0.97, "end": True}
            for e in range(1, 9)]  # fmt: skip
    assert diagnose(RECIPES["chollet-cnn"], ends) is None


def ends(loss, val_loss, val_accuracy):
    """Rows at the ends of epochs with these values."""
    rows = enumerate(zip(loss, val_loss, val_accuracy), 1)
    return [
        {"epoch": e, "step": 900 * e, "epochs_done": float(e), "loss": of[0], "accuracy": 0.9, "end": True,
         "val_loss": of[1], "val_accuracy": of[2]}
        for e, of in rows
    ]  # fmt: skip


def printed(name):
    history = HISTORIES[name]
    return ends(history.loss, history.val_loss, history.val_accuracy)


@pytest.mark.parametrize(
    ("name", "code"),
    [("softmax", "flat"), ("tuning-a", "jumping"), ("tuning-b", None), ("tuning-c", None), ("tuning-e", None)],
)
def test_of_the_histories_that_the_tutorials_printed_only_softmax_is_flat(name, code):
    remark = diagnose(RECIPES[name], printed(name))
    assert (remark and remark.code) == code


def test_a_run_whose_training_loss_still_falls_is_not_called_flat():
    num_epochs = 8
    flat = {"val_loss": [0.1] * num_epochs, "val_accuracy": [0.97] * num_epochs}
    falling = ends([0.06 * 0.93**epoch for epoch in range(num_epochs)], **flat)
    slow = ends([0.06 * 0.993**epoch for epoch in range(num_epochs)], **flat)
    assert diagnose(RECIPES["mlp"], falling) is None
    assert diagnose(RECIPES["mlp"], slow).code == "flat"
