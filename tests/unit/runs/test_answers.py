"""The answer to an image."""

import numpy as np
import pytest

from mnist_core.runs.answers import SURE_ENOUGH, answer_of


def probabilities(**of: float) -> np.ndarray:
    made = np.full(10, (1 - sum(of.values())) / (10 - len(of)), np.float32)
    for name, probability in of.items():
        made[int(name[1:])] = probability
    return made


def test_a_clear_digit_is_one_and_offers_no_second():
    answer = answer_of(probabilities(d7=0.97), knows_others=True)
    assert (answer.text, answer.second, answer.is_doubtful) == ("7", None, False)
    assert answer.probability == pytest.approx(0.97)


def test_where_two_are_likely_both_are_named_and_it_is_a_digit_all_the_same():
    answer = answer_of(probabilities(d1=0.49, d7=0.47), knows_others=True)
    assert (answer.digit, answer.second, answer.is_digit, answer.is_doubtful) == (1, 7, True, True)
    slight = answer_of(probabilities(d1=0.9, d7=0.08), knows_others=True)
    assert slight.second == 7 and not slight.is_doubtful


def test_only_a_model_that_learnt_what_is_no_digit_says_so():
    unsure = probabilities(d3=SURE_ENOUGH / 2)
    assert answer_of(unsure, knows_others=True).text == "?"
    assert answer_of(unsure, knows_others=False).text == "3"
