"""What is kept of a visitor can be seen, taken away and deleted for good."""

import io
import json
import os
import zipfile

import numpy as np
import pytest

from mnist_core.data.mnist import Split
from mnist_core.data.my_digits import MyDigits
from mnist_core.evaluation.judgements import Judgements
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.attempt import Attempt
from mnist_core.runs.run import RunError
from mnist_core.trash import Trash
from mnist_core.visitors.hidden import Hidden
from mnist_core.visitors.kept import Kept
from mnist_core.visitors.register import Register

ADA, BO = "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"


@pytest.fixture
def full(store):
    """A home in which there is something of everything from Ada, Bo and nobody."""
    test = Split(np.zeros((9, 28, 28), np.uint8), np.zeros(9, np.uint8))
    for place, owner in enumerate((ADA, BO, "")):
        run = store.create(RECIPES["softmax"], owner=owner)
        (run.folder / "model.tflite").write_bytes(b"model")
        (run.folder / "checkpoint.npz").write_bytes(b"large")
        (store.home / "exports" / run.id).mkdir(parents=True)
        MyDigits(store.home, owner).add(3, np.full((28, 28), 7, np.uint8))
        Judgements(store.home, test, owner).judge(place, "label")
        if owner:
            Register(store.home).rename(owner, f"Name {owner[0]}")
    runs = frozenset(run.id for run in store.list())
    Hidden(runs, frozenset({ADA, BO})).save(store.home)
    return store


def paths(store) -> set[str]:
    return {f"{path.relative_to(store.home)}" for path in store.home.rglob("*")}


def members(kept) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(kept.as_zip())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_visitor_sees_what_is_kept_of_them(full):
    kept = Kept(full.home, ADA)
    assert [run.owner for run in kept.runs()] == [ADA]
    assert len(kept.digits().ids()) == 1 and kept.num_judgements() == 1


def test_the_archive_holds_what_is_theirs_and_nothing_else(full):
    kept = Kept(full.home, ADA)
    found = members(kept)
    names, record = set(found), json.loads(found["visitor.json"])
    said = [found[name] for name in names if name.startswith("judgements/")]
    run = f"runs/{kept.runs()[0].id}"
    assert {f"{run}/owner.json", f"{run}/recipe.json", f"{run}/model.tflite"} <= names
    assert f"digits/{kept.digits().ids()[0]}.json" in names and len(names) == 6
    assert record["id"] == ADA and record["name"] == "Name a" and record["seen"]
    assert json.loads(said[0]) == {"0": "label"}


def test_deleting_leaves_nothing_of_them_and_everything_of_others(full):
    kept, of_bo = Kept(full.home, ADA), members(Kept(full.home, BO))
    mine = {run.id for run in kept.runs()}
    MyDigits(full.home, ADA).delete(kept.digits().ids()[0])  # it can be restored for a day
    assert any(item.whose == ADA for item in Trash(full.home).list())
    kept.delete()
    assert not any(ADA in path or any(id_ in path for id_ in mine) for path in paths(full))
    texts = [path.read_bytes() for path in full.home.rglob("*") if path.is_file()]
    assert not any(ADA.encode() in text or b"Name a" in text for text in texts)
    assert kept.runs() == [] and kept.num_judgements() == 0 and len(full.list()) == 2
    assert members(Kept(full.home, BO)) == of_bo
    kept.delete()


def test_nothing_is_deleted_while_a_run_is_trained(full):
    kept = Kept(full.home, ADA)

    Attempt.of(os.getpid()).claim(kept.runs()[0].folder)
    before = paths(full)
    with pytest.raises(RunError, match="stop it first"):
        kept.delete()
    assert paths(full) == before


def test_damaged_files_of_a_visitor_are_deleted_too(full):
    kept = Kept(full.home, ADA)
    (kept.runs()[0].folder / "recipe.json").write_text("damaged")
    for path in (full.home / "judgements" / ADA).iterdir():
        path.write_text("damaged")
    assert kept.num_judgements() == 0 and kept.as_zip()
    kept.delete()
    assert not any(ADA in path for path in paths(full))


@pytest.mark.parametrize("id_", ["", "..", "../runs", "unknown", "A" * 16])
def test_only_a_visitor_has_something_kept(tmp_path, id_):
    with pytest.raises(ValueError, match="no visitor"):
        Kept(tmp_path, id_)
