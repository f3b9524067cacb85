import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, replace

import psutil
import pytest

from mnist_core.files import write_json
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.attempt import Attempt
from mnist_core.runs.run import Run, RunError
from mnist_core.runs.snapshot import snapshot_of
from mnist_core.runs.store import RunStore


def sleeper() -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])


def add_rows(run: Run, *rows: dict) -> None:
    with (run.folder / "metrics.jsonl").open("a") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def test_a_new_run_is_queued_and_keeps_its_recipe(store):
    recipe = replace(RECIPES["mlp"], epochs=3, seed=7)
    run = store.create(recipe)
    assert snapshot_of(run).status == "queued" and run.recipe == recipe
    assert store.get(run.id).recipe == recipe


def test_the_starter_is_always_a_run_and_has_a_model(tmp_path):
    starter = RunStore(tmp_path / "nothing here").get("starter")
    assert starter.id == "starter" and snapshot_of(starter).status == "finished" and starter.has_model


def test_the_newest_run_is_listed_first_and_what_is_no_run_is_not_listed(store):
    first, second = store.create(RECIPES["mlp"]), store.create(RECIPES["mlp"])
    (store.folder / "half-made").mkdir()
    (store.folder / ".DS_Store").write_text("")
    (store.folder / "broken").mkdir()
    (store.folder / "broken" / "recipe.json").write_text("{")
    assert [run.id for run in store.list()] == [second.id, first.id]


@pytest.mark.parametrize("name", ["../../etc", "", "nope", "a/b", "..", "x" * 200, "A B", None])
def test_a_run_that_is_not_there_is_said_in_words(store, name):
    with pytest.raises(RunError, match="run"):
        store.get(name)


def test_a_living_process_trains_a_dead_one_has_failed_and_a_stopped_one_was_stopped(store):
    run, process = store.create(RECIPES["mlp"]), sleeper()
    try:
        assert run.claim(process.pid)
        assert snapshot_of(run).status == "training"
        run.ask_to_stop()
        assert snapshot_of(run).status == "training"
        add_rows(run, {"stopped": True})
        assert snapshot_of(run).status == "stopped"
    finally:
        process.kill()
        process.wait()
    assert snapshot_of(run).status == "stopped"
    (run.folder / "stop").unlink()
    assert snapshot_of(run).status == "failed"


def test_a_zombie_and_another_process_with_the_same_id_are_not_alive(store):
    run, process = store.create(RECIPES["mlp"]), sleeper()
    run.claim(process.pid)
    os.kill(process.pid, 9)
    deadline = time.monotonic() + 5
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.01)
    assert snapshot_of(run).status == "failed"
    process.wait()
    assert not Attempt(os.getpid(), 1.0, None).is_alive
    assert not replace(Attempt.of(os.getpid()), birth="another boot:1").is_alive


def test_a_clock_that_was_put_right_does_not_make_a_living_process_dead(store):
    run = store.create(RECIPES["fast"], os.getpid())
    assert snapshot_of(run).status == "training"
    moved = replace(run.attempt, created=run.attempt.created + (3600 if run.attempt.birth else 2))
    for attempt in (moved, replace(run.attempt, created=run.attempt.created + 2, birth="")):
        write_json(run.folder / "attempt.json", asdict(attempt))
        assert snapshot_of(run).status == "training"


def test_only_one_process_can_claim_a_run(store):
    run = store.create(RECIPES["mlp"])
    assert run.claim(os.getpid())
    assert not run.claim(os.getppid())
    assert run.attempt.pid == os.getpid()


def test_a_queued_run_that_is_cancelled_is_stopped(store):
    run = store.create(RECIPES["mlp"])
    run.ask_to_stop()
    assert snapshot_of(run).status == "stopped" and run.result is None


def test_the_result_decides_whatever_else_there_is(store):
    run = store.create(RECIPES["mlp"])
    run.claim(os.getpid())
    run.ask_to_stop()
    write_json(run.folder / "result.json", {"status": "finished"})
    assert snapshot_of(run).status == "finished"


def test_a_row_that_is_still_being_written_is_left_out(store):
    run = store.create(RECIPES["mlp"])
    assert run.metrics() == []
    add_rows(run, {"step": 1, "loss": 2.0})
    with (run.folder / "metrics.jsonl").open("a") as file:
        file.write('5\n{"step": 2, "lo')
    assert run.metrics() == [{"step": 1, "loss": 2.0}]


def test_rows_that_were_added_are_read_and_a_file_that_took_the_others_place_is_read_anew(store):
    run = store.create(RECIPES["mlp"])
    rows = [{"step": step, "loss": 1 / step} for step in range(1, 6)]
    for row in rows:
        add_rows(run, row)
        assert run.metrics()[-1] == row
    assert run.metrics() == rows
    for others in (rows[:2], rows[:2] + [{"step": 3, "loss": 0.5}] * 4, rows):
        part = run.folder / "part"
        part.write_text("".join(json.dumps(row) + "\n" for row in others))
        part.replace(run.folder / "metrics.jsonl")
        assert run.metrics() == others
    run.metrics().clear()
    assert run.metrics() == rows


def test_the_end_of_the_log_is_read_whatever_bytes_it_holds(store):
    run = store.create(RECIPES["mlp"])
    assert run.log_tail() == ""
    (run.folder / "log.txt").write_bytes(b"old\n" * 20_000 + b"\xff\nlast")
    assert run.log_tail(2) == "�\nlast"


def test_a_run_is_deleted_unless_it_trains_or_is_the_starter(store):
    run = store.create(RECIPES["mlp"])
    run.claim(os.getpid())
    with pytest.raises(RunError, match="stop it first"):
        store.delete(run)
    with pytest.raises(RunError, match="ships with the app"):
        store.delete(store.get("starter"))
    write_json(run.folder / "result.json", {})  # complete, though its process has not quite ended
    store.delete(run)
    never_begun = store.create(RECIPES["mlp"])
    store.delete(never_begun)
    assert not run.folder.exists() and not never_begun.folder.exists()


def test_a_json_file_is_replaced_in_one_step_or_not_at_all(tmp_path):
    path = tmp_path / "x.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError):
        write_json(path, {"a": float("nan")})
    assert json.loads(path.read_text()) == {"a": 1}
