from dataclasses import replace

import numpy as np
import pytest

from mnist_core.data.mnist import Split
from mnist_core.preprocessing.preprocess import from_strokes
from mnist_core.recipes.table import RECIPES
from mnist_core.runs import teaching
from mnist_core.training.fill import train_run

SLASHED = [[(50, 0), (0, 60), (50, 120), (100, 60), (50, 0)], [(0, 130), (100, -10)]]


@pytest.fixture
def mine():
    """Sixteen slashed zeros of different widths."""
    images = [
        from_strokes([[(x * (1 + i / 30), y) for x, y in stroke] for stroke in SLASHED]) for i in range(16)
    ]
    return Split(np.stack(images), np.zeros(16, np.uint8))


@pytest.fixture(params=[False, True], ids=["one look", "four looks"])
def base(store, small, request):
    run = store.create(replace(RECIPES["mlp"], epochs=6, test_time_shifts=request.param))
    train_run(run, small)
    return run


def test_a_trained_network_is_taught_a_handwriting_and_reports_before_and_after(store, small, base, mine):
    recipe, files = teaching.lesson(base, mine)
    run = store.create(recipe, files=files)
    assert teaching.is_lesson(run) and not teaching.is_lesson(base)
    result = train_run(run, small)
    assert result["test_before"] == pytest.approx(base.result["test_accuracy"])
    assert result["test_after"] == pytest.approx(result["test_accuracy"])
    assert result["test_after"] > result["test_before"] - 0.05, "MNIST's digits are not forgotten"
    assert result["held_back_after"] == result["taught_after"] == 1.0
    taught, held_back = teaching.digits_of(run)
    assert (len(taught.labels), len(held_back.labels)) == (12, 4)


def test_a_quarter_of_the_training_images_are_the_visitors_own(small, mine):
    mixed = teaching.mixed(small.train, mine)
    assert (len(mixed.labels) - 1200) / len(mixed.labels) == pytest.approx(0.25, abs=0.01)
    assert np.array_equal(mixed.images[-16:], mine.images)
    assert len(teaching.mixed(small.train, Split(mine.images[:1], mine.labels[:1])).labels) == 1600


def test_too_few_digits_and_a_run_without_a_model_are_refused_in_words(store, mine):
    with pytest.raises(ValueError, match="Draw 7 more"):
        teaching.lesson(store.get("starter"), Split(mine.images[:3], mine.labels[:3]))
    with pytest.raises(ValueError, match="no model to start from"):
        teaching.lesson(store.create(RECIPES["softmax"]), mine)
