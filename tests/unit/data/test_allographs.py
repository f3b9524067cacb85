import numpy as np
import pytest

from mnist_core.data.allographs import ALLOGRAPHS, written
from mnist_core.home import home
from mnist_core.preprocessing.preprocess import from_strokes
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.store import STARTER, RunStore


@pytest.fixture(scope="module")
def starter():
    return Classifier.load(RunStore(home()).get(STARTER))


@pytest.mark.parametrize("digit", ALLOGRAPHS)
def test_forms_that_mnist_lacks_vary_and_are_read_by_the_starter(digit, starter):
    rng = np.random.default_rng(5)
    images = np.stack([from_strokes(written(digit, rng)) for _ in range(200)])
    assert len(np.unique(images, axis=0)) == 200
    assert (starter.probabilities(images).argmax(1) == digit).mean() > 0.9


@pytest.mark.parametrize("digit", ALLOGRAPHS)
def test_a_digit_is_the_same_for_the_same_seed(digit):
    first, again = (written(digit, np.random.default_rng(1)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert all(stroke.ndim == 2 and stroke.shape[1] == 2 and np.isfinite(stroke).all() for stroke in first)
