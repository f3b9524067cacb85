"""A changed, lost or exchanged file of a finished run is noticed when it is opened, and said in words."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mnist_core.files import write_json
from mnist_core.recipes.table import RECIPES
from mnist_core.runs import seal, weights
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.errors import Damaged
from mnist_core.runs.run import Run, RunError
from mnist_core.runs.snapshot import snapshot_of
from mnist_core.runs.store import STARTER, RunStore

RESULT = {"status": "finished", "test_accuracy": 0.9, "epochs": 1, "versions": {"keras": "3"}}


def finished(store: RunStore, seed: int = 0) -> Run:
    """A complete run with the starter's model and a copy of weights; no training is needed for that."""
    run = store.create(RECIPES["mlp"])
    shutil.copy(store.get(STARTER).lite_path, run.lite_path)
    run.checkpoint_path.write_bytes(b"%d" % seed)
    weights.save(run.weights_path, 1, [np.full(3, seed)])
    run.complete(RESULT)
    return run


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "halved": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "one bit flipped": flip,
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize(
    "name",
    ["recipe.json", "checkpoint.npz", "weights/0001.npz", "model.tflite", "result.json", "manifest.json"],
)
def test_each_file_damaged_in_each_way_is_noticed_and_named_and_other_runs_are_untouched(store, name, damage):
    run, other = finished(store), finished(store, 1)
    assert run.damage == other.damage == ()
    DAMAGES[damage](run.folder / name)
    run = Run(run.folder)
    assert name in str(run.damage[0]) and run.id in str(run.damage[0])
    if name in ("recipe.json", "manifest.json"):
        assert name in store.problems()[0]
    assert other.damage == () and other in store.list()
    Classifier.load(other)


def test_a_model_that_was_changed_is_refused_with_what_to_do_and_not_used(store):
    run = finished(store)
    Classifier.load(run)
    flip(run.lite_path)
    with pytest.raises(RunError, match=r"model\.tflite of run .* was changed .* Restore .* or train"):
        Classifier.load(run)


def test_files_exchanged_between_runs_and_whole_folders_are_noticed(store):
    run, other = finished(store), finished(store, 1)
    shutil.copy(other.checkpoint_path, run.checkpoint_path)
    with pytest.raises(Damaged, match=r"checkpoint\.npz"):
        run.resume(5)
    moved = run.folder.with_name("20200101-000000000-mlp-0000")
    shutil.copytree(other.folder, moved)
    assert f"holds the files of run {other.id}" in store.problems()[0]
    assert [found.id for found in store.list()] == [other.id, run.id]


def test_a_damaged_copy_of_weights_is_left_out(store):
    run = finished(store)
    assert list(weights.load(run.weights_path)) == [1]
    shutil.copy(finished(store, 1).weights_path / "0001.npz", run.weights_path)
    assert weights.load(run.weights_path) == {}


def test_a_damaged_recipe_takes_its_run_off_the_list_and_the_store_says_which(store):
    run, other = finished(store), finished(store, 1)
    path = run.folder / "recipe.json"
    write_json(path, {**json.loads(path.read_text()), "epochs": 7})
    assert store.list() == [other] and "recipe.json" in store.problems()[0]


def test_a_damaged_result_makes_a_run_neither_finished_nor_queued_and_it_can_be_evaluated_again(store):
    run = finished(store)
    write_json(run.folder / "result.json", {**run.result, "test_accuracy": 1.0})
    assert run.result is None and not run.has_model
    assert snapshot_of(run).status == "failed" and snapshot_of(run).can_resume
    resumed = run.resume()
    assert snapshot_of(resumed).status == "queued" and resumed.damage == ()


def test_a_new_title_is_sealed_and_a_rename_killed_half_way_leaves_the_run_whole(store):
    run = finished(store).rename("A title")
    assert run.damage == () and store.get(run.id).recipe.title == "A title"
    seal.expect(run.folder, "recipe.json", b"what would have been written next")
    assert Run(run.folder).damage == () and Run(run.folder).recipe.title == "A title"
    assert Run(run.folder).rename("Another").recipe.title == "Another"


def test_a_damaged_recipe_is_not_made_good_by_a_new_title(store):
    run = finished(store)
    (run.folder / "recipe.json").write_text("{}")
    with pytest.raises(RunError, match=r"recipe\.json"):
        run.rename("A title")


def test_a_run_of_an_older_version_opens_and_one_of_a_later_version_is_refused_in_words(store):
    older, later = finished(store), finished(store)
    write_json(older.folder / "result.json", RESULT)
    (older.folder / "manifest.json").unlink()
    write_json(later.folder / "manifest.json", {"version": 2, "signed": "in a way unknown here"})
    assert store.list() == [older] and older.damage == ()
    assert "later version" in store.problems()[0] and "Update the app" in store.problems()[0]


def test_a_run_without_its_manifest_can_be_accepted_as_it_is(store):
    run = finished(store)
    (run.folder / "manifest.json").unlink()
    assert "mnist_core seal" in store.problems()[0]
    seal.write(run.folder, run.id, (run.folder / "result.json").read_bytes())
    assert store.problems() == () and store.list() == [run]


def test_no_file_is_read_twice_for_its_checksum_unless_it_changes(store):
    run = finished(store)
    run.intact(run.lite_path)
    before = seal._sum_of.cache_info().misses
    for _ in range(20):
        run.intact(run.lite_path)
    assert seal._sum_of.cache_info().misses == before


def test_the_starter_is_whole():
    starter = RunStore(Path("nowhere")).get(STARTER)
    assert starter.is_sealed and starter.damage == ()
