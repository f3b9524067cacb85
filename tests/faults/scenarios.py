"""What can happen to trainings, servers, disks and clocks, done to real processes.

The tests do each once or twice, benchmarks/faults.py often. A server is an engine in a process of its own, as
the app has one, without the pages.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.runs import weights
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import snapshot_of
from mnist_core.runs.store import STARTER, RunStore

SHORT = replace(RECIPES["softmax"], epochs=1)
LONG = replace(RECIPES["mlp"], epochs=60, batch_size=16)
PATIENCE = 600.0  # seconds
SMALL = 100_000  # bytes: of the files that are written beside and renamed, only checkpoints are larger
_SERVER = """
import json, sys
from pathlib import Path
from mnist_core.jobs.start import start_engine
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs.store import RunStore
engine = start_engine(RunStore(Path(sys.argv[1])))
for line in sys.stdin:
    print(engine.submit(Recipe.from_json(json.loads(line))).id, flush=True)
"""


class Server:
    """A process with an engine on a home folder. `environment` is added to its own and its trainers'."""

    def __init__(self, store: RunStore, environment: dict[str, str] | None = None) -> None:
        self.store = store
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SERVER, str(store.home)],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "MNIST_HOME": str(store.home), **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def submit(self, recipe: Recipe) -> Run:
        self.process.stdin.write(json.dumps(recipe.to_json()) + "\n")
        self.process.stdin.flush()
        return self.store.get(self.process.stdout.readline().strip())

    def trains(self, run: Run) -> bool:
        """Whether the process that trains the run is this server's."""
        attempt = run.attempt
        return attempt is not None and psutil.Process(attempt.pid).ppid() == self.process.pid

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(store: RunStore, environment: dict[str, str] | None = None) -> Iterator[Server]:
    server = Server(store, environment)
    try:
        yield server
    finally:
        server.kill()
        server.process.stdin.close()
        server.process.stdout.close()


def wait_until(condition: Callable[[], object], what: str = "it", pause: float = 0.01) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen in time"
        time.sleep(pause)


def status_is(run: Run, *statuses: str) -> Callable[[], bool]:
    return lambda: snapshot_of(run).status in statuses


def finished_run(store: RunStore) -> Run:
    """A complete run with the starter's model and answers, for which nothing is trained."""
    run, starter = store.create(RECIPES["best"]), store.get(STARTER)
    for path in (starter.lite_path, starter.model_path, starter.evaluation_path):
        shutil.copy(path, run.folder)
    shutil.copytree(starter.weights_path, run.weights_path)
    run.complete(starter.result)
    return run


def assert_whole(run: Run) -> None:
    """It opens, all of it, and nothing in it was changed."""
    run = run if run.id == STARTER else RunStore(run.folder.parents[1]).get(run.id)
    assert run.damage == () and snapshot_of(run).status == "finished"
    assert Classifier.load(run).probabilities(np.zeros((1, 28, 28), np.uint8)).shape == (1, 10)
    assert 0 < Evaluation.load(run.intact(run.evaluation_path)).accuracy <= 1
    assert weights.load(run.weights_path) and weights.final(run.model_path, run.recipe.layers)


def assert_trained_once(run: Run) -> None:
    """The run is whole, its curve has no seam, and it was evaluated only once."""
    assert_whole(run)
    steps = [row["step"] for row in run.metrics() if "end" not in row and "step" in row]
    assert steps == sorted(set(steps))
    ends = [row["epoch"] for row in run.metrics() if "end" in row]
    assert ends == list(range(1, run.recipe.epochs + 1))
    assert (run.folder / "log.txt").read_text().count("test accuracy") == 1
    assert not list(run.folder.glob("*.tmp"))


def writes_a_checkpoint(run: Run) -> bool:
    """Whether a process is writing a checkpoint at this moment, and there is an earlier one."""
    with suppress(FileNotFoundError):  # it has just been renamed
        sizes = [path.stat().st_size for path in run.folder.glob("*.tmp")]
        return run.checkpoint_path.exists() and max(sizes, default=0) > SMALL
    return False


def kill_trainer(run: Run, moment: float | None) -> str:
    """SIGKILL to the process that trains the run; returns what that left: "checkpoint", "beginning", "result".

    `moment` is in seconds from the start of the process; None waits until it is writing a checkpoint.
    """
    wait_until(lambda: run.attempt is not None, "the training")
    if moment is None:
        wait_until(lambda: run.result or writes_a_checkpoint(run), "a checkpoint", pause=0.0002)
    else:
        time.sleep(moment)
    with suppress(ProcessLookupError):
        os.kill(run.attempt.pid, signal.SIGKILL)
    wait_until(status_is(run, "failed", "finished"), "the end")
    snapshot = snapshot_of(run)
    if snapshot.status == "finished":
        return "result"
    assert snapshot.can_resume or snapshot.can_begin_again
    wait_until(lambda: "signal 9" in run.log_tail(), "a word about it")
    return "checkpoint" if snapshot.can_resume else "beginning"


def kill_trainers(store: RunStore, times: int, longest: float, recipe: Recipe = LONG) -> Counter[str]:
    """Kill a run's trainer `times` times, every third time in the writing of a checkpoint; then let it finish.

    Each time it goes on from what was left, and a run that was finished already is followed by another. Returns
    how often each was left.
    """
    other, runs, left = finished_run(store), [], Counter()
    with serving(store) as server:
        for number in range(times):
            if not runs or runs[-1].result:
                runs.append(server.submit(recipe))
            left[kill_trainer(runs[-1], None if number % 3 == 1 else random.uniform(0, longest))] += 1
            assert_whole(other)
            if not runs[-1].result:
                runs[-1] = runs[-1].resume()
        runs.append(server.submit(SHORT))
        for run in runs:
            wait_until(status_is(run, "finished"), "the end")
            assert_trained_once(run)
    assert_whole(other)
    return left


def kill_server(store: RunStore, run: Run | None, moment: float, recipe: Recipe = LONG) -> Run:
    """SIGKILL to the server `moment` seconds after it began to train the run or a new one; then resume that."""
    with serving(store) as server:
        run = server.submit(recipe) if run is None or run.result else run
        wait_until(lambda: run.attempt is not None and server.trains(run), "the training")
        trainer = run.attempt
        time.sleep(moment)
        server.kill()
        wait_until(lambda: not trainer.is_alive, "the trainer's end")
    return run if run.result else run.resume()


def kill_servers(store: RunStore, times: int, longest: float, recipe: Recipe = LONG) -> None:
    """Kill the server of a training `times` times; the next one goes on, and then trains what waits."""
    run = None
    for _ in range(times):
        run = kill_server(store, run, random.uniform(0, longest), recipe)
    with serving(store) as server:
        for trained in (run, server.submit(SHORT)):
            wait_until(status_is(trained, "finished"), "the end")
            assert_trained_once(trained)


@contextmanager
def small_disk(folder: Path, megabytes: int = 40, options: str = "") -> Iterator[Path]:
    """A file system of its own in a new folder; skips the test where none can be mounted."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m{options}", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("needs the right to mount a small file system, as root on Linux has it")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill_up(disk: Path, left: int) -> Path:
    """Write a file that leaves `left` bytes of the disk free; returns it."""
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    free = os.statvfs(disk)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, free.f_bavail * free.f_frsize - left))
    return ballast
