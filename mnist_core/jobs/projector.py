"""Makes maps of the test set, one process a map; explain/map.py describes a map."""

import contextlib
import queue
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from mnist_core.language.messages import Message, message, said_by
from mnist_core.runs.run import Run


@dataclass
class _Job:
    progress: float = 0.0
    error: Message | str = ""
    ended: bool = False


class Projector:
    """Owns the process that makes maps, one after another. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Run] = queue.SimpleQueue()
        self._jobs: dict[Run, _Job] = {}
        self._popen: subprocess.Popen[bytes] | None = None
        threading.Thread(target=self._work, name="maps", daemon=True).start()

    def start(self, run: Run) -> None:
        """Queue the run's map; no effect if it is already being made."""
        if self.progress(run) is None:
            self._jobs[run] = _Job()
            self._queue.put(run)

    def progress(self, run: Run) -> float | None:
        """The progress of the run's map, 0 to 1; None if none is being made."""
        job = self._jobs.get(run)
        return job.progress if job and not job.ended else None

    def error(self, run: Run) -> str:
        """Why the last attempt to make the run's map failed; "" if it did not."""
        job = self._jobs.get(run)
        return str(job.error) if job else ""

    def close(self) -> None:
        """Kill the current process."""
        if self._popen:
            self._popen.kill()

    def _work(self) -> None:
        while True:
            run = self._queue.get()
            job = self._jobs[run]
            try:
                self._hold(run, job)
            except (OSError, ValueError) as error:
                job.error = said_by(error)
            job.ended = True

    def _hold(self, run: Run, job: _Job) -> None:
        with tempfile.TemporaryFile() as words:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", "mnist_core.map"],
                cwd=Path(__file__).parents[2],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words,
            )
            with self._popen as process:
                with contextlib.suppress(BrokenPipeError):  # it has died: its standard error says why
                    process.stdin.write(f"{run.folder}\n".encode())
                    process.stdin.flush()
                for line in process.stdout:
                    job.progress = float(line)
                code = process.wait()  # before the with block closes its standard input
            if code:
                words.seek(0)
                said = words.read().decode("utf-8", "replace").strip().splitlines()
                ended = message("Its process ended with exit status {number}.", number=code)
                job.error = said[-1] if said and code == 1 else ended
