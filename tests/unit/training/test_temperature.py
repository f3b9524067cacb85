"""The temperature: it changes a model's confidence, but not its predictions."""

from dataclasses import replace

import numpy as np
import pytest

from mnist_core.data.mnist import Split
from mnist_core.explain.forward import probabilities
from mnist_core.recipes.table import RECIPES
from mnist_core.runs import weights
from mnist_core.runs.classifier import Classifier
from mnist_core.training import inference, loop
from mnist_core.training.fill import split_validation, train_run
from mnist_core.training.models import as_saved, build
from mnist_core.training.temperature import set_temperature


@pytest.mark.parametrize("shifts", [False, True], ids=["the image alone", "the mean of four shifts"])
def test_it_lowers_the_loss_on_what_was_held_out_and_changes_no_answer(small, shifts):
    few = {"epochs": 2, "batch_size": 32, "learning_rate": 0.15}
    recipe = replace(RECIPES["fast"], **few, label_smoothing=0.2, test_time_shifts=shifts)
    train, _, held_out = split_validation(recipe, small)
    assert len(held_out.labels) == len(small.train.labels) // 12
    assert np.array_equal((train + held_out).images, small.train.images)
    model = loop.fit(recipe, train, None, lambda row: None)
    before, loss = inference.predict(model, small.test.images), inference.evaluate(model, held_out)["val_loss"]
    temperature = set_temperature(model, held_out)
    after = inference.predict(model, small.test.images)
    assert temperature < 1 and inference.evaluate(model, held_out)["val_loss"] < loss
    assert (before.argmax(1) == after.argmax(1)).mean() >= 0.99 and after.max(1).mean() > before.max(1).mean()


def test_a_temperature_that_was_applied_to_a_model_is_found(small):
    """Logits twice as large need a temperature twice as high."""
    recipe = replace(RECIPES["fast"], epochs=2, batch_size=32, learning_rate=0.15, test_time_shifts=False)
    model = loop.fit(recipe, small.train, None, lambda row: None)
    first = set_temperature(model, small.test)
    assert set_temperature(model, small.test) == pytest.approx(1, abs=0.02), first
    last = model.layers[-1]
    last.set_weights([2 * weight for weight in last.get_weights()])
    assert set_temperature(model, small.test) == pytest.approx(2, abs=0.04)


def test_a_run_keeps_it_in_its_model_and_its_result_and_others_stay_at_one(store, small):
    smoothed = store.create(replace(RECIPES["fast"], epochs=1))
    assert 0.1 <= train_run(smoothed, small)["temperature"] <= 5
    assert "temperature" in smoothed.result
    plain = store.create(replace(RECIPES["softmax"], epochs=1))
    assert train_run(plain, small)["temperature"] == 1
    sure = Classifier.load(smoothed).probabilities(small.test.images).max(1)
    assert sure.max() <= 1 and np.isfinite(sure).all()


@pytest.mark.parametrize("live", [True, False], ids=["watched", "shipped"])
def test_the_last_copy_of_the_weights_says_what_the_model_says(store, small, live):
    run = store.create(replace(RECIPES["fast"], epochs=1))
    train_run(run, small, live=live)
    copies, image = weights.load(run.weights_path), small.test.images[0]
    said = probabilities(run.recipe, copies[max(copies)], image)
    assert said == pytest.approx(Classifier.load(run).probabilities(image[None])[0], abs=1e-4)


def test_a_model_without_any_error_does_not_become_sure_of_everything(small):
    model = as_saved(build(RECIPES["fast"]), RECIPES["fast"])
    images = small.train.images[:40]
    labels = inference.predict(model, images).argmax(1).astype(np.uint8)
    assert set_temperature(model, Split(images, labels)) >= 0.3


def test_a_model_without_any_training_is_left_as_unsure_as_it_is(small):
    model = as_saved(build(RECIPES["fast"]), RECIPES["fast"])
    nothing = Split(np.zeros((50, 28, 28), np.uint8), np.arange(50, dtype=np.uint8) % 10)
    set_temperature(model, nothing)
    assert np.isfinite(inference.predict(model, small.test.images[:10])).all()
