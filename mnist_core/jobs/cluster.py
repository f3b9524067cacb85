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

import os
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_core.data.sources import has_mnist
from mnist_core.jobs.engine import Engine
from mnist_core.jobs.job import run_job
from mnist_core.jobs.scheduler import ANSWER, ClusterError, connect, without_the_program, workers_of
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
AGAIN = 30.0  # seconds until a run or a worker that could not begin is tried again


class Cluster(Engine):
    """Owns the connection to the scheduler at `address`, tcp://… or tls://…."""

    places = 0

    def __init__(self, store: RunStore, address: str) -> None:
        self.address = address
        self._client: Client | None = None
        self._handed: dict[str, Future] = {}  # by the run's id
        self._failed: dict[str, tuple[float, Message]] = {}  # when, and why, a run could not be begun
        self._unfit: dict[str, tuple[float, Message]] = {}  # when, and why, a worker could not begin one
        self._asked: set[str] = set()  # workers that have been asked whether they have the program
        self._has_mnist = False
        super().__init__(store)

    def _check(self) -> None:
        snapshots = snapshots_of(self.store)  # once: it takes long with thousands of runs
        for snapshot in snapshots.all:
            if _is_cut_off(snapshot):
                _go_on(snapshot)
        try:
            self._client = self._client or connect(self.address)
            threads, tasks = workers_of(self._client)
            self._look_at_new(threads)
        except ClusterError as error:
            self.places = 0
            self._end()
            self._say(error.args[0])
            self._wake.wait(PAUSE)
            return
        ended = self._forget_ended()  # Dask still has their orders: not to be given again at once
        fit = [worker for worker in threads if worker not in self._unfit]
        self.places = sum(threads[worker] for worker in fit)
        busy = {key for worker in fit for key in tasks.get(worker, ())}
        free = self.places - len(busy | {future.key for future in self._handed.values()})
        left_out = {*self._handed, *self._failed, *ended}
        ready = [of.run for of in snapshots.waiting if of.run.id not in left_out]
        for run in ready[: max(0, free)]:
            self._hand_over(run, fit)
        self._say(self._what_hinders())

    def _look_at_new(self, workers: Iterable[str]) -> None:
        """Find the workers that came without the program: they would end as soon as they got a run."""
        new = [worker for worker in workers if worker not in self._asked]
        for worker in without_the_program(self._client, new) if new else ():
            why = message(
                "The worker {worker} cannot import mnist_core. Start it with PYTHONPATH set to the folder of "
                "the app.",
                worker=worker,
            )
            self._leave_out(worker, inf, why)
        self._asked = set(workers)
        self._unfit = {worker: why for worker, why in self._unfit.items() if worker in self._asked}

    def _hand_over(self, run: Run, workers: Sequence[str]) -> None:
        from distributed import fire_and_forget

        self._has_mnist = self._has_mnist or has_mnist(self.store.home)
        order = f"{run.folder}", run.next_attempt
        future = self._client.submit(
            on_worker,
            *order,
            self._has_mnist,
            key=f"train-{order[0]}-{order[1]}",
            retries=0,
            workers=list(workers) if self._unfit else None,
            allow_other_workers=bool(self._unfit),  # if those have gone until then
        )
        fire_and_forget(future)
        self._handed[run.id] = future

    def _forget_ended(self) -> set[str]:
        """Forget the orders that have ended, and what failed long ago; returns the runs of those orders."""
        now, ended = time.monotonic(), set()
        self._failed, self._unfit = (
            {name: (at, why) for name, (at, why) in found.items() if now - at < AGAIN}
            for found in (self._failed, self._unfit)
        )
        for run_id, future in list(self._handed.items()):
            if future.done():
                del self._handed[run_id]
                ended.add(run_id)
                if future.status == "error":
                    self._note(run_id, _problem_of(future))
        return ended

    def _note(self, run_id: str, problem: Exception) -> None:
        """Note why a run could not be begun: a fault of the worker's machine, or of this run."""
        now = time.monotonic()
        if isinstance(problem, CannotBegin):
            worker, why = problem.args
            words = message("The worker {worker} cannot train: {problem}", worker=worker, problem=why)
            self._leave_out(worker, now, words)
        else:
            words = message(
                "The cluster could not begin run {run}. The reason: {problem}",
                run=run_id,
                problem=said_by(problem) or type(problem).__name__,
            )
            self._failed[run_id] = now, words

    def _leave_out(self, worker: str, at: float, why: Message) -> None:
        print(f"cluster: {why}", file=sys.stderr, flush=True)
        self._unfit[worker] = at, why

    def _what_hinders(self) -> Message | None:
        found = {**self._failed, **({} if self.places else self._unfit)}
        if found or self.places:
            return next((why for _at, why in found.values()), None)
        return message("The cluster at {address} has no workers. Runs wait until it has.", address=self.address)

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


class CannotBegin(RuntimeError):
    """A worker cannot begin any run; its address, and why."""


def on_worker(folder: str, number: int, needs_mnist: bool) -> None:
    """What a Dask worker does: one attempt at a run, ended early if the worker closes.

    With `needs_mnist` the server has MNIST: the worker must not train on the stand-in set then. CannotBegin
    says what is wrong with this worker.
    """
    from distributed import get_worker
    from distributed.core import Status

    path, worker = Path(folder), get_worker()
    closing = (Status.closing, Status.closed, Status.failed)
    try:
        check_machine(path, needs_mnist)
    except OSError as error:
        raise CannotBegin(worker.address, said_by(error)) from error
    run_job(path, number, is_over=lambda: worker.status in closing, engine=CLUSTER)


def check_machine(folder: Path, needs_mnist: bool) -> None:
    """OSError if this machine lacks the folder of runs, cannot write there, or lacks MNIST."""
    if not folder.parent.is_dir():
        words = message(
            "{folder} does not exist there, and all machines need the same folders.", folder=folder.parent
        )
        raise FileNotFoundError(words)
    if not os.access(folder.parent, os.W_OK):
        raise PermissionError(message("{folder} cannot be written to there.", folder=folder.parent))
    if needs_mnist and not has_mnist(folder.parents[1]):
        raise FileNotFoundError(message("it does not find MNIST. Set MNIST_DIR for it, as for the server."))


def _problem_of(future: "Future") -> Exception:
    try:
        return future.exception(timeout=ANSWER)
    except Exception as error:
        return error


def _is_cut_off(snapshot: Snapshot) -> bool:
    """Whether a cluster's worker trained the run, and the training ended with the worker."""
    run, attempt = snapshot.run, snapshot.attempt
    is_a_cluster = attempt is not None and attempt.engine == CLUSTER
    is_open = snapshot.status == "failed" and not run.is_sealed  # a sealed one has lost its result since
    return is_a_cluster and is_open and attempt.was_cut_off(run.folder)


def _go_on(snapshot: Snapshot) -> None:
    """Queue the run again, unless somebody else has, or it has been cut off too often."""
    run, attempt = snapshot.run, snapshot.attempt
    if attempt.log_end(run.folder):
        _say_in_log(run, words.WORKER_ENDED)  # which it could not say itself
    if not attempt.may_be_resumed(run.folder, MOST_TIMES) or run.attempt != attempt:
        return
    try:
        again = run.resume()
    except RunError as error:
        print(f"cluster: {said_by(error)}", file=sys.stderr, flush=True)
        return
    _say_in_log(run, words.GOES_ON.format(number=again.next_attempt))


def _say_in_log(run: Run, line: str) -> None:
    with (run.folder / "log.txt").open("a", encoding="utf-8") as log:
        print(line, file=log)
