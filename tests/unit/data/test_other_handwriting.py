from dataclasses import replace

import numpy as np
import pytest

from mnist_core.data import other_handwriting
from mnist_core.data.mnist import Split
from mnist_core.data.other_handwriting import NOT_A_DIGIT, as_people_write
from mnist_core.recipes.table import RECIPES
from mnist_core.training import inference, loop


def test_some_digits_get_other_forms_and_some_images_are_not_digits(small):
    made = as_people_write(small.train, 0)
    count = len(small.train.labels)
    assert np.array_equal(made.labels[:count], small.train.labels)
    assert (made.labels[count:] == NOT_A_DIGIT).all() and len(made.labels) - count == round(
        count * other_handwriting.OTHERS
    )
    changed = (made.images[:count] != small.train.images).any((1, 2))
    for digit in range(10):
        share = changed[small.train.labels == digit].mean()
        wanted = other_handwriting.WRITTEN_ANEW.get(digit, 0)
        wanted += other_handwriting.WITH_LINES if digit in (0, 1, 7) else 0
        assert share == pytest.approx(wanted, abs=0.12) if wanted else share == 0
    assert made.images.dtype == np.uint8 and (made.images.max((1, 2)) > 128).all()
    assert np.array_equal(made.images, as_people_write(small.train, 0).images)
    assert not np.array_equal(made.images, as_people_write(small.train, 1).images)


def test_what_was_drawn_is_kept_and_a_spoilt_file_is_drawn_anew(small, tmp_path):
    first = as_people_write(small.train, 0, tmp_path / "other_handwriting")
    (path,) = (tmp_path / "other_handwriting").iterdir()
    assert np.array_equal(as_people_write(small.train, 0, tmp_path / "other_handwriting").images, first.images)
    path.write_bytes(b"spoilt")
    assert np.array_equal(as_people_write(small.train, 0, tmp_path / "other_handwriting").images, first.images)


def test_a_slash_crosses_the_middle_of_a_zero_and_the_image_is_prepared_anew():
    ring = np.zeros((28, 28), np.uint8)
    y, x = np.indices((28, 28)) - 14
    ring[abs(np.hypot(y, x) - 8) < 1.5] = 255
    for seed in range(5):
        image = other_handwriting._with_lines(ring, other_handwriting._slash, np.random.default_rng(seed))
        assert ring[14, 14] == 0 and image[12:17, 12:17].max() > 128
        rows, columns = np.nonzero(image > 64)
        assert 18 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 22
    empty = np.zeros((28, 28), np.uint8)
    assert not other_handwriting._with_lines(empty, other_handwriting._slash, np.random.default_rng(0)).any()


def test_training_on_images_of_other_things_makes_a_model_unsure_of_them(mnist):
    train = Split(mnist.train.images[:6000], mnist.train.labels[:6000])
    others = np.stack([other_handwriting.no_digit(np.random.default_rng(i)) for i in range(10_000, 10_200)])
    sure = {}
    for with_it in (False, True):
        recipe = replace(RECIPES["fast"], other_handwriting=with_it, epochs=4)
        rows = []
        model = loop.fit(recipe, train, None, rows.append)
        assert rows[-1]["accuracy"] > 0.9
        sure[with_it] = (inference.predict(model, others).max(1) > 0.5).mean()
    assert sure[True] < sure[False] / 2
