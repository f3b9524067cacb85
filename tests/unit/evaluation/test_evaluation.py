import numpy as np
import pytest
from sklearn import metrics

from mnist_core.evaluation.evaluation import ORDERS, Evaluation


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


def test_the_measures_are_scikit_learns(evaluation):
    labels, predictions = evaluation.labels, evaluation.predictions
    assert evaluation.accuracy == metrics.accuracy_score(labels, predictions)
    assert evaluation.loss == pytest.approx(metrics.log_loss(labels, evaluation.probabilities), rel=1e-5)
    assert np.array_equal(evaluation.confusion_matrix, metrics.confusion_matrix(labels, predictions))
    rows = evaluation.per_digit()
    theirs = metrics.precision_recall_fscore_support(labels, predictions)
    for name, values in zip(("precision", "recall", "f1", "support"), theirs):
        assert rows[name].to_numpy() == pytest.approx(values)
    # [[true negatives, false positives], [false negatives, true positives]] of each digit
    counts = metrics.multilabel_confusion_matrix(labels, predictions)
    assert np.array_equal(rows.false_positives, counts[:, 0, 1])
    assert np.array_equal(rows.false_negatives, counts[:, 1, 0])
    assert np.array_equal(rows.true_positives, counts[:, 1, 1])


def test_a_digit_that_never_occurs_has_zeros_and_no_division_by_zero():
    rows = Evaluation(np.eye(10, dtype=np.float32)[[1, 2]], np.array([1, 3], np.uint8)).per_digit()
    assert rows.loc[7, ["precision", "recall", "f1", "support"]].tolist() == [0, 0, 0, 0]
    assert rows.loc[3, ["precision", "recall"]].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("right", "number", "low", "high"),
    # Wilson's interval by hand: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)
    [(9964, 10_000, 0.995020, 0.997398), (5, 10, 0.236593, 0.763407), (10, 10, 0.722467, 1.0)],
)
def test_the_interval_is_wilsons(right, number, low, high):
    answers = Evaluation(
        np.eye(10, dtype=np.float32)[[0] * right + [1] * (number - right)], np.zeros(number, np.uint8)
    )
    assert answers.interval == pytest.approx((low, high), abs=2e-6)


def test_the_pairs_that_are_confused_stand_in_order_and_are_all_errors(evaluation):
    pairs = evaluation.confused_pairs()
    counts = [count for _, _, count in pairs]
    assert counts == sorted(counts, reverse=True) and sum(counts) == evaluation.num_errors
    assert all(evaluation.confusion_matrix[true, predicted] == count for true, predicted, count in pairs)
    assert not any(true == predicted for true, predicted, _ in pairs)


def test_the_images_are_filtered_and_ordered(evaluation):
    errors = evaluation.select()
    assert len(errors) == evaluation.num_errors
    assert (np.diff(evaluation.losses[errors]) <= 0).all()
    assert (np.diff(evaluation.confidences[evaluation.select(order="confidence")]) <= 0).all()
    assert (np.diff(evaluation.margins[evaluation.select(order="margin")]) >= 0).all()
    assert (np.diff(evaluation.select(order="index")) > 0).all()
    true, predicted = int(evaluation.labels[errors[0]]), int(evaluation.predictions[errors[0]])
    some = evaluation.select((evaluation.labels == true) & (evaluation.predictions == predicted))
    assert len(some) == evaluation.confusion_matrix[true, predicted] and errors[0] == some[0]
    threes = (evaluation.labels == 3) & (evaluation.predictions == 3)
    assert len(evaluation.select(threes)) == 0
    assert len(evaluation.select(threes, only_errors=False)) == evaluation.confusion_matrix[3, 3]


def test_filters_by_confidence_and_by_a_choice_meet(evaluation):
    found = evaluation.select(only_errors=False, confidence=(0.4, 0.6), among=np.arange(500) < 250)
    assert len(found) and found.max() < 250
    assert ((evaluation.confidences[found] >= 0.4) & (evaluation.confidences[found] <= 0.6)).all()
    assert len(evaluation.select(np.zeros(500, bool))) == 0


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_shows_every_image(evaluation, order):
    assert sorted(evaluation.select(only_errors=False, order=order)) == list(range(500))


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
