"""Starts, queues, watches and stops the training program: one process a run, one run at a time.

The queue is the state of the run folders; snapshot.py says which run is next. The worker owns only what it has
started, at most one process: either it trains a run, or it is warm, that is, it waits for the next run with
TensorFlow imported and the recipe that a visitor is viewing compiled. Each process is tied to its standard
input, so that it ends when the app ends, for whatever reason.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from mnist_core.recipes.recipe import Recipe
from mnist_core.runs import words
from mnist_core.runs.limits import Limits
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import snapshots_of
from mnist_core.runs.store import RunStore

KILL_AFTER = 3.0  # seconds from SIGTERM to SIGKILL
STOP_AFTER = 5.0  # seconds in which a process may react to the stop file by itself
SETTLED = 1.0  # seconds that a recipe must stay on a page before it is prepared in place of another
WARM_FOR = 600.0  # seconds that an idle process is kept after a visitor was last seen
_PERIOD = 0.1
_SIGKILL = 9  # Windows has no signal of that name


class Worker:
    """Owns the training process. All methods may be called from any thread and return at once."""

    places = 1  # runs that can train at once

    def __init__(self, store: RunStore) -> None:
        self.store = store
        self._wake = threading.Event()
        self._closed = False
        self._warm_until = 0.0
        self._wanted: Recipe | None = None  # the recipe that a visitor may train next
        self._wanted_since = 0.0
        self._process: _Process | None = None
        self._thread = threading.Thread(target=self._supervise, name="training worker", daemon=True)
        self._thread.start()

    def submit(self, recipe: Recipe, files: Mapping[str, bytes] | None = None, owner: str = "") -> Run:
        """Create a run of the recipe with `files`; it starts as soon as no other run trains and it is next."""
        run = self.store.create(recipe, files=files, owner=owner)
        self._wake.set()
        return run

    def resume(self, run: Run, epochs: int | None = None) -> None:
        """Queue a run that has ended again; RunError if it cannot be resumed."""
        run.resume(epochs)
        self._wake.set()

    def warm(self, recipe: Recipe | None = None) -> None:
        """Prepare a process: a visitor may soon start a training, of `recipe` if that is known."""
        now = time.monotonic()
        self._warm_until = now + WARM_FOR
        if recipe != self._wanted:
            self._wanted, self._wanted_since = recipe, now
        self._wake.set()

    def stop(self, run: Run) -> None:
        """Stop a run that trains, keeping its weights, or remove it from the queue."""
        run.ask_to_stop()
        self._wake.set()

    def close(self) -> None:
        """End the process, if there is one, and the supervising thread."""
        self._closed = True
        self._wake.set()
        self._thread.join()

    def _supervise(self) -> None:
        while not self._closed:
            self._wake.wait(_PERIOD if self._process and self._process.run else 1.0)
            self._wake.clear()
            try:
                self._check()
            except Exception as error:
                # A full disk or a deleted run folder must not end the supervision.
                print(f"training worker: {error!r}", file=sys.stderr)
                time.sleep(1.0)
        if self._process:
            self._process.end()

    def _check(self) -> None:
        process = self._process
        if process and process.ended():
            if not process.run:
                self._wanted = None  # preparing it may have killed the process
            self._end_process()
            process = None
        if process and process.run:
            process.obey_limit(Limits.of(self.store.home))
            process.obey_stop()
            return
        run = self._next()
        if run or time.monotonic() < self._warm_until:
            self._process = self._process or _Process(self.store.home)
        elif process:
            self._end_process()
        if run and self._process:
            self._process.train(run)
        elif self._process and self._wanted and self._is_settled():
            self._process.prepare(self._wanted)

    def _is_settled(self) -> bool:
        """Whether to prepare the wanted recipe: at once if none is prepared, else after SETTLED seconds."""
        return not self._process.prepared or time.monotonic() - self._wanted_since > SETTLED

    def _end_process(self) -> None:
        try:
            self._process.end()
        finally:
            self._process = None

    def _next(self) -> Run | None:
        """The run to start now; None while another program, such as a terminal's, trains here."""
        snapshots = snapshots_of(self.store)
        if any(snapshot.is_under_way and snapshot.attempt.is_here for snapshot in snapshots.all):
            return None
        return snapshots.waiting[0].run if snapshots.waiting else None


