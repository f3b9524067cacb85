"""Exported models agree with the app, each in its own runtime: for every recipe, and with batch normalization.

benchmarks/exports.py measures the same on the whole test set.
"""

import io
from dataclasses import replace

import keras
import numpy as np
import onnxruntime
import pytest

from mnist_core import export
from mnist_core.data.mnist import Split
from mnist_core.recipes.layers import BatchNormalization, Conv2D, Dense, Flatten, MaxPooling2D
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.run import Run
from mnist_core.runs.store import STARTER
from mnist_core.training import inference
from mnist_core.training.models import as_saved, build

# tf2onnx 1.17 asks NumPy for a name that it no longer has.
pytestmark = pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")

FLOAT, NUM_IMAGES = 1e-4, 1000
NORMALIZED = replace(
    RECIPES["softmax"],
    name="normalized",
    layers=(
        Conv2D(8, 3, strides=2),
        BatchNormalization(),
        MaxPooling2D(2),
        Flatten(),
        Dense(32, "relu"),
        BatchNormalization(),
        Dense(10, "softmax"),
    ),
)
# Recipes that differ only in how they are trained have the same model: it is tested once.
MODELS = {(of.layers, of.scaling, of.test_time_shifts): of for of in (*RECIPES.values(), NORMALIZED)}.values()


def run_of(recipe: Recipe, images: Split, folder) -> Run:
    """A run with the recipe's model after a few steps, saved as a training saves it."""
    run = Run.create(folder, recipe)
    network = build(replace(recipe, precision="float32"))
    network.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
    for first in range(0, 96, 32):
        network.train_on_batch(*images[first : first + 32])
    model = as_saved(network, recipe)
    model.save(run.model_path)
    model.export(run.lite_path, format="litert", verbose=False)
    return run


def by_onnx(content: bytes, images: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(content)
    name = session.get_inputs()[0].name
    return session.run(None, {name: images.astype(np.float32)})[0]


@pytest.mark.parametrize("recipe", MODELS, ids=lambda recipe: recipe.name)
def test_every_export_of_a_recipe_agrees_with_the_app(recipe, small, tmp_path):
    run, images = run_of(recipe, small.train, tmp_path / "run"), small.train.images[-NUM_IMAGES:]
    app = Classifier.load(run).probabilities(images)
    assert app.shape == (NUM_IMAGES, 10)
    by_keras = inference.predict(keras.saving.load_model(run.model_path), images)
    assert np.abs(by_keras - app).max() < FLOAT
    assert np.abs(by_onnx(export.onnx(run, print), images) - app).max() < FLOAT
    content = export.int8(run, print)
    few = Classifier(content).probabilities(images[:200])
    assert len(content) < 0.45 * run.lite_path.stat().st_size or len(content) < 80_000
    assert np.abs(few - app[:200]).mean() < 0.01
    second, first = np.sort(app[:200])[:, -2:].T
    is_clear = first - second > 0.05
    assert ((few.argmax(1) == app[:200].argmax(1)) | ~is_clear).mean() >= 0.98


def test_the_starters_exports_read_mnist_as_the_app_does(store, mnist):
    run, test = store.get(STARTER), mnist.test[:2000]
    app = Classifier.load(run).probabilities(test.images)
    assert np.abs(by_onnx(export.onnx(run, print), test.images[:NUM_IMAGES]) - app[:NUM_IMAGES]).max() < FLOAT
    content = io.BytesIO(export.int8(run, print)).getvalue()
    correct = [
        (of.argmax(1) == test.labels).mean() for of in (Classifier(content).probabilities(test.images), app)
    ]
    assert abs(correct[0] - correct[1]) <= 0.002
