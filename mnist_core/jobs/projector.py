"""Has maps of the test set made, one process a map; what a map is stands in explain/map.py."""

import contextlib
import queue
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from mnist_core.runs.run import Run


@dataclass
class _Job:
    progress: float = 0.0
    error: str = ""
    ended: bool = False


class Projector:
    """Owns the process that makes maps, one after the other. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Run] = queue.SimpleQueue()
        self._jobs: dict[Run, _Job] = {}
        self._popen: subprocess.Popen[bytes] | None = None
        threading.Thread(target=self._work, name="maps", daemon=True).start()

    def start(self, run: Run) -> None:
        """Make the run's map, after those asked for before; nothing where that is under way."""
        if self.progress(run) is None:
            self._jobs[run] = _Job()
            self._queue.put(run)

    def progress(self, run: Run) -> float | None:
        """How far the run's map is, 0 to 1; None where none is being made."""
        job = self._jobs.get(run)
        return job.progress if job and not job.ended else None

    def error(self, run: Run) -> str:
        """Why the last attempt at the run's map failed; "" where it did not."""
        job = self._jobs.get(run)
        return job.error if job else ""

    def close(self) -> None:
        """End what is being made."""
        if self._popen:
            self._popen.kill()

    def _work(self) -> None:
        while True:
            run = self._queue.get()
            job = self._jobs[run]
            try:
                self._hold(run, job)
            except (OSError, ValueError) as error:
                job.error = str(error)
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
                with contextlib.suppress(BrokenPipeError):  # it has died: its words say why
                    process.stdin.write(f"{run.folder}\n".encode())
                    process.stdin.flush()
                for line in process.stdout:
                    job.progress = float(line)
                code = process.wait()  # before its leash is let go
            if code:
                words.seek(0)
                said = words.read().decode("utf-8", "replace").strip().splitlines()
                job.error = said[-1] if said and code == 1 else f"its process ended with {code}"
