import base64
import zlib

import numpy as np
import pytest

from mnist_core.explain.attribution import occlusion
from mnist_core.explain.neighbours import Neighbours
from mnist_core.preprocessing.drawings import as_canvas, canvas_strokes, find_on_canvas, from_text, to_text
from mnist_core.preprocessing.preprocess import DrawingError

SEVEN = [[(80.2, 60), (180, 60), (115, 220)], [(90, 140), (170, 141)]]


def test_a_drawing_goes_into_a_link_and_comes_back_as_it_was():
    text = to_text(SEVEN)
    assert text.replace("-", "").replace("_", "").isalnum() and len(text) < 100
    assert from_text(text) == [[(80, 60), (180, 60), (115, 220)], [(90, 140), (170, 141)]]
    canvas = as_canvas(from_text(text))
    assert [list(map(tuple, stroke)) for stroke in canvas_strokes(canvas)] == from_text(text)
    assert len(find_on_canvas(canvas).digits) == 1
    assert to_text([]) and from_text(to_text([])) == []


def test_a_drawing_too_long_for_a_link_has_none():
    rng = np.random.default_rng(0)
    assert to_text([rng.integers(0, 280, (5000, 2))]) is None


def packed(text: str) -> str:
    return base64.urlsafe_b64encode(zlib.compress(text.encode())).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage!",
        "A" * 7000,
        to_text(SEVEN)[:-9],
        packed("[[1,2,3]]"),
        packed('{"a": 1}'),
        packed("[[NaN, 1]]"),
        packed("[[1e99, 1]]"),
        packed("[" * 100_000),
        packed("0" * 10_000_000),
    ],
    ids=lambda text: text[:12],
)
def test_a_link_with_garbage_is_refused_in_words(text):
    with pytest.raises(DrawingError, match="incomplete or was changed"):
        from_text(text)


class InkOnTheLeft:
    """A classifier that reads a 3 if there is ink in the upper left corner."""

    def probabilities(self, images):
        found = np.zeros((len(images), 10))
        found[:, 3] = images[:, :10, :10].mean((1, 2)) / 255
        return found


def test_occlusion_shows_which_ink_speaks_for_a_digit():
    image = np.zeros((28, 28), np.uint8)
    image[2:8, 2:8] = image[18:24, 18:24] = 255
    heat = occlusion(InkOnTheLeft(), image, 3)
    assert heat[4, 4] > 0.1 and abs(heat[20, 20]) < 1e-9 and abs(heat[4, 22]) < 1e-9


def test_the_nearest_images_come_first():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (6000, 28, 28), np.uint8)
    image = images[4321] // 8 * 8
    found = Neighbours(images).nearest(image, 5)
    assert found[0] == 4321 and len(set(found)) == 5
    assert len(Neighbours(images[:3]).nearest(image, 5)) == 3
