"""Hands the queued runs to a Dask cluster, as many at once as its workers have places, which are their threads.

The queue stays ours, in the run folders, on a file system that all machines share under the same path. The
cluster holds only what can train at once, and loses nothing that matters when a part of it dies:

- A worker or its machine dies: its training ends with it. Dask gives the order to another worker, which finds
  that this attempt was made (runs/attempt.py). The run is then queued again, at most MOST_TIMES.
- The scheduler dies: its workers end, and their trainings. What starts them anew is outside of this program.
- A server dies: what it has handed over goes on, since Dask keeps orders that nobody waits for only if told to.
- Two servers hand over the same run: Dask knows the order by its key, and the claim decides in any case.

A run is stopped by its stop file, as ever: a cancelled order would train on in its thread (distributed, issue
3681). `distributed` is imported only to connect.
"""

import ipaddress
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mnist_core.jobs.engine import Engine
from mnist_core.jobs.job import run_job
from mnist_core.language.messages import Message, message, said_by
from mnist_core.runs import words
from mnist_core.runs.attempt import CLUSTER
from mnist_core.runs.run import Run, RunError
from mnist_core.runs.snapshot import Snapshot, snapshots_of
from mnist_core.runs.store import RunStore

if TYPE_CHECKING:
    from distributed import Client, Future

MOST_TIMES = 3  # that a run is queued again by itself
ANSWER = 5.0  # seconds for the scheduler to answer
PAUSE = 2.0  # seconds until it is asked again
AGAIN = 30.0  # seconds until a run that no worker could begin is handed over again


class ClusterError(RuntimeError):
    """The cluster cannot be used; the message says why, and what to do."""


class Cluster(Engine):
    """Owns the connection to the scheduler at `address`, tcp://… or tls://…."""

    places = 0

    def __init__(self, store: RunStore, address: str) -> None:
        self.address = address
        self._client: Client | None = None
        self._handed: dict[str, Future] = {}  # by the run's id
        self._failed: dict[str, tuple[float, Message]] = {}  # when, and why, a run could not be begun
        super().__init__(store)

    def _check(self) -> None:
        for snapshot in snapshots_of(self.store).all:
            if _is_cut_off(snapshot):
                _go_on(snapshot.run)
        try:
            self._client = self._client or _connect(self.address)
            self.places, busy = _places(self._client)
        except ClusterError as error:
            self.places = 0
            self._end()
            self._say(error.args[0])
            self._wake.wait(PAUSE)
            return
        self._forget_ended()
        free = self.places - len(busy | {future.key for future in self._handed.values()})
        waiting = [of.run for of in snapshots_of(self.store).waiting]
        ready = [run for run in waiting if run.id not in {*self._handed, *self._failed}]
        for run in ready[: max(0, free)]:
            self._hand_over(run)
        self._say(self._what_hinders())

    def _hand_over(self, run: Run) -> None:
        from distributed import fire_and_forget

        order = f"{run.folder}", run.next_attempt
        future = self._client.submit(on_worker, *order, key=f"train-{order[0]}-{order[1]}", retries=0)
        fire_and_forget(future)
        self._handed[run.id] = future

    def _forget_ended(self) -> None:
        now = time.monotonic()
        self._failed = {run: (at, why) for run, (at, why) in self._failed.items() if now - at < AGAIN}
        for run_id, future in list(self._handed.items()):
            if future.done():
                del self._handed[run_id]
                if future.status == "error":
                    self._failed[run_id] = now, _why(run_id, future)

    def _what_hinders(self) -> Message | None:
        if not self.places:
            return message(
                "The cluster at {address} has no workers. Runs wait until it has.", address=self.address
            )
        return next((why for _at, why in self._failed.values()), None)

    def _say(self, problem: Message | None) -> None:
        """Let the pages say it, and the server's log once."""
        if problem and f"{problem}" != f"{self.problem}":
            print(f"cluster: {problem}", file=sys.stderr, flush=True)
        self.problem = problem

    def _end(self) -> None:
        """Close the connection. What was handed over goes on."""
        client, self._client = self._client, None
        self._handed.clear()
        if client:
            with suppress(Exception):  # whatever an unreachable scheduler makes of it
                client.close(timeout=ANSWER)


