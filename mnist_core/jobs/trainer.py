"""A process of the training program (train.py), and what makes it stop.

It trains a run that it is given. Meanwhile `watch` sees to it that a run that was asked to stop does stop, that
a visitor's run keeps to the limits, and that the process ends when another attempt has taken the run. It is
tied to its starter by its standard input, so that it ends when that ends, for whatever reason.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from mnist_core.recipes.recipe import Recipe
from mnist_core.runs import words
from mnist_core.runs.attempt import Attempt
from mnist_core.runs.limits import Limits
from mnist_core.runs.run import Run

KILL_AFTER = 3.0  # seconds from SIGTERM to SIGKILL
STOP_AFTER = 5.0  # seconds in which a process may react to the stop file by itself
_SIGKILL = 9  # Windows has no signal of that name


class Trainer:
    """Owns one training process: warm first, then training `run`."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._home = home
        self._attempt: Attempt | None = None
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

    def train(self, run: Run, number: int, engine: str = "") -> bool:
        """Claim the run as attempt `number` and train it; False if another process has claimed it."""
        if not run.claim(self._popen.pid, number, engine):
            return False
        rows = run.metrics()
        self._begin = time.monotonic() - (rows[-1].get("seconds", 0.0) if rows else 0.0)
        self.run, self._attempt = run, run.attempt
        self._tell(str(run.folder))
        return True

    def watch(self) -> None:
        """Let the run's limits, its stop file and its next attempt have their effect."""
        if not self._is_ours:
            self._popen.kill()
            return
        self._obey_limit(Limits.of(self._home))
        self._obey_stop()

    @property
    def _is_ours(self) -> bool:
        attempt = self.run.attempt
        return attempt is not None and attempt.number == self._attempt.number

    def _tell(self, line: str) -> None:
        with suppress(OSError):  # it has died: `has_ended` detects that, and its output says why
            self._popen.stdin.write(f"{line}\n".encode())
            self._popen.stdin.flush()

    def _obey_limit(self, limits: Limits) -> None:
        """Ask a visitor's run to stop if it has trained for longer than is allowed."""
        minutes = limits.minutes if self.run.owner else None
        if minutes and time.monotonic() - self._begin > 60 * minutes and not self.run.stop_asked:
            self.run.ask_to_stop(words.TIME_IS_UP.format(minutes=minutes))

    def _obey_stop(self) -> None:
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

    @property
    def has_ended(self) -> bool:
        return self._popen.poll() is not None

    def end(self) -> None:
        """Close the leash and wait; kill it if it does not end. A failed run's log says how it ended."""
        by_itself = self.has_ended
        with suppress(OSError):  # a last line may still be in the buffer
            self._popen.stdin.close()
        try:
            code = self._popen.wait(KILL_AFTER)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            code = self._popen.wait()
        with self._words:
            if self.run:
                self._attempt.log_end(self.run.folder, code if by_itself else None)
                is_failed = code and not self.run.stop_asked and self.run.result is None
                if is_failed and self._is_ours:
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
