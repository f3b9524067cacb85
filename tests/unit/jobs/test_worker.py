"""The worker with real training processes: started, queued, stopped, killed, orphaned."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from mnist_core.jobs.worker import Worker
from mnist_core.recipes.table import RECIPES
from mnist_core.runs import attempt
from mnist_core.runs.snapshot import snapshot_of, snapshots_of
from mnist_core.runs.store import RunStore
from mnist_core.training.fill import train_run

SHORT = replace(RECIPES["softmax"], epochs=1)
LONG = replace(RECIPES["mlp"], epochs=200, batch_size=16)


@pytest.fixture
def worker(store: RunStore) -> Iterator[Worker]:
    made = Worker(store)
    yield made
    made.close()


def wait_until(condition: Callable[[], object], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_a_run_is_trained_in_a_process_of_its_own_and_a_second_waits_its_turn(worker):
    first, second = worker.submit(SHORT), worker.submit(SHORT)
    wait_until(lambda: snapshot_of(first).status == "training")
    assert first.attempt.pid != os.getpid()
    assert snapshot_of(second).status == "queued" and snapshots_of(worker.store).waiting[0].run == second
    wait_until(lambda: snapshot_of(second).status == "finished")
    assert snapshot_of(first).status == "finished" and first.has_model and second.has_model
    assert first.attempt != second.attempt


def test_a_stopped_run_says_so_keeps_what_it_has_learnt_and_goes_on_where_it_was(worker):
    run = worker.submit(replace(LONG, epochs=8))
    wait_until(lambda: len(run.metrics()) > 3)
    worker.stop(run)
    wait_until(lambda: snapshot_of(run).status == "stopped")
    wait_until(lambda: run.result is not None)
    assert snapshot_of(run).status == "stopped" and run.has_model and run.result["test_accuracy"] > 0.3
    step = run.result["steps"]
    wait_until(lambda: snapshot_of(run).can_resume)
    worker.resume(run)
    wait_until(lambda: snapshot_of(run).status == "finished")
    assert run.result["epochs"] == 8
    steps = [row["step"] for row in run.metrics() if "end" not in row]
    assert step in steps and steps == sorted(set(steps))


def test_a_run_stopped_before_its_first_step_and_one_stopped_in_the_queue_have_nothing_to_keep(worker):
    first, second = worker.submit(LONG), worker.submit(LONG)
    wait_until(lambda: snapshot_of(first).status == "training")
    worker.stop(second)
    worker.stop(first)
    wait_until(lambda: snapshot_of(first).status == "stopped" and not first.attempt.is_alive)
    assert snapshot_of(second).status == "stopped" and second.attempt is None


def test_a_killed_training_has_failed_its_log_says_how_and_it_goes_on_from_the_epoch_that_it_had_ended(worker):
    run = worker.submit(replace(LONG, epochs=8))
    wait_until(run.checkpoint_path.exists)
    assert run.metrics()[-1]["epoch"] <= 2
    os.kill(run.attempt.pid, signal.SIGKILL)
    wait_until(lambda: snapshot_of(run).status == "failed")
    wait_until(lambda: "signal 9" in run.log_tail())
    wait_until(lambda: snapshot_of(run).can_resume)
    worker.resume(run)
    wait_until(lambda: snapshot_of(run).status == "finished")
    assert run.result["epochs"] == 8
    steps = [row["step"] for row in run.metrics() if "end" not in row]
    assert steps == sorted(set(steps))
    assert [row["epoch"] for row in run.metrics() if "end" in row] == list(range(1, 9))


def test_a_folder_taken_away_under_a_training_does_not_hold_up_the_queue(worker, store):
    run = worker.submit(LONG)
    wait_until(lambda: run.metrics())
    pid = run.attempt.pid
    shutil.rmtree(run.folder)
    os.kill(pid, signal.SIGKILL)
    following = worker.submit(SHORT)
    wait_until(lambda: snapshot_of(following).status == "finished")


def words(worker: Worker) -> str:
    """The output of the waiting process so far."""
    return os.pread(worker._process._words.fileno(), 10_000, 0).decode()


def test_the_recipe_that_a_visitor_views_is_prepared_and_trains_with_the_same_curve(worker, store, small):
    worker.warm(SHORT)
    plain = store.create(SHORT, os.getpid())
    train_run(plain, small)
    wait_until(lambda: worker._process and "softmax: prepared" in words(worker))
    waiting = worker._process._popen.pid
    run = worker.submit(SHORT)
    wait_until(lambda: snapshot_of(run).status == "finished")
    assert run.attempt.pid == waiting
    assert "prepared beforehand" in run.log_tail() and "prepared" not in plain.log_tail()
    last, of_plain = run.metrics()[-1], plain.metrics()[-1]
    assert [last[key] for key in ("loss", "val_loss", "accuracy")] == pytest.approx(
        [of_plain[key] for key in ("loss", "val_loss", "accuracy")], rel=1e-5
    )


def test_a_prepared_recipe_is_not_used_for_another_one(worker):
    worker.warm(SHORT)
    wait_until(lambda: worker._process and "softmax: prepared" in words(worker))
    other = worker.submit(replace(SHORT, seed=1))
    wait_until(lambda: snapshot_of(other).status == "finished")
    assert "prepared" not in other.log_tail()


def test_a_recipe_viewed_later_is_prepared_instead_but_another_title_is_not_another_recipe(worker):
    worker.warm(LONG)
    wait_until(lambda: worker._process and "mlp: prepared" in words(worker))
    worker.warm(SHORT)
    wait_until(lambda: "softmax: prepared" in words(worker))
    run = worker.submit(replace(SHORT, title="Another title"))
    wait_until(lambda: snapshot_of(run).status == "finished")
    assert "prepared beforehand" in run.log_tail()


def test_a_process_that_dies_while_it_waits_is_not_told_the_same_again(worker):
    worker.warm(SHORT)
    wait_until(lambda: worker._process and "softmax: prepared" in words(worker))
    first = worker._process
    first._popen.kill()
    wait_until(lambda: worker._process not in (first, None))
    second = worker._process
    run = worker.submit(SHORT)
    wait_until(lambda: snapshot_of(run).status == "finished")
    assert second.prepared is None and run.attempt.pid == second._popen.pid


def test_an_idle_warm_process_is_let_go(worker):
    worker.warm()
    wait_until(lambda: worker._process)
    process = worker._process._popen
    worker._warm_until = 0.0
    wait_until(lambda: worker._process is None)
    assert process.poll() is not None


def test_a_warm_process_that_was_killed_does_not_take_the_next_run_with_it(worker):
    worker.warm()
    wait_until(lambda: worker._process)
    worker._process._popen.kill()
    run = worker.submit(SHORT)
    wait_until(lambda: snapshot_of(run).status in ("finished", "failed"))
    again = worker.submit(SHORT)
    wait_until(lambda: snapshot_of(again).status == "finished")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_training_ends_with_the_server_and_is_not_left_an_orphan(store, how):
    server = (
        "import sys, time; from pathlib import Path; from dataclasses import replace;"
        "from mnist_core.recipes.table import RECIPES; from mnist_core.runs.store import RunStore;"
        "from mnist_core.jobs.worker import Worker; worker = Worker(RunStore(Path(sys.argv[1])));"
        "print(worker.submit(replace(RECIPES['mlp'], epochs=200, batch_size=16)).id, flush=True);"
        "time.sleep(99)"
    )
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", server, str(store.home)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE) as process:
        run = store.get(process.stdout.readline().decode().strip())
        wait_until(lambda: run.metrics())
        process.send_signal(how)
        process.wait()
    wait_until(lambda: not psutil.pid_exists(run.attempt.pid) or not run.attempt.is_alive)
    assert snapshot_of(run).status == "failed" and "the training with it" in run.log_tail()


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs a system that can hold a process up")
def test_a_paused_training_says_so_and_can_continue_and_be_stopped(worker, monkeypatch):
    monkeypatch.setattr(attempt, "SILENT", 4.0)
    run = worker.submit(LONG)
    wait_until(lambda: run.metrics())
    assert snapshot_of(run).status == "training"
    assert psutil.Process(run.attempt.pid).nice() > psutil.Process().nice() or psutil.Process().nice() >= 5
    os.kill(run.attempt.pid, signal.SIGSTOP)
    wait_until(lambda: snapshot_of(run).status == "not responding")
    os.kill(run.attempt.pid, signal.SIGCONT)
    wait_until(lambda: snapshot_of(run).status == "training")
    os.kill(run.attempt.pid, signal.SIGSTOP)
    wait_until(lambda: snapshot_of(run).status == "not responding")
    worker.stop(run)
    wait_until(lambda: snapshot_of(run).status == "stopped" and not snapshot_of(run).is_under_way)


def test_what_a_server_left_in_the_queue_the_next_one_trains_whatever_another_machine_does(store):
    elsewhere, run = store.create(SHORT), store.create(SHORT)
    attempt.Attempt(1, 1.0, "another machine").claim(elsewhere.folder)
    worker = Worker(store)
    try:
        wait_until(lambda: snapshot_of(run).status == "finished")
    finally:
        worker.close()
    assert elsewhere.result is None
