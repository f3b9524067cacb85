"""The Draw page's answer in words."""

import pytest

from mnist_core.runs.answers import Answer
from pages.components.answer.answer import _lines, _of_one, _of_several, _size


def answer(
    digit: int, probability: float, second: int | None = None, next_: float = 0.0, is_digit=True
) -> Answer:
    return Answer(digit, probability, second, next_, is_digit)


@pytest.mark.parametrize(
    ("said", "big", "small"),
    [
        (answer(8, 0.97), "8", "97.0% sure"),
        (answer(1, 0.9, 7, 0.08), "1", "90.0% sure · or 7? 8.0%"),
        (
            answer(1, 0.51, 7, 0.47),
            "1|7",
            "1 (51.0%) or 7 (47.0%): some people write these two digits the same way.",
        ),
        (
            answer(8, 0.3, is_digit=False),
            "?",
            "This does not look like a digit. If it is one, it is most likely 8 (30.0%).",
        ),
    ],
)
def test_of_one_digit(said, big, small):
    assert _of_one(said) == (big, small)


def test_two_digits_that_it_may_be_are_as_large_as_one():
    assert _size("1") == _size("12") > _size("1|7") > 0.9 * _size("1")
    assert _size("123456") < _size("123")


def test_with_several_digits_the_least_certain_is_named():
    several = [answer(4, 0.99), answer(2, 0.7, 3, 0.2)]
    assert _of_several(several) == "2 digits; the least certain is the 2: 70.0% · or 3?"
    assert (
        _of_several([*several, answer(1, 0.2, is_digit=False)])
        == "A question mark stands for something that does not look like a digit."
    )


def test_the_digits_stand_in_their_rows():
    assert _lines(list("123456"), [3, 1, 2]) == ["123", "4", "56"]
    assert _lines(list("12"), []) == ["12"]
