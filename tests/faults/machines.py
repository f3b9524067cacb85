"""A Dask cluster on this machine: a scheduler and workers, each a process that can be killed."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import psutil

from mnist_core.runs.run import Run

ROOT = Path(__file__).parents[2]


class Machines:
    """Owns the processes. Workers that end are started again, as by systemd, and the scheduler when a test says
    so, at the same address."""

    def __init__(self, folder: Path, num_workers: int, config: Path | None = None) -> None:
        """`config` is a folder with Dask's settings, for encryption."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._protocol = "tls" if config else "tcp"
        self.address = f"{self._protocol}://127.0.0.1:{self.port}"
        self._log = (folder / "dask.txt").open("ab")
        self._environment = {**os.environ, "PYTHONPATH": f"{ROOT}", "DASK_TEMPORARY_DIRECTORY": f"{folder}"}
        if config:
            self._environment["DASK_CONFIG"] = f"{config}"
        self._ended = threading.Event()
        self.scheduler = self._start_scheduler()
        self.workers = [self._start_worker() for _ in range(num_workers)]
        self._strangers: list[subprocess.Popen[bytes]] = []
        self._thread = threading.Thread(target=self._restart)
        self._thread.start()

    def _start_scheduler(self) -> subprocess.Popen[bytes]:
        options = ("--host", "127.0.0.1", "--port", f"{self.port}", "--protocol", self._protocol)
        return self._start("scheduler", *options)

    def _start_worker(self, cwd: Path = ROOT, **environment: str) -> subprocess.Popen[bytes]:
        options = ("--nthreads", "1", "--no-nanny", "--memory-limit", "0", "--host", "127.0.0.1")
        return self._start("worker", self.address, *options, cwd=cwd, **environment)

    def add_worker(self) -> None:
        self.workers = [*self.workers, self._start_worker()]

    def add_stranger(self, cwd: Path = ROOT, **environment: str) -> subprocess.Popen[bytes]:
        """A worker that lacks something; it is not started again."""
        self._strangers.append(self._start_worker(cwd, **environment))
        return self._strangers[-1]

    def _restart(self) -> None:
        while not self._ended.wait(0.2):
            self.workers = [one if one.poll() is None else self._start_worker() for one in self.workers]

    def restart_scheduler(self) -> None:
        self.scheduler = self._start_scheduler()

    def _start(self, *command: str, cwd: Path = ROOT, **environment: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *command, "--no-dashboard"],
            cwd=cwd,
            env={**self._environment, **environment},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def worker_of(self, run: Run) -> subprocess.Popen[bytes]:
        """The worker that trains the run."""
        parent = psutil.Process(run.attempt.pid).ppid()
        return next(worker for worker in self.workers if worker.pid == parent)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()
        for process in (*self.workers, *self._strangers, self.scheduler):
            self.kill(process)
        self._log.close()
