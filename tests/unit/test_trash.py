"""What was deleted can be restored for a day."""

import json
import os
import time

import numpy as np
import pytest

from mnist_core import trash as trash_room
from mnist_core.__main__ import main
from mnist_core.data.my_digits import MyDigits
from mnist_core.evaluation.judgements import Judgements
from mnist_core.recipes.table import RECIPES
from mnist_core.trash import Trash, TrashError


@pytest.fixture
def trash(home) -> Trash:
    return Trash(home)


def test_a_deleted_run_leaves_the_list_and_comes_back_as_it_was(store, trash):
    run = store.create(RECIPES["mlp"])
    (run.folder / "weights").mkdir()
    store.delete(run)
    assert store.list() == []
    (item,) = trash.list("run")
    assert (item.name, item.place) == (run.recipe.title, f"runs/{run.id}")
    trash.restore(item)
    assert store.list() == [run] and (run.folder / "weights").is_dir()
    assert trash.list() == [] and not list(trash.folder.iterdir())


def test_a_deleted_digit_comes_back_with_its_strokes_and_its_place(home, trash):
    mine = MyDigits(home)
    made = [mine.add(label, np.full((28, 28), label, np.uint8), [[(0, 0), (5, label)]]) for label in (3, 7)]
    item = mine.delete(made[0].id)
    assert mine.ids() == [made[1].id] and item.name == "3"
    trash.restore(item)
    assert mine.ids() == [digit.id for digit in made] and mine.get(made[0].id).strokes == [[[0, 0], [5, 3]]]
    assert mine.delete("20200101-000000000-3-0000") is None


def test_a_removed_and_an_overwritten_judgement_come_back(home, small, trash):
    judgements = Judgements(home, small.test)
    for judgement in ("model", "label", None):
        judgements.judge(7, judgement)
    judgements.judge(8, "nobody")
    newest, oldest = trash.list("judgement")
    assert (newest.entry, oldest.entry) == (("7", "label"), ("7", "model"))
    trash.restore(newest)
    assert judgements.all() == {7: "label", 8: "nobody"}
    trash.restore(oldest)
    assert judgements.all() == {7: "model", 8: "nobody"} and trash.list() == []


def test_what_is_older_than_a_day_is_swept_and_nothing_younger(store, trash, monkeypatch):
    first, second = store.create(RECIPES["mlp"]), store.create(RECIPES["mlp"])
    store.delete(first)
    later = time.time() + trash_room.KEPT_FOR - 60
    monkeypatch.setattr(trash_room.time, "time", lambda: later)
    store.delete(second)
    assert len(trash.list()) == 2
    monkeypatch.setattr(trash_room.time, "time", lambda: later + 120)
    assert [item.place for item in trash.list()] == [f"runs/{second.id}"]


def test_a_clock_that_was_put_back_sweeps_nothing(store, trash, monkeypatch):
    store.delete(store.create(RECIPES["mlp"]))
    now = time.time()
    monkeypatch.setattr(trash_room.time, "time", lambda: now - 3600)
    assert len(trash.list()) == 1


def test_what_would_overwrite_something_or_is_gone_is_refused_in_words(store, trash):
    run = store.create(RECIPES["mlp"])
    store.delete(run)
    (item,) = trash.list()
    run.folder.mkdir()
    with pytest.raises(TrashError, match="there already"):
        trash.restore(item)
    run.folder.rmdir()
    trash.discard(item)
    with pytest.raises(TrashError, match="not deleted"):
        trash.restore(item)
    for name in ("", "../runs", "20260101-000000000-run-0000"):
        with pytest.raises(TrashError, match="not deleted"):
            trash.get(name)


def test_nothing_is_restored_outside_the_home_folder(store, trash):
    store.delete(store.create(RECIPES["mlp"]))
    (item,) = trash.list()
    path = trash.folder / item.id / "item.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "place": "../outside"}))
    with pytest.raises(TrashError, match="would not be restored"):
        trash.restore(trash.get(item.id))
    path.write_text("{")
    assert trash.list() == []


def test_a_deletion_killed_before_the_move_shows_nothing_and_the_run_stays(store, trash):
    run = store.create(RECIPES["mlp"])
    store.delete(run)
    (item,) = trash.list()
    os.rename(trash.folder / item.id / "content", run.folder)
    assert trash.list() == [] and store.list() == [run]


def test_the_terminal_lists_restores_and_empties(store, trash, capsys):
    run = store.create(RECIPES["mlp"])
    store.delete(run)
    (item,) = trash.list()
    assert main(["restore"]) == 0 and item.id in capsys.readouterr().out
    assert main(["restore", item.id]) == 0 and store.list() == [run]
    assert main(["restore", item.id]) == 1 and "was not deleted" in capsys.readouterr().err
    store.delete(run)
    assert main(["restore", "--empty"]) == 0 and trash.list() == [] and store.list() == []
