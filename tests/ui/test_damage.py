"""Damage is said on the pages, in words, and everything else goes on."""

import numpy as np
import pytest

from mnist_core.data import sources
from mnist_core.data.my_digits import MyDigits
from mnist_core.recipes.table import RECIPES
from mnist_core.trash import Trash
from tests.ui.conftest import ended_run, open_page, words


@pytest.mark.parametrize("name", ["draw", "gallery", "train"])
def test_a_run_whose_recipe_is_damaged_is_named_on_each_page_that_lists_runs(store, name):
    test = sources.load().test
    ended_run(store, np.eye(10)[test.labels], test.labels)
    run = store.create(RECIPES["mlp"])
    (run.folder / "recipe.json").write_text("{")
    assert f"Run {run.id} has no readable recipe" in words(open_page(name)).replace("\\", "")


@pytest.mark.parametrize("name", ["draw", "mine", "learn", "train", "sweep", "gallery", "data"])
def test_a_later_versions_files_are_refused_on_each_page_and_nothing_is_written(home, name):
    (home / "version").write_text("2\n")
    before = sorted(home.rglob("*"))
    app = open_page(name)
    assert "A later version of MNIST Studio" in words(app) and "Update the app" in words(app)
    assert sorted(home.rglob("*")) == before


def test_a_model_that_was_changed_is_said_where_its_errors_are_shown(store):
    test = sources.load().test
    run = ended_run(store, np.eye(10)[test.labels], test.labels)
    run.complete(run.result)
    run.evaluation_path.write_bytes(run.evaluation_path.read_bytes()[:-7])
    shown = words(open_page("gallery", chosen_run=run.id)).replace("\\", "")
    assert f"evaluation.npz of run {run.id} was changed" in shown


def test_a_deleted_digit_and_a_deleted_run_can_be_restored_on_their_pages(store, home):
    mine, run = MyDigits(home), store.create(RECIPES["mlp"])
    digit = mine.add(3, np.full((28, 28), 9, np.uint8))
    mine.delete(digit.id)
    store.delete(run)
    for page, kind in (("mine", "digit"), ("train", "run")):
        (item,) = Trash(home).list(kind)
        app = open_page(page)
        app.button(key=f"restore-{item.id}").click().run()
        assert not app.exception
    assert mine.ids() == [digit.id] and store.list() == [run]
