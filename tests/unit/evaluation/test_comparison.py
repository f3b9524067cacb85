import numpy as np
import pytest
from scipy.stats import binomtest

from mnist_core.evaluation.comparison import Comparison
from mnist_core.evaluation.evaluation import Evaluation


def answers(right: list[bool]) -> Evaluation:
    """Images of 3, read as 3 if right, otherwise as 5."""
    predicted = np.where(right, 3, 5)
    return Evaluation(np.eye(10, dtype=np.float32)[predicted], np.full(len(right), 3, np.uint8))


def compare(fixed: int, brought: int, both_wrong: int = 4, both_right: int = 30) -> Comparison:
    first = [False] * fixed + [True] * brought + [False] * both_wrong + [True] * both_right
    second = [True] * fixed + [False] * brought + [False] * both_wrong + [True] * both_right
    return Comparison(answers(first), answers(second))


def test_each_image_is_in_one_of_the_four_cells():
    found = compare(fixed=2, brought=3)
    assert found.fixed.tolist() == [0, 1] and found.brought.tolist() == [2, 3, 4]
    assert found.both_wrong.tolist() == [5, 6, 7, 8] and found.num_both_right == 30


@pytest.mark.parametrize(
    ("fixed", "brought"), [(0, 0), (1, 0), (3, 12), (12, 3), (7, 7), (40, 61), (900, 1000), (4700, 4900)]
)
def test_the_chance_equals_that_of_the_exact_binomial_test(fixed, brought):
    expected = binomtest(fixed, fixed + brought, 0.5).pvalue if fixed + brought else 1.0
    assert compare(fixed, brought).chance() == pytest.approx(expected, rel=1e-8)


def test_runs_on_other_images_do_not_compare():
    with pytest.raises(ValueError, match="tested on different images"):
        Comparison(answers([True]), answers([True, False]))
