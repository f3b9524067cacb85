"""The measured spread of ten seeds."""

from itertools import pairwise

import pytest

from mnist_core.recipes.published import HISTORIES
from mnist_core.recipes.seeds import MEASURES, NUM_SEEDS, _read, num_better, spread
from mnist_core.recipes.table import RECIPES

TUNING = [name for name in RECIPES if name.startswith("tuning-")]


@pytest.mark.parametrize("name", TUNING)
def test_every_step_of_the_tuning_tutorial_has_a_spread_after_each_of_its_epochs(name):
    for measure in MEASURES:
        assert len(_read()["recipes"][name][measure]) == NUM_SEEDS
        found = spread(name, measure)
        assert [of.epoch for of in found] == list(HISTORIES[name].epoch)
        assert all(of.lowest <= of.median <= of.highest for of in found)


def test_what_was_not_measured_has_no_spread():
    assert spread("softmax", "val_accuracy") == [] == spread("tuning-a", "loss")


def test_what_is_said_of_every_seed_is_so():
    curves = {name[-1]: _read()["recipes"][name]["val_accuracy"] for name in TUNING}
    falls = {step: [any(b < a for a, b in pairwise(of)) for of in curves[step]] for step in "ab"}
    assert all(falls["a"]) and not any(falls["b"])
    ends = {step: [of[-1] for of in seeds] for step, seeds in curves.items()}
    assert min(ends["c"]) > max(ends["a"] + ends["b"]) and min(ends["e"]) > max(ends["c"])
    assert max(ends["d"]) < 0.12


def test_a_step_that_learns_nothing_is_never_better_and_relu_always_is():
    assert num_better("tuning-d", "tuning-c") == 0
    assert num_better("tuning-e", "tuning-c") == NUM_SEEDS
    assert 0 < num_better("tuning-b", "tuning-a") < NUM_SEEDS
