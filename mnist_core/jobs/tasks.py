"""Runs programs beside the server, one process a task: a map, an export, a model that is brought in.

A program reads its order, one line, from standard input, which stays open as a leash. It prints its progress,
0 to 1, one number a line, and then, if it has one, its answer as a JSON object. If it fails without an answer,
the last line of its standard error says why. It is ended after MINUTES, so that it cannot hold up the others.
"""

import contextlib
import json
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

from mnist_core.language.messages import Message, message, said_by
from mnist_core.runs.run import Run

MINUTES = 15.0  # after which a program is ended


class Task(NamedTuple):
    """The order `line` for the program `mnist_core.<program>`."""

    program: str
    line: str

    @classmethod
    def of(cls, program: str, **order: Any) -> "Task":
        """The order as a JSON object."""
        return cls(program, json.dumps(order, sort_keys=True))


def map_task(run: Run) -> Task:
    return Task("map", str(run.folder))


@dataclass
class _Job:
    progress: float = 0.0
    answer: dict[str, Any] = field(default_factory=dict)
    error: Message | str = ""
    ended: bool = False


class Tasks:
    """Owns the process that does tasks, one after another. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Task] = queue.SimpleQueue()
        self._jobs: dict[Task, _Job] = {}
        self._popen: subprocess.Popen[bytes] | None = None
        threading.Thread(target=self._work, name="tasks", daemon=True).start()

    def start(self, task: Task) -> None:
        """Queue the task; no effect if it is waiting or being done already."""
        if self.progress(task) is None:
            self._jobs[task] = _Job()
            self._queue.put(task)

    def progress(self, task: Task) -> float | None:
        """Its progress, 0 to 1; None if it is neither waiting nor being done."""
        job = self._jobs.get(task)
        return job.progress if job and not job.ended else None

    def answer(self, task: Task) -> dict[str, Any]:
        """What the program answered when it last did the task; empty if it has not, or answered nothing."""
        job = self._jobs.get(task)
        return job.answer if job and job.ended else {}

    def error(self, task: Task) -> str:
        """Why it failed the last time; "" if it did not."""
        job = self._jobs.get(task)
        return str(job.error) if job else ""

    def close(self) -> None:
        """Kill the current process."""
        if self._popen:
            self._popen.kill()

    def _work(self) -> None:
        while True:
            task = self._queue.get()
            job = self._jobs[task]
            try:
                job.answer = do(task, partial(setattr, job, "progress"), partial(setattr, self, "_popen"))
            except (OSError, ValueError) as error:
                job.error = said_by(error)
            job.ended = True


def do(
    task: Task,
    report: Callable[[float], None],
    started: Callable[[subprocess.Popen[bytes]], None] = lambda process: None,
) -> dict[str, Any]:
    """Run the task's program, wait for its end, and return its answer. ValueError says why it failed."""
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(
            [sys.executable, "-m", f"mnist_core.{task.program}"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
        )
        started(process)
        answer: dict[str, Any] = {}
        with process, _limited(process) as late:
            with contextlib.suppress(BrokenPipeError):  # it has died: its standard error says why
                process.stdin.write(f"{task.line}\n".encode())
                process.stdin.flush()
            for said in map(json.loads, process.stdout):
                if isinstance(said, dict):
                    answer = said
                else:
                    report(said)
            code = process.wait()  # before the with block closes its standard input
        if code and not answer:
            raise ValueError(_late() if late.is_set() else _why(code, words))
    return answer


@contextlib.contextmanager
def _limited(process: subprocess.Popen[bytes]) -> Iterator[threading.Event]:
    """End the process after MINUTES; the event is then set."""
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(60 * MINUTES, end)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _late() -> Message:
    return message("Its process took more than {number:.0f} minutes and was ended.", number=MINUTES)


def _why(code: int, words: IO[bytes]) -> Message | str:
    """Why a process with this exit status failed; `words` is its standard error."""
    words.seek(0)
    lines = words.read().decode("utf-8", "replace").strip().splitlines()
    if lines and code == 1:
        return lines[-1]
    return message("Its process ended with exit status {number}.", number=code)
