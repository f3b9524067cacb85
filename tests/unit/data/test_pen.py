"""Pen digits, in files made by the tests."""

import gzip
import json

import numpy as np
import pytest

from mnist_core.data.mnist import DataError
from mnist_core.data.pen import as_images, read_pen
from mnist_core.preprocessing.preprocess import from_strokes
from tests.unit.strokes import FOUR, ONE, SEVEN


def write(folder, name, entries) -> None:
    folder.mkdir(exist_ok=True)
    with gzip.open(folder / f"{name}.json.gz", "wt") as file:
        json.dump(entries, file)


def entries(source, writers=10):
    kinds = ((1, ONE), (4, FOUR), (7, SEVEN))
    return [
        {"label": label, "writer": f"w{n}", "source": source, "strokes": strokes}
        for n in range(writers)
        for label, strokes in kinds
    ]


def test_a_fifth_of_each_files_writers_is_held_out_and_always_the_same(tmp_path):
    write(tmp_path / "pen", "a", entries("a"))
    write(tmp_path / "pen", "b", entries("b", 5)[::-1])
    digits = read_pen(tmp_path / "pen")
    assert len(digits) == 45
    for source, number in (("a", 2), ("b", 1)):
        of = [digit for digit in digits if digit.source == source]
        held_out = {digit.writer for digit in of if digit.is_held_out}
        assert len(held_out) == number
        assert {digit.writer for digit in of if not digit.is_held_out}.isdisjoint(held_out)
    assert [digit.is_held_out for digit in read_pen(tmp_path / "pen")] == [
        digit.is_held_out for digit in digits
    ]


def test_they_are_prepared_as_a_drawing_is(tmp_path):
    write(tmp_path / "pen", "a", entries("a", 1))
    images, labels = as_images(read_pen(tmp_path / "pen"))
    assert labels.tolist() == [1, 4, 7] and np.array_equal(images[2], from_strokes(SEVEN))


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": 1},
        [{"label": 11, "writer": "a", "source": "a", "strokes": [[[0, 0]]]}],
        [{"label": 1, "writer": "a", "source": "a", "strokes": [[[0, 0, 0]]]}],
        [{"label": 1}],
        [1],
        "x",
    ],
)
def test_a_file_of_another_form_is_named(tmp_path, wrong):
    write(tmp_path / "pen", "a", wrong)
    with pytest.raises(DataError, match="is not a file of pen digits"):
        read_pen(tmp_path / "pen")


def test_a_folder_without_any_is_named(tmp_path):
    with pytest.raises(DataError, match=r"holds no \*.json.gz"):
        read_pen(tmp_path)
