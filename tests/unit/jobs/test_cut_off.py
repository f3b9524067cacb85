"""Which runs a cluster's engine queues again by itself, while it waits for its scheduler."""

import platform
import time
from collections.abc import Callable

import pytest

from mnist_core.jobs import cluster
from mnist_core.jobs.cluster import Cluster
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.attempt import CLUSTER, Attempt
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import snapshot_of
from mnist_core.runs.store import RunStore


@pytest.fixture
def engine(store, monkeypatch):
    monkeypatch.setattr(cluster, "PAUSE", 0.01)
    made = Cluster(store, "tcp://127.0.0.1:1")
    yield made
    made.close()


def cut_off(store: RunStore, engine: str = CLUSTER) -> Run:
    """A run whose process is gone, and left a checkpoint."""
    run = store.create(RECIPES["softmax"])
    begin_and_end(run, engine)
    run.checkpoint_path.touch()
    return run


def begin_and_end(run: Run, engine: str = CLUSTER) -> None:
    Attempt(0, 0.0, platform.node(), engine=engine).claim(run.folder)


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_run_that_ended_with_its_worker_is_queued_again_and_three_times_at_most(store, engine):
    run = cut_off(store)
    for number in (2, 3, 4):
        wait_until(lambda: snapshot_of(run).status == "queued")
        wait_until(lambda number=number: f"goes on with this training: attempt {number}." in run.log_tail())
        begin_and_end(run)
    other = cut_off(store)
    wait_until(lambda: snapshot_of(other).status == "queued")
    assert snapshot_of(run).status == "failed" and snapshot_of(run).can_resume


def test_runs_that_failed_by_themselves_or_elsewhere_or_were_whole_once_are_left_alone(store, engine):
    engine.close()
    alone, elsewhere, whole = cut_off(store), cut_off(store, ""), cut_off(store)
    alone.attempt.log_end(alone.folder, 1)
    whole.complete({"status": "finished"})
    (whole.folder / "result.json").write_text("damaged")
    stopped = cut_off(store)
    stopped.ask_to_stop()
    other = cut_off(store)
    again = Cluster(store, engine.address)
    try:
        wait_until(lambda: snapshot_of(other).status == "queued")
        wait_until(lambda: again.problem)
    finally:
        again.close()
    assert [snapshot_of(run).status for run in (alone, elsewhere, whole)] == ["failed"] * 3
    assert snapshot_of(stopped).status == "stopped"
