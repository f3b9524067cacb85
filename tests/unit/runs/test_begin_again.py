"""A run that ended before its first checkpoint begins anew, with the same recipe and files."""

from dataclasses import asdict

import pytest

from mnist_core.files import write_json
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.attempt import Attempt
from mnist_core.runs.run import Run, RunError
from mnist_core.runs.snapshot import snapshot_of
from mnist_core.runs.store import RunStore


def killed(store: RunStore) -> Run:
    """A run whose process was killed in its first epoch."""
    run = store.create(RECIPES["mlp"], files={"my-digits.npz": b"digits"})
    write_json(run.folder / "attempt.json", asdict(Attempt(0, 0.0, None)))
    run.weights_path.mkdir()
    for name in ("metrics.jsonl", "log.txt", "weights/0001.npz"):
        (run.folder / name).write_text('{"epoch": 1}\n')
    return run


def test_a_run_killed_before_its_first_checkpoint_begins_anew_with_its_recipe_and_its_files(store):
    run = killed(store)
    assert snapshot_of(run).can_begin_again and not snapshot_of(run).can_resume
    again = run.resume()
    assert snapshot_of(again).status == "queued" and again.recipe == run.recipe
    assert {path.name for path in run.folder.iterdir()} == {"recipe.json", "my-digits.npz"}


def test_a_run_that_was_taken_out_of_the_queue_can_be_put_back(store):
    run = store.create(RECIPES["mlp"])
    run.ask_to_stop()
    assert snapshot_of(run).can_begin_again
    assert snapshot_of(run.resume()).status == "queued"


def test_one_with_a_checkpoint_goes_on_instead_and_one_that_waits_or_was_brought_in_does_neither(store):
    run = killed(store)
    run.checkpoint_path.touch()
    assert snapshot_of(run).can_resume and not snapshot_of(run).can_begin_again
    assert not snapshot_of(store.create(RECIPES["mlp"])).can_begin_again
    brought_in = killed(store)
    write_json(brought_in.folder / "origin.json", {"kind": "keras"})
    with pytest.raises(RunError, match="cannot be resumed"):
        brought_in.resume()
