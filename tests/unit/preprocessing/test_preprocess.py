import numpy as np
import pytest

from mnist_core.preprocessing.preprocess import DrawingError, Steps, from_strokes
from tests.unit.strokes import SEVEN, moved


def centre(images):
    """The mean centre of mass of images (n, 28, 28): column and row, counted from 0."""
    mass = images.sum((1, 2))
    return [((images.sum(axis) * np.arange(28)).sum(1) / mass).mean() for axis in (1, 2)]


def test_mnists_own_images_have_the_centre_that_drawings_are_given(mnist):
    assert np.allclose(centre(mnist.test.images.astype(float)), 14, atol=0.05)


def test_the_image_has_mnists_size_box_and_centre():
    image = from_strokes(SEVEN)
    assert image.shape == (28, 28) and image.dtype == np.uint8 and image.max() == 255
    rows = np.nonzero(image)[0]
    assert rows.max() - rows.min() + 1 in (20, 21)
    assert np.allclose(centre(image[None]), 14, atol=0.15)
    assert len(np.unique(image)) > 20, "grey levels are kept"


@pytest.mark.parametrize(("scale", "x", "y"), [(0.2, 3, 250), (3, -5, 0), (1000, 1e6, -1e6), (1e-3, 0, 0)])
def test_size_and_place_do_not_matter(scale, x, y):
    difference = from_strokes(moved(SEVEN, scale, x, y)).astype(int) - from_strokes(SEVEN)
    assert np.abs(difference).max() <= 40 and np.abs(difference).mean() < 0.5


@pytest.mark.parametrize("empty", [[], [[]], [[], []]])
def test_no_strokes_are_no_image(empty):
    assert from_strokes(empty) is None


@pytest.mark.parametrize(
    "strokes",
    [
        [[(5, 5)]],
        [[(5, 5), (5, 5)]],
        [[(0, 0), (0, 100)]],
        [[(0, 0), (1000, 1)]],
        [[(i * 0.01, (i * 7) % 13) for i in range(10_000)]],
    ],
    ids=["tap", "tap twice", "straight line", "very wide", "ten thousand points"],
)
def test_odd_strokes_give_an_image_inside_the_frame(strokes):
    image = from_strokes(strokes)
    assert image.shape == (28, 28) and image.max() > 100
    assert not image[0].any() and not image[:, 0].any() and not image[-1].any() and not image[:, -1].any()


@pytest.mark.parametrize(
    "strokes",
    [
        [[(float("nan"), 0)]],
        [[(0, float("inf"))]],
        [[(1e300, 0), (0, 0)]],
        [["ab"]],
        [[(1, 2, 3)]],
        [[(1, 2, 3), (4, 5, 6)]],
        5,
        [[(0, 0)] * 20_001],
    ],
)
def test_strokes_that_cannot_be_drawn_are_refused_in_words(strokes):
    with pytest.raises(DrawingError, match=r"stroke|drawing"):
        from_strokes(strokes)


def test_without_a_step_size_brush_or_place_show_again():
    whole = from_strokes(moved(SEVEN, 2, 40, 40))
    small, thick = moved(SEVEN, 0.6, 180, 200), 60
    assert np.array_equal(from_strokes(small, Steps(), thick), from_strokes(small))
    unscaled = from_strokes(small, Steps(scale=False))
    assert np.ptp(np.nonzero(unscaled)[0]) < 10 < np.ptp(np.nonzero(whole)[0])
    assert (from_strokes(small, Steps(pen=False), thick) > 128).sum() > 2 * (whole > 128).sum()
    uncentred = from_strokes(small, Steps(scale=False, centre=False))
    assert np.nonzero(uncentred)[0].min() >= 18, "it stands where it was drawn"
    assert from_strokes(moved(SEVEN, 30, -900, 5000), Steps(False, False, False)).shape == (28, 28)