class _Process:
    """One training process: warm first, then training `run`."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.run: Run | None = None
        self.prepared: Recipe | None = None
        self._stopping_since = 0.0
        self._begin = 0.0  # when the run's training began, without pauses
        # Until it has a run, and thus a log, its output goes to a temporary file.
        self._words = tempfile.TemporaryFile()  # noqa: SIM115
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "mnist_core.train"],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "MNIST_HOME": str(home)},
            stdin=subprocess.PIPE,
            stdout=self._words,
            stderr=subprocess.STDOUT,
        )

    def prepare(self, recipe: Recipe) -> None:
        """Tell it to compile the recipe, unless it was already told to."""
        if not self.prepared or not recipe.trains_like(self.prepared):
            self.prepared = recipe
            self._tell(json.dumps(recipe.to_json()))

    def train(self, run: Run) -> None:
        if not run.claim(self._popen.pid):
            return
        rows = run.metrics()
        self._begin = time.monotonic() - (rows[-1].get("seconds", 0.0) if rows else 0.0)
        self.run = run
        self._tell(str(run.folder))

    def _tell(self, line: str) -> None:
        with suppress(OSError):  # it has died: `ended` detects that, and its output says why
            self._popen.stdin.write(f"{line}\n".encode())
            self._popen.stdin.flush()

    def obey_limit(self, limits: Limits) -> None:
        """Ask a visitor's run to stop if it has trained for longer than is allowed."""
        minutes = limits.minutes if self.run.owner else None
        if minutes and time.monotonic() - self._begin > 60 * minutes and not self.run.stop_asked:
            self.run.ask_to_stop(words.TIME_IS_UP.format(minutes=minutes))

    def obey_stop(self) -> None:
        """Make sure that a run that was asked to stop does stop."""
        if not self.run.stop_asked:
            return
        now = time.monotonic()
        self._stopping_since = self._stopping_since or now
        waited = now - self._stopping_since
        rows = self.run.metrics() if self.run.has_rows else []
        if not rows:
            self._popen.kill()  # still preparing: there are no weights to keep
        elif "stopped" in rows[-1] or "last" in rows[-1]:
            pass  # its last step is done: it is saving the model
        elif waited > STOP_AFTER + KILL_AFTER:
            self._popen.kill()
        elif waited > STOP_AFTER:
            self._popen.terminate()

    def ended(self) -> bool:
        return self._popen.poll() is not None

    def end(self) -> None:
        """Close the leash and wait; kill it if it does not end. A failed run's log says how it ended."""
        with suppress(OSError):  # a last line may still be in the buffer
            self._popen.stdin.close()
        try:
            code = self._popen.wait(KILL_AFTER)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            code = self._popen.wait()
        with self._words:
            if self.run and code and not self.run.stop_asked and self.run.result is None:
                self._log_end(code)

    def _log_end(self, code: int) -> None:
        path, said = self.run.folder / "log.txt", b""
        if not path.exists():
            self._words.seek(0)
            said = self._words.read()[-4000:]
        before = said.decode("utf-8", "replace") or self.run.log_tail()
        with suppress(FileNotFoundError), path.open("ab") as log:
            log.write(said + f"{_how_it_ended(code, before)}\n".encode())


def _how_it_ended(code: int, log: str) -> str:
    """A process's end in words, in English, by its exit status and what it printed last."""
    if words.OUT_OF_MEMORY not in log and words.tells_of_no_memory(log):
        return words.OUT_OF_MEMORY
    if code == -_SIGKILL:
        return words.ENDED_FROM_OUTSIDE
    how = words.ENDED_BY_SIGNAL if code < 0 else words.ENDED_WITH_STATUS
    return how.format(number=abs(code))
