"""A Dask cluster on this machine: a scheduler and workers, each a process that can be killed and started again."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil

from mnist_core.runs.run import Run

ROOT = Path(__file__).parents[2]


class Machines:
    """Owns the processes. What was killed is started again as systemd would, at the same address."""

    def __init__(self, folder: Path, num_workers: int) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self._log = (folder / "dask.txt").open("ab")
        self._environment = {
            **os.environ,
            "PYTHONPATH": f"{ROOT}",
            "DASK_TEMPORARY_DIRECTORY": f"{folder}",
        }
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []
        self.start_scheduler()
        self.start_workers(num_workers)

    def start_scheduler(self) -> None:
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", f"{self.port}")

    def start_workers(self, number: int) -> None:
        """Start so many workers with one place each, besides those that are running."""
        options = ("--nthreads", "1", "--no-nanny", "--memory-limit", "0", "--host", "127.0.0.1")
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        self.workers += [self._start("worker", self.address, *options) for _ in range(number)]

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *command, "--no-dashboard"],
            cwd=ROOT,
            env=self._environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def worker_of(self, run: Run) -> subprocess.Popen[bytes]:
        """The worker that trains the run."""
        parent = psutil.Process(run.attempt.pid).ppid()
        return next(worker for worker in self.workers if worker.pid == parent)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGKILL)
        process.wait()

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()
        self._log.close()
