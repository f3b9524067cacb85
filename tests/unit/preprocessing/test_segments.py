import pytest
from PIL import Image, ImageDraw

from mnist_core.preprocessing.photo import find_in_picture
from mnist_core.preprocessing.preprocess import DrawingError, from_strokes
from mnist_core.preprocessing.segments import digits_of
from tests.unit.strokes import EIGHT, FIVE, ONE, SEVEN, likeness, moved


@pytest.mark.parametrize("gap", [12, 60])
def test_several_digits_are_taken_apart_in_the_order_of_reading(gap):
    five, seven, eight = FIVE, moved(SEVEN, x=70 + gap), moved(EIGHT, x=120 + 2 * gap)
    strokes = [eight[0], five[1], seven[0], five[0]]
    (found,) = digits_of(strokes)
    assert [len(digit) for digit in found] == [2, 1, 1]
    for digit, alone in zip(found, (FIVE, SEVEN, EIGHT)):
        assert likeness(from_strokes(digit), from_strokes(alone)) > 0.99


def test_a_stray_dot_is_a_part_of_its_neighbour_and_not_a_digit_of_its_own():
    (row,) = digits_of([*SEVEN, [(200, 50)], [(-90, 10), (-88, 12)]])
    assert [len(digit) for digit in row] == [3]
    assert digits_of([]) == [] and [len(row) for row in digits_of([[(5, 5)]])] == [1]


def test_digits_below_each_other_are_rows_and_read_line_by_line():
    strokes = [stroke for y in (130, 0) for x in (150, 0) for stroke in moved(FIVE, x=x + y / 5, y=y)]
    strokes += moved(ONE, x=290, y=20)
    upper, lower = digits_of(strokes)
    assert [len(digit) for digit in upper] == [2, 2, 1] and [len(digit) for digit in lower] == [2, 2]


def test_digits_that_share_columns_and_do_not_touch_are_two():
    (row,) = digits_of([*SEVEN, *moved(EIGHT, x=32, y=30)])
    assert [len(digit) for digit in row] == [1, 1]


def test_more_digits_than_one_reads_are_refused_in_words():
    with pytest.raises(DrawingError, match="40 marks, and at most 30"):
        digits_of([[(50 * i, 0), (50 * i, 100)] for i in range(40)])
    with pytest.raises(DrawingError, match="marks, and at most 30"):
        bars = Image.new("L", (1300, 200), 255)
        for x in range(20, 1280, 40):
            ImageDraw.Draw(bars).line([(x, 40), (x, 160)], fill=0, width=8)
        find_in_picture(bars)
    with pytest.raises(DrawingError, match="301 strokes, and at most 300"):
        digits_of([*ONE, *[[(5 * i, 5)] for i in range(300)]])
