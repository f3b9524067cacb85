"""A run's reported state: on this machine, on another one, and when its process hangs."""

import json
import os
import time
from dataclasses import asdict, replace

import pytest

from mnist_core.files import write_json
from mnist_core.recipes.table import RECIPES
from mnist_core.runs import attempt
from mnist_core.runs.attempt import ATTEMPT, HEARTBEAT, Attempt, Heartbeat, Superseded
from mnist_core.runs.run import RunError
from mnist_core.runs.snapshot import snapshot_of, snapshots_of

ELSEWHERE = Attempt(1, 1.0, "another machine")
ROW = {"epoch": 1, "step": 1200, "epochs_done": 1.0, "seconds": 2.0, "loss": 2.3026, "accuracy": 0.11}


@pytest.fixture
def run(store):
    return store.create(RECIPES["tuning-d"])


@pytest.fixture
def clock(monkeypatch):
    """The reader's own clock, which stands still until the test moves it."""

    class Clock:
        now = 1000.0

        def pass_by(self, seconds: float) -> None:
            self.now += seconds

    clock = Clock()
    monkeypatch.setattr(attempt.time, "monotonic", lambda: clock.now)
    return clock


def beat(run, count: int, age: float = 0.0) -> None:
    path = run.folder / HEARTBEAT
    path.write_text(f"{count}")
    os.utime(path, (time.time() - age,) * 2)


def add_rows(run, *rows: dict) -> None:
    with (run.folder / "metrics.jsonl").open("a") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def test_a_run_on_another_machine_trains_while_its_counter_moves_whatever_that_machines_clock_says(run, clock):
    ELSEWHERE.claim(run.folder)
    for count in range(1, 6):
        beat(run, count, age=-5000 if count % 2 else 5000)
        if count > 1:  # the first time, only the file's time is known
            assert snapshot_of(run).status == "training"
        snapshot_of(run)
        clock.pass_by(attempt.SILENT - 1)
    clock.pass_by(2)
    silent = snapshot_of(run)
    assert silent.status == "not responding" and silent.is_under_way and not silent.can_resume
    beat(run, 99)
    assert snapshot_of(run).status == "training"


def test_a_run_whose_machine_is_lost_has_failed_and_can_go_on(run, store, clock):
    ELSEWHERE.claim(run.folder)
    run.checkpoint_path.touch()
    beat(run, 7)
    assert snapshot_of(run).is_training
    with pytest.raises(RunError, match="not ended"):
        run.resume()
    with pytest.raises(RunError, match="stop it first"):
        store.delete(run)
    clock.pass_by(attempt.SILENT + attempt.LOST + 1)
    assert snapshot_of(run).status == "failed" and snapshot_of(run).can_resume
    resumed = run.resume()
    assert snapshot_of(resumed).status == "queued" and not (run.folder / HEARTBEAT).exists()


def test_the_first_check_uses_the_files_age(run):
    ELSEWHERE.claim(run.folder)
    beat(run, 7, age=attempt.SILENT + 5)
    assert snapshot_of(run).status == "not responding"
    beat(run, 8, age=3600)
    assert snapshot_of(run).status == "training", "it has moved since"


def test_a_new_process_is_given_more_time_until_its_first_count(run, clock):
    Attempt.of(os.getpid()).claim(run.folder)
    assert snapshot_of(run).status == "training"
    clock.pass_by(attempt.SILENT + 1)
    assert snapshot_of(run).status == "training", "it may be importing or compiling"
    clock.pass_by(attempt.FIRST)
    assert snapshot_of(run).status == "not responding"


def test_a_process_that_another_has_replaced_is_told_so_and_leaves_the_others_counter_alone(run):
    run.claim(os.getpid())
    with pytest.raises(Superseded, match="another process"), Heartbeat(run.folder) as heartbeat:
        heartbeat.heard()
        (run.folder / ATTEMPT).unlink()
        ELSEWHERE.claim(run.folder)
        beat(run, 5)
        heartbeat.heard()
    assert (run.folder / HEARTBEAT).exists()


def test_a_resumed_run_that_is_stopped_before_its_first_row_is_not_taken_for_done(run):
    add_rows(run, ROW, {"stopped": True})
    os.utime(run.folder / "metrics.jsonl", (1, 1))
    run.claim(os.getpid())
    run.ask_to_stop()
    assert snapshot_of(run).status == "training" and not run.has_rows
    add_rows(run, {"stopped": True})
    assert snapshot_of(run).status == "stopped" and snapshot_of(run).is_under_way