def on_worker(folder: str, number: int) -> None:
    """What a Dask worker does: one attempt at a run, ended early if the worker closes."""
    from distributed import get_worker
    from distributed.core import Status

    path = Path(folder)
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"{path.parent} does not exist on this worker: all machines need the same folders"
        )
    worker = get_worker()
    closing = (Status.closing, Status.closed, Status.failed)
    run_job(path, number, is_over=lambda: worker.status in closing, engine=CLUSTER)


def check_address(address: str) -> None:
    """ClusterError if this is no scheduler's address, or one off this machine that is not encrypted."""
    try:
        parts = urlsplit(address)
        is_whole = parts.scheme in ("tcp", "tls") and parts.hostname and parts.port
    except ValueError:
        is_whole = False
    if not is_whole:
        raise ClusterError(
            message(
                "MNIST_CLUSTER is {address}, which is not the address of a Dask scheduler, such as "
                "tls://scheduler.example.org:8786.",
                address=address,
            )
        )
    if parts.scheme == "tcp" and not _is_loopback(parts.hostname):
        raise ClusterError(
            message(
                "MNIST_CLUSTER is {address}, which is not encrypted. Whoever reaches a scheduler can run "
                "programs on its machines, so on another machine than this it must be tls://, with "
                "certificates: docs/deploy.md says how.",
                address=address,
            )
        )


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _connect(address: str) -> "Client":
    """A connection to the scheduler. ClusterError if there is none."""
    check_address(address)
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterError(
            message(
                "MNIST_CLUSTER is set, but the package distributed is not installed: install it with "
                "`pip install -r requirements-cluster.txt`, and start the app again."
            )
        ) from error
    parts = urlsplit(address)

    def connect() -> "Client":
        # An unreachable scheduler is found sooner so, and a client that is not connected takes long to close.
        socket.create_connection((parts.hostname, parts.port), ANSWER).close()
        return Client(address, timeout=ANSWER, set_as_default=False, name="mnist-studio")

    return _asked(address, connect)


def _places(client: "Client") -> tuple[int, set[str]]:
    """The number of places, and the keys of what the workers train. ClusterError if there is no answer."""

    def ask(what: Callable[[], Any]) -> Any:
        return _asked(client.scheduler.address, lambda: client.sync(what, callback_timeout=ANSWER))

    threads, tasks = ask(client.scheduler.ncores), ask(client.scheduler.processing)
    return sum(threads.values()), {f"{key}" for keys in tasks.values() for key in keys}


def _asked(address: str, question: Callable[[], Any]) -> Any:
    """The scheduler's answer. ClusterError if it gives none."""
    try:
        return question()
    except Exception as error:  # of the network, of TLS, of messages that another version sends
        raise ClusterError(
            message(
                "The cluster's scheduler at {address} cannot be reached. Runs wait until it is back. The "
                "reason: {problem}",
                address=address,
                problem=said_by(error) or type(error).__name__,
            )
        ) from error


def _why(run_id: str, future: "Future") -> Message:
    try:
        problem = future.exception(timeout=ANSWER)
    except Exception as error:
        problem = error
    return message(
        "No worker of the cluster could begin run {run}. The reason: {problem}", run=run_id, problem=problem
    )


def _is_cut_off(snapshot: Snapshot) -> bool:
    """Whether the run was trained by a cluster's worker and ended with it."""
    attempt = snapshot.attempt
    return (
        snapshot.status == "failed"
        and attempt is not None
        and attempt.engine == CLUSTER
        and attempt.was_cut_off(snapshot.run.folder)
    )


def _go_on(run: Run) -> None:
    """Queue the run again, unless another server does, or it has been cut off too often."""
    if not run.attempt.may_be_resumed(run.folder, MOST_TIMES):
        return
    try:
        again = run.resume()
    except RunError as error:
        print(f"cluster: {said_by(error)}", file=sys.stderr, flush=True)
        return
    with (run.folder / "log.txt").open("a", encoding="utf-8") as log:
        print(words.GOES_ON.format(number=again.next_attempt), file=log)
