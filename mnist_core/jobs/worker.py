"""Trains the queued runs on the server's own machine, one at a time, each in a process of its own.

The worker owns at most one process: either it trains a run, or it is warm, that is, it waits for the next run
with TensorFlow imported and the recipe that a visitor is viewing compiled.
"""

import time

from mnist_core.jobs.engine import Engine
from mnist_core.jobs.job import run_job
from mnist_core.jobs.trainer import Trainer
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import snapshots_of
from mnist_core.runs.store import RunStore

SETTLED = 1.0  # seconds that a recipe must stay on a page before it is prepared in place of another
WARM_FOR = 600.0  # seconds that an idle process is kept after a visitor was last seen


class Worker(Engine):
    """Owns the training process."""

    def __init__(self, store: RunStore) -> None:
        self._warm_until = 0.0
        self._wanted: Recipe | None = None  # the recipe that a visitor may train next
        self._wanted_since = 0.0
        self._process: Trainer | None = None
        super().__init__(store)

    def warm(self, recipe: Recipe | None = None) -> None:
        """Prepare a process: a visitor may soon start a training, of `recipe` if that is known."""
        now = time.monotonic()
        self._warm_until = now + WARM_FOR
        if recipe != self._wanted:
            self._wanted, self._wanted_since = recipe, now
        self._wake.set()

    def _check(self) -> None:
        if self._process and self._process.has_ended:
            self._wanted = None  # preparing it may have killed the process
            self._end()
        run = self._next()
        if run or time.monotonic() < self._warm_until:
            self._process = self._process or Trainer(self.store.home)
        else:
            self._end()
        if run:
            self._train(run)
        elif self._process and self._wanted and self._is_settled():
            self._process.prepare(self._wanted)

    def _train(self, run: Run) -> None:
        """Train the run to its end, or until the server closes."""
        try:
            run_job(run.folder, run.next_attempt, self._process, lambda: self._closed)
        finally:
            if self._process.has_ended:  # else another program has taken the run
                self._process = None

    def _is_settled(self) -> bool:
        """Whether to prepare the wanted recipe: at once if none is prepared, else after SETTLED seconds."""
        return not self._process.prepared or time.monotonic() - self._wanted_since > SETTLED

    def _end(self) -> None:
        try:
            if self._process:
                self._process.end()
        finally:
            self._process = None

    def _next(self) -> Run | None:
        """The run to start now; None while another program, such as a terminal's, trains here."""
        snapshots = snapshots_of(self.store)
        if any(snapshot.is_under_way and snapshot.attempt.is_here for snapshot in snapshots.all):
            return None
        return snapshots.waiting[0].run if snapshots.waiting else None
