import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from mnist_core.evaluation.calibration import calibration_error, not_sure, reliability
from mnist_core.evaluation.evaluation import Evaluation


def answers(confidences: np.ndarray, right: np.ndarray) -> Evaluation:
    """Predictions of 0 with these confidences, right or wrong."""
    rest = (1 - confidences[:, None]) / 9
    probabilities = np.concatenate([confidences[:, None], np.repeat(rest, 9, axis=1)], axis=1)
    return Evaluation(probabilities.astype(np.float32), np.where(right, 0, 1).astype(np.uint8))


@pytest.fixture
def random() -> Evaluation:
    rng = np.random.default_rng(0)
    confidences = rng.uniform(0.3, 1, 2000)
    return answers(confidences, rng.uniform(size=2000) < confidences**2)


def test_the_bins_are_scikit_learns(random):
    rows = reliability(random)
    right = random.predictions == random.labels
    accuracies, confidences = calibration_curve(right, random.confidences, n_bins=10)
    assert rows.accuracy.to_numpy() == pytest.approx(accuracies, abs=0.005)
    assert rows.confidence.to_numpy() == pytest.approx(confidences, abs=0.005)
    assert rows.number.sum() == 2000 and rows.errors.sum() == random.num_errors


def test_a_model_that_is_right_as_often_as_it_is_sure_has_hardly_an_error():
    rng = np.random.default_rng(1)
    confidences = rng.uniform(0.2, 1, 50_000)
    honest = answers(confidences, rng.uniform(size=50_000) < confidences)
    assert calibration_error(honest) < 0.01
    boaster = answers(np.full(1000, 0.95), np.arange(1000) % 2 == 0)
    assert calibration_error(boaster) == pytest.approx(0.45, abs=1e-6)


def test_not_sure_counts_every_image_once(random):
    for threshold in (0.0, 0.5, 0.9, 1.0):
        then = not_sure(random, threshold)
        assert then.right + then.wrong + then.spared + then.lost == 2000
    everything, nothing = not_sure(random, 0.0), not_sure(random, 1.1)
    assert (everything.wrong, everything.spared, everything.lost) == (random.num_errors, 0, 0)
    assert nothing.spared == random.num_errors and nothing.accuracy == 1
    assert not_sure(random, 0.9).accuracy > not_sure(random, 0.5).accuracy
