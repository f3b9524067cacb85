"""kill -9 of a trainer and of a server, pauses, two servers on one home, process ids that are used again."""

import os
import signal
import subprocess
import sys
from dataclasses import asdict, replace

import pytest

from mnist_core.files import write_json
from mnist_core.jobs.worker import Worker
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.run import RunError
from mnist_core.runs.snapshot import snapshot_of
from tests.faults import scenarios
from tests.faults.scenarios import LONG, SHORT, Server, assert_trained_once, serving, status_is, wait_until

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "SIGSTOP"), reason="needs a system with SIGKILL and SIGSTOP"
)


def test_a_trainer_killed_at_any_moment_goes_on_or_begins_anew_and_harms_nothing(store):
    found = scenarios.kill_trainers(store, times=2, longest=1.0)
    assert found.total() == 2  # the second in the writing of a checkpoint, unless all were too quick to be seen


def other_of(servers: list[Server], run) -> tuple[Server, Server]:
    """The server that trains the run, and the other one."""
    wait_until(lambda: run.attempt is not None and bool(run.metrics()), "the training")
    return tuple(sorted(servers, key=lambda server: not server.trains(run)))


def test_of_two_servers_on_one_home_one_is_paused_and_killed_and_nothing_is_trained_twice(store):
    with serving(store) as first, serving(store) as second:
        run, waiting = first.submit(LONG), second.submit(SHORT)
        at_work, other = other_of([first, second], run)
        trainer = run.attempt
        at_work.process.send_signal(signal.SIGSTOP)
        rows = len(run.metrics())
        wait_until(lambda: len(run.metrics()) > rows, "a row while the server is paused")
        assert snapshot_of(run).status == "training" and snapshot_of(waiting).status == "queued"
        at_work.process.send_signal(signal.SIGCONT)
        at_work.kill()
        wait_until(lambda: not trainer.is_alive, "the trainer's end")
        assert snapshot_of(run).status == "failed" and "the training with it" in run.log_tail()
        wait_until(status_is(waiting, "finished"), "the waiting run")
        run = run.resume()
        wait_until(status_is(run, "finished"), "the resumed run")
        assert at_work.process.returncode == -signal.SIGKILL and other.process.poll() is None
    for trained in (run, waiting):
        assert_trained_once(trained)


def test_a_process_with_the_id_of_an_ended_trainer_never_gets_a_signal(store):
    run = store.create(RECIPES["mlp"])
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(99)"]) as stranger:
        run.claim(stranger.pid)
        earlier = replace(run.attempt, created=run.attempt.created - 999, birth="an earlier boot:1")
        write_json(run.folder / "attempt.json", asdict(earlier))
        assert snapshot_of(run).status == "failed" and not run.is_under_way
        worker = Worker(store)
        try:
            worker.stop(run)
            worker.resume(run)
            worker.stop(run)
            wait_until(lambda: not run.is_under_way, "the end, if it had begun")
            store.delete(run)
            with pytest.raises((RunError, OSError)):
                worker.stop(run)
        finally:
            worker.close()
        assert stranger.poll() is None
        os.kill(stranger.pid, signal.SIGKILL)
