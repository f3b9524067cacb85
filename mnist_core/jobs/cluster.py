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

import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_core.jobs.engine import Engine
from mnist_core.jobs.job import run_job
from mnist_core.jobs.scheduler import ANSWER, ClusterError, connect, places_of
from mnist_core.language.messages import Message, message, said_by
from mnist_core.runs import words
from mnist_core.runs.attempt import CLUSTER
from mnist_core.runs.run import Run, RunError
from mnist_core.runs.snapshot import Snapshot, snapshots_of
from mnist_core.runs.store import RunStore

if TYPE_CHECKING:
    from distributed import Client, Future

MOST_TIMES = 3  # that a run is queued again by itself
PAUSE = 2.0  # seconds until it is asked again
AGAIN = 30.0  # seconds until a run that no worker could begin is handed over again


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
        snapshots = snapshots_of(self.store)  # once: it takes long with thousands of runs
        for snapshot in snapshots.all:
            if _is_cut_off(snapshot):
                _go_on(snapshot)
        try:
            self._client = self._client or connect(self.address)
            self.places, busy = places_of(self._client)
        except ClusterError as error:
            self.places = 0
            self._end()
            self._say(error.args[0])
            self._wake.wait(PAUSE)
            return
        self._forget_ended()
        free = self.places - len(busy | {future.key for future in self._handed.values()})
        left_out = {*self._handed, *self._failed}
        ready = [of.run for of in snapshots.waiting if of.run.id not in left_out]
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


def _why(run_id: str, future: "Future") -> Message:
    try:
        problem = future.exception(timeout=ANSWER)
    except Exception as error:
        problem = error
    return message(
        "No worker of the cluster could begin run {run}. The reason: {problem}", run=run_id, problem=problem
    )


def _is_cut_off(snapshot: Snapshot) -> bool:
    """Whether a cluster's worker trained the run, and the training ended with the worker."""
    run, attempt = snapshot.run, snapshot.attempt
    is_a_cluster = attempt is not None and attempt.engine == CLUSTER
    is_open = snapshot.status == "failed" and not run.is_sealed  # a sealed one has lost its result since
    return is_a_cluster and is_open and attempt.was_cut_off(run.folder)


def _go_on(snapshot: Snapshot) -> None:
    """Queue the run again, unless somebody else has, or it has been cut off too often."""
    run, attempt = snapshot.run, snapshot.attempt
    if not attempt.may_be_resumed(run.folder, MOST_TIMES) or run.attempt != attempt:
        return
    try:
        again = run.resume()
    except RunError as error:
        print(f"cluster: {said_by(error)}", file=sys.stderr, flush=True)
        return
    with (run.folder / "log.txt").open("a", encoding="utf-8") as log:
        print(words.GOES_ON.format(number=again.next_attempt), file=log)
