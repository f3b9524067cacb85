import numpy as np
import pytest

from mnist_core.evaluation import Evaluation


@pytest.fixture
def evaluation() -> Evaluation:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 500).astype(np.uint8)
    scores = rng.normal(size=(500, 10)) + 3 * np.eye(10)[labels]
    exp = np.exp(scores)
    return Evaluation((exp / exp.sum(1, keepdims=True)).astype(np.float32), labels)


def test_it_goes_through_its_file_and_back(evaluation, tmp_path):
    evaluation.save(tmp_path / "evaluation.npz")
    loaded = Evaluation.load(tmp_path / "evaluation.npz")
    assert np.array_equal(loaded.probabilities, evaluation.probabilities)
    assert np.array_equal(loaded.labels, evaluation.labels)
    assert [path.name for path in tmp_path.iterdir()] == ["evaluation.npz"]


def test_the_measures_are_those_of_counting_one_by_one(evaluation):
    pairs = list(zip(evaluation.labels.tolist(), evaluation.predictions.tolist()))
    assert evaluation.accuracy == sum(t == p for t, p in pairs) / len(pairs)
    for true in range(10):
        for predicted in range(10):
            assert evaluation.confusion_matrix[true, predicted] == pairs.count((true, predicted))
    for row in evaluation.per_digit():
        digit = row["digit"]
        hits = pairs.count((digit, digit))
        precision, recall = hits / sum(p == digit for _, p in pairs), hits / sum(t == digit for t, _ in pairs)
        assert row["precision"] == pytest.approx(precision) and row["recall"] == pytest.approx(recall)
        assert row["f1"] == pytest.approx(2 * precision * recall / (precision + recall))
        assert row["support"] == sum(t == digit for t, _ in pairs)


def test_the_errors_are_filtered_and_the_worst_come_first(evaluation):
    errors = evaluation.errors()
    assert len(errors) == 500 - np.trace(evaluation.confusion_matrix)
    assert (np.diff(evaluation.losses[errors]) <= 0).all()
    assert (np.diff(evaluation.confidences[evaluation.errors(order="confidence")]) <= 0).all()
    assert (np.diff(evaluation.errors(order="index")) > 0).all()
    true, predicted = evaluation.labels[errors[0]], evaluation.predictions[errors[0]]
    some = evaluation.errors(int(true), int(predicted))
    assert len(some) == evaluation.confusion_matrix[true, predicted] and errors[0] == some[0]
    assert len(evaluation.errors(3, 3)) == 0


def test_the_loss_is_limited_where_the_true_digit_had_no_probability():
    sure = Evaluation(np.eye(10, dtype=np.float32)[[1, 2]], np.array([1, 3], np.uint8))
    assert sure.losses.tolist() == pytest.approx([0.0, 16.118], abs=1e-3)


@pytest.mark.parametrize("content", [None, b"", b"no archive"])
def test_a_missing_or_damaged_file_is_said_in_words(tmp_path, content):
    path = tmp_path / "evaluation.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match="train the recipe again"):
        Evaluation.load(path)


def test_a_file_of_another_shape_is_said_in_words(tmp_path):
    np.savez(tmp_path / "evaluation.npz", probabilities=np.zeros((3, 9)), labels=np.zeros(3))
    with pytest.raises(ValueError, match=r"shape \(3, 9\)"):
        Evaluation.load(tmp_path / "evaluation.npz")
