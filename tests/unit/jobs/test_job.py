"""Attempts by number: an order is carried out once, whoever gives it, and however late it comes."""

import json
import os
import threading
from dataclasses import replace

import pytest

from mnist_core.jobs.cluster import check_machine
from mnist_core.jobs.job import run_job
from mnist_core.jobs.trainer import Trainer
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.attempt import CLUSTER, Attempt, next_number
from mnist_core.runs.snapshot import snapshot_of


class NeverStarted:
    """Stands for a training process that no order may reach."""

    def train(self, *order: object) -> bool:
        raise AssertionError(f"it was told to train {order}")


@pytest.fixture
def run(store):
    return store.create(RECIPES["softmax"])


def record(run, number: int) -> dict:
    return json.loads((run.folder / "attempts" / f"{number}.json").read_text())


def test_each_claim_takes_the_next_number_and_logs_its_start_and_its_end(run):
    assert run.claim(os.getpid(), 1) and run.attempt.number == 1
    assert not run.claim(os.getpid(), 2), "it is claimed"
    run.attempt.log_end(run.folder)
    assert record(run, 1)["began"] <= record(run, 1)["ended"] and "status" not in record(run, 1)
    (run.folder / "attempt.json").unlink()
    assert not run.claim(os.getpid(), 1), "that attempt was made"
    assert not run.claim(os.getpid(), 3), "another comes first"
    assert run.claim(os.getpid()) and run.attempt.number == 2 and run.next_attempt == 3


def test_of_many_that_claim_at_once_one_succeeds(run):
    claimed, ready = [], threading.Barrier(8)

    def claim() -> None:
        ready.wait()
        claimed.append(run.claim(os.getpid()))

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(claimed) == 1 and run.attempt is not None


@pytest.mark.parametrize("number", [1, 3])
def test_an_order_that_comes_late_or_too_early_does_nothing(run, number):
    replace(Attempt(0, 0.0, None), number=1).claim(run.folder)
    (run.folder / "attempt.json").unlink()
    assert snapshot_of(run).status == "queued" and next_number(run.folder) == 2
    run_job(run.folder, number, NeverStarted())
    assert snapshot_of(run).status == "queued"


def test_an_order_for_a_run_that_is_trained_stopped_or_deleted_does_nothing(run, store):
    run.claim(os.getpid())
    run_job(run.folder, 2, NeverStarted())
    stopped = store.create(RECIPES["softmax"])
    stopped.ask_to_stop()
    run_job(stopped.folder, 1, NeverStarted())
    run_job(store.folder / "20261127-000000000-softmax-0000", 1, NeverStarted())


def test_a_process_whose_run_another_attempt_has_taken_is_ended(run):
    trainer = Trainer(run.folder.parents[1])
    try:
        assert trainer.train(run, 1)
        trainer.watch()
        assert not trainer.has_ended
        (run.folder / "attempt.json").unlink()
        run.claim(os.getpid())
        trainer.watch()
    finally:
        trainer.end()
    assert trainer.has_ended and "ended" in record(run, 1) and "ended" not in record(run, 2)
    assert run.log_tail() == "", "the log is the other attempt's"


def test_a_worker_without_the_shared_folders_or_without_mnist_says_so(run, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", f"{tmp_path}")
    monkeypatch.delenv("MNIST_DIR", raising=False)
    with pytest.raises(FileNotFoundError, match="all machines need the same folders"):
        check_machine(tmp_path / "elsewhere" / "runs" / run.id, False)
    check_machine(run.folder, False)
    with pytest.raises(FileNotFoundError, match="does not find MNIST"):
        check_machine(run.folder, True)


def test_one_server_gets_the_right_to_let_a_run_go_on_and_only_so_many_times(run):
    replace(Attempt.of(os.getpid()), engine=CLUSTER).claim(run.folder)
    attempt = run.attempt
    assert attempt.was_cut_off(run.folder)
    assert attempt.may_be_resumed(run.folder, 2) and not attempt.may_be_resumed(run.folder, 2)
    assert replace(attempt, number=2).may_be_resumed(run.folder, 2)
    assert not replace(attempt, number=3).may_be_resumed(run.folder, 2)
    assert replace(attempt, number=4).may_be_resumed(run.folder, 2), "somebody has resumed the third"
    attempt.log_end(run.folder, 1)
    assert not attempt.was_cut_off(run.folder), "it failed by itself"
