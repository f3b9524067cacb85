import numpy as np
import pytest

from mnist_core.data.browse import ORDERS, Browse
from mnist_core.data.prototypes import distances, mean_images


@pytest.fixture
def test_split(small):
    return small.test


def test_the_first_fifteen_come_first(test_split):
    assert Browse().indices(test_split, np.zeros(300)).tolist() == list(range(15))


@pytest.mark.parametrize("order", ORDERS)
def test_a_digit_is_shown_alone_and_whole_in_every_order(test_split, order):
    found = Browse(digit=4, order=order, count=200).indices(test_split, np.arange(300.0))
    assert sorted(found) == np.flatnonzero(test_split.labels == 4).tolist()


def test_random_images_are_the_same_for_the_same_seed(test_split):
    first, again, other = (
        Browse(order="random", seed=seed).indices(test_split, np.zeros(300)).tolist() for seed in (1, 1, 2)
    )
    assert first == again != other


def test_beyond_the_end_the_last_one_is_shown(test_split):
    assert Browse(start=59_999).indices(test_split, np.zeros(300)).tolist() == [299]


def test_means_and_distances_equal_those_computed_image_by_image(test_split):
    means = mean_images(test_split)
    fours = test_split.images[test_split.labels == 4].astype(float)
    assert means[4] == pytest.approx(fours.mean(0), abs=1e-3)
    far = distances(test_split, means)
    expected = [np.sqrt(((image - fours.mean(0)) ** 2).mean()) for image in fours]
    assert far[test_split.labels == 4] == pytest.approx(expected, rel=1e-4)