def test_an_attempt_of_an_earlier_version_is_known_only_by_its_process(run, clock):
    old = asdict(Attempt.of(os.getpid()))
    del old["host"], old["birth"]
    write_json(run.folder / ATTEMPT, old)
    clock.pass_by(1e6)
    assert snapshot_of(run).status == "training"
    write_json(run.folder / ATTEMPT, {**old, "created": 1.0})
    assert snapshot_of(run).status == "failed"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"pid": "x"}', '{"pid": -1, "created": 0}'])
def test_a_damaged_attempt_is_no_living_process(run, content):
    (run.folder / ATTEMPT).write_text(content)
    assert snapshot_of(run).status == "failed"


def test_the_heartbeat_continues_through_a_long_step_and_stops_if_the_loop_hangs(run, monkeypatch):
    monkeypatch.setattr(attempt, "BEAT", 0.01)
    path = run.folder / HEARTBEAT

    def counted() -> int:
        return int(path.read_text() or 0) if path.exists() else 0

    def counts_on() -> bool:
        before, deadline = counted(), time.monotonic() + 5
        while counted() <= before and time.monotonic() < deadline:
            time.sleep(0.01)
        return counted() > before

    with Heartbeat(run.folder) as heartbeat:
        assert counts_on() and counts_on()
        monkeypatch.setattr(attempt, "LONGEST_STEP", 0.0)
        time.sleep(0.1)
        hung = counted()
        time.sleep(0.3)
        assert counted() == hung
        monkeypatch.setattr(attempt, "LONGEST_STEP", 600.0)
        heartbeat.heard()
        assert counts_on()
    assert not path.exists()


def test_the_queue_has_places_and_the_run_to_watch_is_the_one_that_trains(store):
    assert snapshots_of(store).focus is None and snapshots_of(store).key == ()
    first, second, third = (store.create(RECIPES["mlp"]) for _ in range(3))
    waiting = snapshots_of(store).waiting
    assert [snapshot.run for snapshot in waiting] == [first, second, third]
    assert [snapshot.place for snapshot in waiting] == [1, 2, 3]
    assert snapshots_of(store).focus.run == first
    second.claim(os.getpid())
    assert snapshots_of(store).focus.run == second
    for run in (first, third):
        run.ask_to_stop()
    write_json(second.folder / "result.json", {"status": "finished"})
    assert snapshots_of(store).focus.run == second, "the others never began"


def test_the_key_changes_with_what_is_said_and_not_with_every_row(run, store):
    keys = [snapshots_of(store).key]
    run.claim(os.getpid())
    keys.append(snapshots_of(store).key)
    add_rows(run, {**ROW, "step": 100})
    assert snapshots_of(store).key == keys[-1]
    add_rows(run, ROW)
    keys.append(snapshots_of(store).key)
    assert snapshots_of(store).focus.remark.code == "vanishing gradient"
    add_rows(run, {**ROW, "step": 1300, "seconds": 3.0, "loss": 2.4})
    assert snapshots_of(store).key == keys[-1], "the same remark with other numbers, within ten seconds"
    add_rows(run, {**ROW, "step": 1400, "seconds": 12.0})
    keys.append(snapshots_of(store).key)
    other = store.create(replace(RECIPES["mlp"], epochs=1))
    keys.append(snapshots_of(store).key)
    other.ask_to_stop()
    add_rows(run, {"note": "The checkpoint could not be read", "step": 0})
    keys.append(snapshots_of(store).key)
    run.ask_to_stop()
    add_rows(run, {"stopped": True})
    keys.append(snapshots_of(store).key)
    write_json(run.folder / "result.json", {"status": "stopped"})
    keys.append(snapshots_of(store).key)
    assert len(set(keys)) == len(keys)


def test_how_a_run_failed_may_come_into_its_log_a_little_later(run, store):
    write_json(run.folder / ATTEMPT, {"pid": 1, "created": 0.0, "host": None})
    before = snapshots_of(store).key
    (run.folder / "log.txt").write_text("The training process ended with signal 9.\n")
    assert snapshots_of(store).focus.status == "failed" and snapshots_of(store).key != before
