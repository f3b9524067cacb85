"""The facts of runs: of the starter, and of folders whose numbers can be worked out by hand."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnist_core.data.mnist import Dataset, Split
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.files import write_json
from mnist_core.lessons.facts import FACTS, facts
from mnist_core.lessons.glossary import TERMS, here_of
from mnist_core.recipes.layers import Activation, BatchNormalization, Conv2D, Dense, Flatten
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.run import Run
from mnist_core.runs.store import STARTER, RunStore

RESULT = {"precision": "float32", "temperature": 1.0, "test_accuracy": 0.9, "test_loss": 0.4, "is_mnist": True}


def run_of(folder: Path, recipe: Recipe, rows: list[dict], result: dict | None = None) -> Run:
    run = Run.create(folder / "run", recipe)
    (run.folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    if result:
        write_json(run.folder / "result.json", result)
    return run


def end(epoch: int, loss: float | None, val_loss: float | None = None, **more: float) -> dict:
    row = {"epoch": epoch, "step": 1500 * epoch, "epochs_done": float(epoch), "seconds": 2.0 * epoch}
    row |= {"loss": loss, "accuracy": 0.5 + epoch / 10, "cross_entropy": loss, "end": True}
    return {**row, **({} if val_loss is None else {"val_loss": val_loss, "val_accuracy": 0.9}), **more}


def answers(*pairs: tuple[int, int], confidence: float = 0.91) -> Evaluation:
    """An evaluation with an answer for each pair of true and predicted digit."""
    probabilities = np.full((len(pairs), 10), (1 - confidence) / 9, np.float32)
    probabilities[np.arange(len(pairs)), [answer for _, answer in pairs]] = confidence
    return Evaluation(probabilities, np.array([true for true, _ in pairs], np.uint8))


def of_layers(folder: Path, *layers) -> dict:
    return facts(run_of(folder, replace(RECIPES["softmax"], layers=(*layers, Dense(10, "softmax"))), []))


def test_every_fact_is_documented_and_some_run_has_it(tmp_path):
    starter = RunStore(Path()).get(STARTER)
    found = facts(starter, Evaluation.load(starter.evaluation_path))
    mlp = facts(run_of(tmp_path, RECIPES["mlp"], [end(1, 0.5, 0.4)], RESULT))
    assert found.keys() | mlp.keys() == FACTS.keys()


def test_the_starters_facts_are_those_of_its_files():
    starter = RunStore(Path()).get(STARTER)
    found = facts(starter, Evaluation.load(starter.evaluation_path))
    assert (found["epochs"], found["steps"], found["steps_per_epoch"]) == (28, 16184, 578)
    assert (found["lowest_val_loss"], found["lowest_epoch"]) == (0.0542814, 6)
    assert found["num_parameters"] == starter.result["parameters"]
    assert (found["num_errors"], found["num_test_images"]) == (29, 10_000)
    assert found["first_padding"] == "same" and found["num_looks"] == 4
    assert "last_loss" not in found, "its rows have only the loss with label smoothing"


def test_a_queued_run_has_the_facts_of_its_recipe_only(tmp_path):
    found = facts(run_of(tmp_path, RECIPES["mlp"], []))
    assert found["batch_size"] == 32 and found["num_parameters"] == 55_050
    assert not found.keys() & {"epochs", "steps", "test_accuracy", "num_training_images", "num_errors"}
    assert here_of(TERMS["step"], found) == ""


def test_a_run_without_validation_has_no_val_loss(tmp_path):
    found = facts(run_of(tmp_path, RECIPES["chollet-cnn"], [end(1, 0.5), end(2, 0.25)], RESULT))
    assert (found["epochs"], found["first_loss"], found["last_loss"]) == (2, 0.5, 0.25)
    assert found["num_training_images"] == 60_000
    missing = {name for name in FACTS if "val_" in name.replace("interval", "") or "validation" in name}
    missing |= {"lowest_epoch", "best_epoch"}
    assert len(missing) == 7 and not found.keys() & missing
    assert here_of(TERMS["val_loss"], found) == ""


def test_a_run_with_stand_in_digits_does_not_have_mnists_numbers(tmp_path):
    found = facts(run_of(tmp_path, RECIPES["mlp"], [end(1, 0.5, 0.4)], {**RESULT, "is_mnist": False}))
    assert not found.keys() & {"num_training_images", "num_validation_images"}
    assert found["test_accuracy"] == 0.9


def test_the_lowest_val_loss_and_the_highest_accuracy_each_have_their_epoch(tmp_path):
    rows = [end(1, 0.5, 0.4, val_accuracy=0.8), end(2, 0.3, 0.2, val_accuracy=0.9)]
    rows += [{"epoch": 3, "step": 4000, "epochs_done": 2.7, "seconds": 5.0, "loss": 0.2, "accuracy": 0.9}]
    rows += [end(3, 0.1, 0.3, val_accuracy=0.95), {"stopped": True}]
    found = facts(run_of(tmp_path, RECIPES["mlp"], rows))
    assert (found["lowest_val_loss"], found["lowest_epoch"], found["last_val_loss"]) == (0.2, 2, 0.3)
    assert (found["best_val_accuracy"], found["best_epoch"]) == (0.95, 3)
    assert (found["epochs"], found["steps"], found["steps_per_epoch"]) == (3, 4500, 1500)


def test_a_run_that_diverged_has_no_losses_and_no_answers(tmp_path):
    rows = [end(1, None), {**end(2, None), "val_loss": None, "val_accuracy": 0.098}]
    run = run_of(tmp_path, RECIPES["mlp"], rows, {**RESULT, "test_loss": None})
    broken = Evaluation(np.full((4, 10), np.nan, np.float32), np.arange(4, dtype=np.uint8))
    found = facts(run, broken)
    assert not found.keys() & {"first_loss", "last_loss", "last_val_loss", "test_loss", "num_errors"}
    assert found["epochs"] == 2


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("changes", [{}, {"validation": 0.1, "label_smoothing": 0.1, "num_images": 999}])
def test_as_many_images_are_for_training_and_validation_as_the_training_takes(tmp_path, name, changes):
    from mnist_core.training.fill import split_validation  # imports TensorFlow

    recipe = replace(RECIPES[name], **changes)
    train, test = (
        Split(np.broadcast_to(np.uint8(0), (number, 28, 28)), np.zeros(number, np.uint8))
        for number in (60_000, 10_000)
    )
    parts = split_validation(recipe, Dataset(train, test, source="zeros"))
    found = facts(run_of(tmp_path, recipe, [], RESULT))
    assert found["num_training_images"] == len(parts.train.labels)
    assert found.get("num_validation_images") == (len(parts.validation.labels) if parts.validation else None)


def test_the_facts_of_chollets_network_are_those_of_its_layers(tmp_path):
    found = facts(run_of(tmp_path, RECIPES["chollet-cnn"], []))
    assert found["num_parameters"] == found["num_trainable"] == 93_322  # as Keras says
    assert found["num_biases"] == 32 + 64 + 64 + 64 + 10
    assert found["num_weights"] + found["num_biases"] == 93_322
    assert (found["num_layers"], found["num_convolutions"], found["num_pooling"], found["num_dense"]) == (
        8,
        3,
        2,
        2,
    )
    assert (found["num_hidden_layers"], found["num_relu"], found["activations"]) == (4, 4, "relu")
    assert (found["pool_before"], found["pool_after"], found["num_flattened"]) == (26, 13, 576)
    assert found["receptive_field"] == 18  # 3, 4, 8, 10, 18 pixels after its five first layers
    assert found["shapes"].startswith("28 × 28 × 1 → 26 × 26 × 32 →") and found["shapes"].endswith(" 64 → 10")


def test_a_network_without_hidden_layers_or_convolutions_lacks_their_facts(tmp_path):
    found = of_layers(tmp_path, Flatten())
    assert (found["num_hidden_layers"], found["num_output_inputs"], found["num_multiplications"]) == (
        0,
        784,
        7840,
    )
    assert not found.keys() & {"activations", "first_filters", "receptive_field", "pool_before"}


def test_moving_averages_of_batch_normalization_are_not_trained(tmp_path):
    found = of_layers(tmp_path, Conv2D(4, 5), BatchNormalization(), Flatten())
    assert found["num_parameters"] - found["num_trainable"] == 2 * 4
    assert found["num_weights"] == 4 * 25 + 24 * 24 * 4 * 10 and found["num_biases"] == 4 + 10
    assert found["activations"] == "linear"


def test_an_activation_layer_gives_its_function_to_the_layer_before_it(tmp_path):
    found = of_layers(tmp_path, Conv2D(4, 5), BatchNormalization(), Activation("relu"), Flatten())
    assert (found["activations"], found["num_relu"], found["num_hidden_layers"]) == ("relu", 1, 1)


def test_the_facts_of_answers_name_the_worst_of_each_kind(tmp_path):
    pairs = [(7, 7), (4, 9), (4, 9), (4, 4), (9, 9), (3, 5)]
    run = run_of(tmp_path, RECIPES["softmax"], [])
    evaluation = answers(*pairs)
    evaluation.probabilities[5, [5, 3]] = (0.5, 0.42)
    found = facts(run, evaluation)
    assert (found["num_test_images"], found["num_errors"]) == (6, 3)
    assert [found[f"confused_{what}"] for what in ("digit", "answer", "count")] == [4, 9, 2]
    assert [found[f"sure_error{what}"] for what in ("", "_label", "_answer")] == [1, 4, 9]
    assert [found[f"doubtful{what}"] for what in ("", "_first", "_second", "_label")] == [5, 5, 3, 3]
    assert found["doubtful_loss"] == pytest.approx(-np.log(0.42), rel=1e-5)
    counts = ("true_positives", "false_positives", "false_negatives")
    assert (found["hard_digit"], found["hard_f1"]) == (3, 0)  # the digits that do not occur do not count
    assert [found[f"hard_{what}"] for what in counts] == [0, 0, 1]


def test_a_run_without_errors_has_no_confusion(tmp_path):
    found = facts(run_of(tmp_path, RECIPES["softmax"], []), answers((1, 1), (2, 2)))
    assert found["num_errors"] == 0 and "confused_digit" not in found and "sure_error" not in found
