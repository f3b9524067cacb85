"""What a sweep says of its runs: the best setting, its interval, what is left, and gaps."""

import json
import os

import pytest

from mnist_core.files import write_json
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.run import RunError
from mnist_core.runs.snapshot import snapshots_of
from mnist_core.sweeps import duration
from mnist_core.sweeps.results import interval, results_of
from mnist_core.sweeps.store import SweepStore
from mnist_core.sweeps.sweep import Axis, Sweep, seeds_from
from mnist_core.sweeps.words import cautions

SWEEP = Sweep(RECIPES["mlp"], (Axis("learning_rate", (0.001, 0.01)), Axis("units", (8, 16)), seeds_from(0, 3)))


def start(store, sweep=SWEEP):
    return SweepStore(store.home).create(sweep, "My sweep", "", store.create)


def finish(run, val_accuracy: float, test_accuracy: float = 0.5) -> None:
    row = {"epoch": 1, "step": 10, "epochs_done": 1.0, "seconds": 1.0, "loss": 1.0, "accuracy": 0.9}
    last = {**row, "val_loss": 1.0, "val_accuracy": val_accuracy, "end": True, "last": True}
    (run.folder / "metrics.jsonl").write_text(f"{json.dumps(row)}\n{json.dumps(last)}\n")
    write_json(
        run.folder / "result.json",
        {"status": "finished", "test_accuracy": test_accuracy, "seconds": 1.0, "epochs": 1},
    )


def test_a_sweep_is_found_again_with_its_runs_queued_in_its_order(store):
    saved = start(store)
    assert SweepStore(store.home).get(saved.id) == saved and SweepStore(store.home).list() == [saved]
    waiting = [snapshot.run for snapshot in snapshots_of(store).waiting]
    assert sorted(run.id for run in waiting) == sorted(saved.runs)
    assert [store.get(run_id).recipe for run_id in saved.runs] == list(SWEEP.recipes)
    assert SweepStore(store.home).by_run() == dict.fromkeys(saved.runs, saved)


def test_the_best_setting_is_the_one_with_the_highest_validation_accuracy_whatever_the_test_set_says(store):
    saved = start(store)
    for point, run_id in zip(SWEEP.points, saved.runs):
        good = point["learning_rate"] == 0.01 and point["units"] == 16
        finish(store.get(run_id), (0.9 if good else 0.8) + 0.01 * point["seed"], 0.1 if good else 0.99)
    results = results_of(saved, store)
    assert results.best.values == {"learning_rate": 0.01, "units": 16}
    assert results.best.mean == pytest.approx(0.91) and results.best.test_mean == pytest.approx(0.1)
    assert results.best.bounds == pytest.approx((0.91 - 0.0248, 0.91 + 0.0248), abs=1e-4)
    assert results.num_as_good == 0 and not results.is_active
    assert results.mean_at({"units": 8}) == pytest.approx(0.81)
    assert results.mean_at({"units": 16}) == pytest.approx(0.86)
    assert [row["val_accuracy"] for row in results.rows()][:4] == [0.8, 0.8, 0.8, 0.9]


def test_settings_within_each_others_intervals_count_as_equally_good(store):
    saved = start(store)
    for point, run_id in zip(SWEEP.points, saved.runs):
        finish(store.get(run_id), 0.9 + 0.01 * point["seed"] + (0.001 if point["units"] == 16 else 0))
    assert results_of(saved, store).num_as_good == 3


def test_runs_on_mnist_and_on_the_stand_in_set_are_not_compared_in_silence(store):
    saved = start(store)
    for run_id in saved.runs:
        finish(store.get(run_id), 0.9)
    mixed = "Some of these runs were trained on MNIST and others on stand-in digits"
    assert not any(words.startswith(mixed) for words in cautions(results_of(saved, store)))
    path = store.get(saved.runs[-1]).folder / "result.json"
    write_json(path, {**json.loads(path.read_text()), "is_mnist": False})
    assert cautions(results_of(saved, store))[0].startswith(mixed)


def test_while_it_runs_each_setting_counts_with_the_seeds_that_have_finished(store):
    saved = start(store)
    assert results_of(saved, store).best is None
    for run_id, accuracy in zip(saved.runs, (0.8, 0.7)):
        finish(store.get(run_id), accuracy)
    finish(store.get(saved.runs[4]), 0.75)
    results = results_of(saved, store)
    assert results.best.accuracies == (0.8, 0.75) and results.best.bounds is None, "an interval needs three"
    assert len(results.of_status("finished")) == 3 and len(results.of_status("queued")) == 9


