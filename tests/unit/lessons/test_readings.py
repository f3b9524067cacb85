"""What steps read from runs whose rows and answers are known."""

import json

import numpy as np
import pytest

from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.files import write_json
from mnist_core.lessons.answer_readings import answer, crowd, digit_misread, one_digit
from mnist_core.lessons.answer_readings import test_accuracy as accuracy_read
from mnist_core.lessons.curve_readings import memorised, val_loss
from mnist_core.lessons.data_readings import parameters
from mnist_core.lessons.evidence import Evidence
from mnist_core.lessons.lesson import LESSONS
from mnist_core.lessons.run_readings import early_stopping, learnt, second_run, taught
from mnist_core.recipes.table import RECIPES


def run_with(store, losses=(), name="softmax", accuracy=0.9, **more):
    """A finished run whose epochs ended with these (loss, val_loss)."""
    run = store.create(RECIPES[name])
    rows = [
        {"epoch": i, "step": i, "epochs_done": i, "end": True, "seconds": 1.0, "loss": loss, "val_loss": val,
         "accuracy": 0.99, "val_accuracy": 0.9}
        for i, (loss, val) in enumerate(losses, 1)
    ]  # fmt: skip
    (run.folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    write_json(run.folder / "result.json", {"test_accuracy": accuracy, "seconds": 3.0, "epochs": 4, **more})
    return run


def evidence_of(small, *runs, answers=None, read=None, **more):
    return Evidence(
        dataset=small,
        recipe=RECIPES["softmax"],
        runs={f"{place}": run for place, run in enumerate(runs)},
        probabilities=lambda run, images: read,
        evaluation=lambda run: answers,
        **more,
    )


@pytest.mark.parametrize(
    ("losses", "outcome", "epoch"),
    [
        ([(0.6, 0.5), (0.5, 0.40), (0.4, 0.399), (0.3, 0.40)], "flat", 3),
        ([(0.6, 0.5), (0.5, 0.40), (0.4, 0.35), (0.3, 0.3)], "falls", 4),
        ([(0.6, 0.5), (0.5, 0.40), (0.4, 0.45), (0.3, 0.5)], "rises", 2),
    ],
)
def test_val_loss_falls_is_flat_or_rises_in_the_second_half(store, small, losses, outcome, epoch):
    found, numbers = val_loss(evidence_of(small, run_with(store, losses)))
    assert (found, numbers["epoch"], numbers["half"]) == (outcome, epoch, 2)
    assert (numbers["published_lowest"], numbers["published_epoch"]) == (0.267, 15)


@pytest.mark.parametrize(("after", "outcome"), [(0.95, "higher"), (0.9015, "same"), (0.8, "lower")])
def test_the_second_run_is_compared_with_the_first(store, small, after, outcome):
    evidence = evidence_of(small, run_with(store), run_with(store, accuracy=after))
    assert second_run(evidence)[0] == outcome
    assert early_stopping(evidence)[1]["of"] == RECIPES["softmax"].epochs


@pytest.mark.parametrize(
    ("losses", "accuracy", "outcome"),
    [([(2.3, 2.3)], 0.11, "nothing"), ([(0.5, 0.5)], 0.9, "something"), ([(None, None)], 0.1, "broken")],
)
def test_a_run_has_learnt_nothing_something_or_is_broken(store, small, losses, accuracy, outcome):
    assert learnt(evidence_of(small, run_with(store, losses, accuracy=accuracy)))[0] == outcome


def test_training_images_are_known_by_heart_if_they_are_read_far_better_than_others(store, small):
    assert memorised(evidence_of(small, run_with(store, [(0.1, 0.6)])))[0] == "heart"


def test_the_counts_of_a_digit_make_up_all_images(small):
    labels = small.test.labels
    probabilities = np.eye(10, dtype=np.float32)[np.where(labels == 3, 5, labels)]
    evidence = evidence_of(small, "run", answers=Evaluation(probabilities, labels))
    _, numbers = one_digit(evidence)
    threes, fives = int((labels == 3).sum()), int((labels == 5).sum())
    assert numbers["digit"] == 3
    assert (numbers["tp"], numbers["fn"], numbers["fp"]) == (0, threes, 0)
    assert numbers["accuracy"] == 1 - threes / len(labels)
    assert numbers["tn"] == len(labels) - threes
    outcome, misread = digit_misread(evidence)
    assert (outcome, misread["true"], misread["predicted"], misread["count"]) == ("3", 3, 5, threes)
    assert fives
    assert crowd(evidence)[0] == "unasked"  # the stand-in digits were shown to nobody


def test_an_answer_is_right_wrong_or_to_a_drawing(store, small):
    digit = int(small.test.labels[2])
    right, wrong = (np.eye(10, dtype=np.float32)[[of]] for of in (digit, (digit + 1) % 10))
    assert answer(evidence_of(small, "run", read=right, image=2))[0] == "right"
    assert answer(evidence_of(small, "run", read=wrong, image=2))[0] == "wrong"
    assert answer(evidence_of(small, "run", read=wrong, drawn=small.test.images[0]))[0] == "drawn"


def test_the_option_that_is_nearest_to_the_accuracy_is_right(store, small):
    probabilities = np.eye(10, dtype=np.float32)[small.test.labels]
    answers = Evaluation(probabilities, small.test.labels)
    evidence = evidence_of(small, run_with(store), answers=answers, options=("0.82", "0.92", "0.99"))
    assert accuracy_read(evidence)[0] == "0.99"


def test_the_parameters_are_those_that_the_tutorial_counts(small):
    recipe = LESSONS["convnet"].trainings["main"].recipe
    _, numbers = parameters(Evidence(small, recipe, {}, None, None))
    assert [numbers[f"layer_{i}"] for i in (1, 2, 3)] == [320, 18_496, 36_928]
    assert (numbers["before_head"], numbers["total"]) == (55_744, 93_322)


def test_without_a_taught_network_there_is_nothing_to_read(small):
    assert taught(evidence_of(small)) == ("none", {})
