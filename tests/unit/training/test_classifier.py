"""A run's model through LiteRT, beside the one that Keras reads."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.run import RunError
from mnist_core.training import inference
from mnist_core.training.fill import train_run


def test_a_model_whose_outputs_are_not_numbers_says_so(store, small):
    run = store.create(replace(RECIPES["tuning-e"], learning_rate=10.0, epochs=1))
    train_run(run, small)
    assert not np.isfinite(Evaluation.load(run.evaluation_path).probabilities).all()
    with pytest.raises(RunError, match="smaller learning rate"):
        Classifier.load(run).probabilities(small.test.images)


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
    heavy = inference.predict(keras.saving.load_model(starter.model_path), mnist.test.images[:2000])
    assert np.abs(heavy - light.probabilities[:2000]).max() < 1e-3