def test_with_two_seeds_the_range_takes_the_place_of_the_interval(store):
    sweep = Sweep(RECIPES["softmax"], (Axis("batch_size", (32, 64)), seeds_from(0, 2)))
    saved = start(store, sweep)
    finish(store.get(saved.runs[0]), 0.8)
    assert results_of(saved, store).best.bounds is None
    finish(store.get(saved.runs[2]), 0.9)
    assert results_of(saved, store).best.bounds == (0.8, 0.9)


def test_a_deleted_run_leaves_a_gap_and_a_failed_one_can_go_on(store):
    saved = start(store)
    gone, failed = map(store.get, saved.runs[:2])
    gone.ask_to_stop()
    store.delete(gone)
    write_json(failed.folder / "attempt.json", {"pid": 1, "created": 0.0})
    results = results_of(saved, store)
    assert results.num_gone == 1 and [trial.run_id for trial in results.can_go_on] == [failed.id]
    assert [row["state"] for row in results.rows()][:3] == ["deleted", "failed", "queued"]
    assert results_of(saved, store, snapshots_of(store)).key == results.key


def test_a_damaged_file_is_no_sweep_and_an_unknown_one_is_said(store):
    saved = start(store)
    file = store.home / "sweeps" / saved.id / "sweep.json"
    for content in (
        "{",
        "[]",
        '{"runs": []}',
        file.read_text().replace(saved.runs[0], "x", 1).replace('"mlp"', '"Mlp"'),
    ):
        file.write_text(content)
        assert SweepStore(store.home).list() == []
    for name in (saved.id, "nope", "../runs"):
        with pytest.raises(RunError, match="There is no sweep"):
            SweepStore(store.home).get(name)


class FullDisk:
    """A queue on whose disk there is space for two runs."""

    def __init__(self, store) -> None:
        self.store, self.made = store, []

    def __call__(self, recipe):
        if len(self.made) == 2:
            raise OSError(28, "No space left on device")
        self.made.append(self.store.create(recipe))
        return self.made[-1]


def test_a_sweep_that_cannot_be_queued_as_a_whole_is_taken_back(store):
    queue = FullDisk(store)
    with pytest.raises(OSError, match="disk is full"):
        SweepStore(store.home).create(SWEEP, "My sweep", "", queue)
    assert len(queue.made) == 2 and snapshots_of(store).waiting == () and SweepStore(store.home).list() == []
    assert list((store.home / "sweeps").iterdir()) == []


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "x" * 61])
def test_a_name_is_one_short_line(store, name):
    with pytest.raises(ValueError, match="one line of 1 to 60 characters"):
        SweepStore(store.home).create(SWEEP, name, "", store.create)
    assert store.list() == []


def test_the_time_is_divided_among_the_places_but_no_shorter_than_the_longest_run(store):
    seconds = duration.run_seconds(SWEEP.recipes, 60_000, [])
    assert len(seconds) == 12 and len(set(seconds)) == 2, "the units count, learning rates and seeds do not"
    assert duration.total(seconds) == pytest.approx(sum(seconds))
    assert duration.total(seconds, 4) == pytest.approx(sum(seconds) / 4)
    assert duration.total(seconds, 100) == max(seconds)
    fewer = duration.run_seconds(SWEEP.recipes, 1200, [])
    assert max(fewer) < min(seconds)


def test_the_time_that_is_left_shrinks_with_each_run_that_ends(store):
    saved = start(store)
    whole = duration.left(results_of(saved, store), 1200, [])
    for run_id in saved.runs[:6]:
        finish(store.get(run_id), 0.9)
    assert duration.left(results_of(saved, store), 1200, []) == pytest.approx(whole / 2)
    store.get(saved.runs[6]).claim(os.getpid())
    assert duration.left(results_of(saved, store), 1200, []) == pytest.approx(whole / 2), "it has no rows yet"


def test_the_interval_is_students():
    assert interval([0.9, 0.91, 0.92]) == pytest.approx((0.88516, 0.93484), abs=1e-5)
    assert interval([0.0, 0.0, 1.0])[0] == 0.0 and interval([1.0, 1.0, 0.0])[1] == 1.0
