"""A Dask cluster of real processes: a scheduler and two workers that train, are killed and come back."""

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mnist_core.jobs.cluster import Cluster
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import snapshot_of
from mnist_core.runs.store import RunStore
from mnist_core.training.fill import train_run
from tests.faults.machines import Machines
from tests.faults.scenarios import LONG, SHORT, assert_trained_once, status_is, wait_until

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs a system with SIGKILL")
LONGER = replace(LONG, epochs=40)


@pytest.fixture
def machines(tmp_path: Path, home: Path) -> Iterator[Machines]:
    made = Machines(tmp_path, 2)
    yield made
    made.end()


@pytest.fixture
def servers(store: RunStore, machines: Machines) -> Iterator[list[Cluster]]:
    """Two servers' engines, on one home and one cluster."""
    made = [Cluster(store, machines.address) for _ in range(2)]
    yield made
    for engine in made:
        engine.close()


def attempts(run: Run) -> list[dict]:
    """What the run's attempts have logged, in order."""
    paths = sorted((run.folder / "attempts").glob("*.json"), key=lambda path: int(path.stem))
    return [json.loads(path.read_text()) for path in paths]


def assert_never_trained_by_two(run: Run) -> None:
    for earlier, later in zip(found := attempts(run), found[1:]):
        assert earlier["began"] <= earlier["ended"] <= later["began"]


def in_the_middle(run: Run) -> bool:
    """Whether it trains, and could go on from a checkpoint."""
    snapshot = snapshot_of(run)
    return snapshot.is_training and snapshot.has_own_rows and run.checkpoint_path.exists()


def accuracy(store: RunStore, run: Run, small) -> float:
    """What the run's recipe reaches here, in this process."""
    alone = store.create(run.recipe, os.getpid())
    return train_run(alone, small)["test_accuracy"]


def test_four_runs_of_two_servers_survive_the_end_of_a_worker_and_of_the_scheduler(
    store, small, machines, servers
):
    one, other = servers
    runs = [one.submit(LONGER), other.submit(replace(LONGER, seed=1)), one.submit(SHORT)]
    runs.append(other.submit(replace(SHORT, seed=1)))

    wait_until(lambda: in_the_middle(runs[0]), "the first training")
    worker, trainer = machines.worker_of(runs[0]), runs[0].attempt
    machines.kill(worker)
    wait_until(lambda: not trainer.is_alive, "the end of its trainer")

    wait_until(lambda: any(map(in_the_middle, runs[:2])), "a training in the middle")
    interrupted = next(run for run in runs if in_the_middle(run))
    os.kill(interrupted.attempt.pid, signal.SIGSTOP)  # so that it is still in the middle then
    number = interrupted.attempt.number
    machines.kill(machines.scheduler)
    wait_until(lambda: all(engine.problem for engine in servers), "a word about it")
    assert "cannot be reached" in f"{one.problem}" and one.places == 0
    machines.restart_scheduler()

    for run in runs:
        wait_until(status_is(run, "finished"), "the end")
        assert_trained_once(run)
        assert_never_trained_by_two(run)
        assert run.result["test_accuracy"] == pytest.approx(accuracy(store, run, small), abs=0.004)
    assert len(attempts(runs[0])) >= 2 and len(attempts(interrupted)) > number
    assert "The cluster goes on with this training: attempt 2." in runs[0].log_tail(400)
    assert one.problem is None and one.places == 2
