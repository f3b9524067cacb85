import pytest
from PIL import Image, ImageDraw

from mnist_core.preprocessing.photo import find_in_picture
from mnist_core.preprocessing.preprocess import DrawingError, from_strokes
from mnist_core.preprocessing.segments import digits_of
from tests.unit.strokes import EIGHT, FIVE, SEVEN, likeness, moved


@pytest.mark.parametrize("gap", [12, 60])
def test_several_digits_are_taken_apart_in_the_order_of_reading(gap):
    five, seven, eight = FIVE, moved(SEVEN, x=70 + gap), moved(EIGHT, x=120 + 2 * gap)
    strokes = [eight[0], five[1], seven[0], five[0]]
    found = digits_of(strokes)
    assert [len(digit) for digit in found] == [2, 1, 1]
    for digit, alone in zip(found, (FIVE, SEVEN, EIGHT)):
        assert likeness(from_strokes(digit), from_strokes(alone)) > 0.99


def test_a_stray_dot_is_a_part_of_its_neighbour_and_not_a_digit_of_its_own():
    assert [len(digit) for digit in digits_of([*SEVEN, [(200, 50)], [(-90, 10), (-88, 12)]])] == [3]
    assert digits_of([]) == [] and len(digits_of([[(5, 5)]])) == 1


def test_more_digits_than_one_reads_are_refused_in_words():
    with pytest.raises(DrawingError, match="at most 12"):
        digits_of([[(50 * i, 0), (50 * i, 100)] for i in range(40)])
    with pytest.raises(DrawingError, match="at most 12"):
        bars = Image.new("L", (900, 200), 255)
        for x in range(20, 880, 40):
            ImageDraw.Draw(bars).line([(x, 40), (x, 160)], fill=0, width=8)
        find_in_picture(bars)
