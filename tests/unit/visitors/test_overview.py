"""A class in tables."""

import csv
import io

import numpy as np
import pytest

from mnist_core.data.my_digits import EverybodysDigits, MyDigits
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.snapshot import snapshots_of
from mnist_core.visitors import overview
from mnist_core.visitors.register import Register

ADA, BO = "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"


@pytest.fixture
def register(store):
    made = Register(store.home)
    for id_ in (ADA, BO):
        made.saw(id_)
    made.rename(ADA, "Ada")
    for owner in (ADA, ADA, ""):
        store.create(RECIPES["softmax"], owner=owner)
    for label, owner in ((3, ADA), (4, ADA), (5, "")):
        MyDigits(store.home, owner).add(label, np.full((28, 28), label, np.uint8))
    return made


def test_visitors_are_listed_with_what_is_kept_of_them(store, register):
    rows = {row["visitor"]: row for row in overview.visitors(store, register)}
    assert set(rows) == {ADA, BO} and rows[ADA]["here"]
    assert [rows[ADA][name] for name in ("name", "runs", "digits")] == ["Ada", 2, 2]
    assert [rows[BO][name] for name in ("name", "runs", "digits")] == ["", 0, 0]


def test_runs_are_listed_with_their_owner(store, register):
    rows = overview.runs(snapshots_of(store).all, register)
    assert [row["visitor_name"] for row in rows] == ["", "Ada", "Ada"]
    assert {"run", "visitor", "name", "state", "test_accuracy", "seconds", "parameters"} <= set(rows[0])


def test_digits_are_listed_with_what_each_model_reads(store, register):
    everybodys = EverybodysDigits(store.home)
    read = {"starter": np.array([3, 9, 5]), "other": np.array([0, 0, 0])}
    rows = overview.digits(everybodys, register, read)
    assert [(row["visitor_name"], row["label"], row["starter"], row["other"]) for row in rows] == [
        ("Ada", 3, 3, 0),
        ("Ada", 4, 9, 0),
        ("", 5, 5, 0),
    ]


def test_the_csv_is_read_back_and_no_name_in_it_is_a_formula(register):
    rows = [{"name": name, "runs": 3} for name in ('Ada, "Bo"\n', "=1+1", "+x", "-x", "@x", "日本", "")]
    back = list(csv.DictReader(io.StringIO(overview.as_csv(rows), newline="")))
    assert [row["name"] for row in back] == ['Ada, "Bo"\n', "'=1+1", "'+x", "'-x", "'@x", "日本", ""]
    assert overview.as_csv([]) == ""
