"""Pictures of each kind that people upload, read by the starter."""

import pytest
from PIL import Image

from mnist_core.home import home
from mnist_core.preprocessing.found import Found
from mnist_core.preprocessing.photo import find_in_picture, in_boxes
from mnist_core.preprocessing.preprocess import DrawingError
from mnist_core.runs.answers import answers_of
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.store import STARTER, RunStore
from tests.pictures import KINDS, sheet_of_marks, tight


@pytest.fixture(scope="module")
def starter() -> Classifier:
    return Classifier.load(RunStore(home()).get(STARTER))


def text_of(found: Found, model: Classifier) -> str:
    texts = iter(answer.text for answer in answers_of(model, [digit.image() for digit in found.digits], True))
    return "/".join("".join(next(texts) for _ in row) for row in found.rows)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_picture_is_read(kind, starter):
    picture, right = KINDS[kind]
    assert text_of(find_in_picture(picture.copy(), starter.probabilities), starter) == right


def test_removed_lines_are_reported_and_nothing_is_removed_from_a_bare_digit(starter):
    picture, _ = KINDS["ruled paper"]
    found = find_in_picture(picture.copy(), starter.probabilities)
    assert 0.01 < found.taken.mean() < 0.1 and found.taken.shape == found.whole.shape[:2]
    for sign in "12457":
        assert not find_in_picture(tight(sign, 8), starter.probabilities).taken.any()


def test_a_picture_is_turned_as_it_is_told_and_says_when_it_turned_itself(starter):
    picture, _ = KINDS["lying on its side"]
    found = find_in_picture(picture.copy(), starter.probabilities)
    assert found.turned == 3 and text_of(found, starter) == "837"
    assert found.whole.shape[:2] == found.taken.shape == found.ink.shape == picture.size, "all as it was read"
    upright = find_in_picture(picture.copy(), starter.probabilities, turn=3)
    assert upright.turned == 0 and text_of(upright, starter) == "837"
    assert text_of(find_in_picture(picture.copy(), starter.probabilities, turn=0), starter) != "837"


def test_a_box_beside_the_paper_is_searched_for_ink_on_its_own(starter):
    desk = Image.new("RGB", (1000, 400), (120, 80, 50))
    for sign, x in (("7", 60), ("3", 640)):
        desk.paste("white", (x, 50, x + 300, 350))
        desk.paste(tight(sign, 12).convert("RGB").resize((100, 200)), (x + 100, 100))
    found = in_boxes(
        find_in_picture(desk, starter.probabilities), [(0.1, 0.2, 0.3, 0.8), (0.68, 0.2, 0.88, 0.8)]
    )
    assert text_of(found, starter) == "73"


def test_boxes_drawn_by_hand_are_read_row_by_row_and_an_empty_one_is_left_out(starter):
    picture, _ = KINDS["two rows"]
    found = find_in_picture(picture.copy(), starter.probabilities)
    boxes = [digit.box for digit in found.digits]
    again = in_boxes(found, [*boxes[:1:-1], (0.9, 0.0, 1.0, 0.1)])
    assert text_of(again, starter) == "3/456"


def test_a_page_of_marks_is_said_to_be_too_many():
    with pytest.raises(DrawingError, match=r"There are \d+ marks, and at most 30"):
        find_in_picture(sheet_of_marks())
