"""What a run is doing: read from its folder once, so that all that is said of it belongs together.

Pages, the live route and the terminal show nothing else of a run's state. The status is read before the
rows, so that a run is never called finished beside half its curve.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from mnist_core.runs.attempt import Attempt
from mnist_core.runs.curves import Progress, progress
from mnist_core.runs.diagnosis import Remark, diagnose
from mnist_core.runs.rows import last_row
from mnist_core.runs.run import Run
from mnist_core.runs.store import RunStore

STATUSES = ("queued", "training", "not responding", "stopped", "finished", "failed")
_TICK = 10.0  # seconds of training after which figures that move are said anew


@dataclass(frozen=True)
class Snapshot:
    """A run at one moment.

    `status` is one of STATUSES. A stopped run says so as soon as its last step is done, while what it has
    learnt is still being evaluated: it is then under way, too. `result` is what result.json holds (`status`,
    `test_accuracy`, `test_loss`, `seconds`, `epochs`, `is_mnist` and more), None until the run is whole.
    `attempt` is the process that trains it, or did last. `place` counts the queued runs from 1, which is the
    next; None where it does not wait or was not asked.
    """

    run: Run
    status: str
    is_under_way: bool
    is_stopping: bool
    result: Mapping[str, Any] | None
    attempt: Attempt | None
    place: int | None = None

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The metrics rows so far."""
        return self.run.metrics()

    @cached_property
    def progress(self) -> Progress | None:
        """How far it has come; None before its first step."""
        return progress(self.rows, self.run.recipe.epochs, self.run.recipe.batch_size)

    @cached_property
    def remark(self) -> Remark | None:
        """The gravest of what is remarkable about how it learns, if anything is."""
        return diagnose(self.run.recipe, self.rows)

    @property
    def notes(self) -> list[str]:
        """What the training said on its way."""
        return [row["note"] for row in self.rows if "note" in row]

    @property
    def is_active(self) -> bool:
        """Whether the run's folder may still change by itself."""
        return self.status == "queued" or self.is_under_way

    @property
    def is_training(self) -> bool:
        """Whether it is between its start and its last step, be it that it does not respond."""
        return self.status in ("training", "not responding")

    @property
    def is_finishing(self) -> bool:
        """Whether its last step is done, so that only evaluating and saving are left."""
        where = self.progress  # of a run that was resumed, a last row may be that of the attempt before
        return bool(where) and "last" in self.rows[-1] and (where.fraction == 1 or self.run.recipe.patience > 0)

    @property
    def can_resume(self) -> bool:
        """Whether it ended before its time and left a checkpoint to go on from."""
        return self.status in ("stopped", "failed") and self.run.can_go_on

    @property
    def can_take_more_epochs(self) -> bool:
        """Whether it is finished, and could have gone on.

        Not where the learning rate was planned to its end, or where no lower val_loss was found for
        as long as its patience.
        """
        endless = self.run.recipe.schedule == "constant" and not self.run.recipe.patience
        return self.status == "finished" and endless and self.run.can_go_on

    @property
    def key(self) -> tuple[Any, ...]:
        """Another one once more must be drawn anew than what moves with every row.

        Figures in a remark move all the time: they are drawn anew every _TICK seconds of training.
        """
        remark = (self.remark.code, self.tick) if self.remark and self.is_active else None
        # The log says how a run failed, and may say so a little later.
        log_size = self.run.log_size if self.status == "failed" else None
        is_whole = self.result is not None
        return (self.run.id, self.status, self.is_active, is_whole, len(self.notes), remark, log_size)

    @property
    def tick(self) -> int:
        """How many times _TICK seconds it has trained."""
        seconds = self.rows[-1].get("seconds", 0.0) if self.rows else 0.0
        return int(seconds // _TICK)


@dataclass(frozen=True)
class Snapshots:
    """All runs of a store at one moment, newest first, with the places of those that wait."""

    all: tuple[Snapshot, ...]

    @cached_property
    def waiting(self) -> tuple[Snapshot, ...]:
        """The runs in the queue, the next one first."""
        found = [snapshot for snapshot in self.all if snapshot.status == "queued"]
        return tuple(sorted(found, key=lambda snapshot: snapshot.place))

    @cached_property
    def focus(self) -> Snapshot | None:
        """The run to watch: the one that trains, else the next in line, else the last.

        A run that was taken out of the queue before it began is not worth watching.
        """
        training = [snapshot for snapshot in self.all if snapshot.is_training]
        if training or self.waiting:
            return training[-1] if training else self.waiting[0]
        return next((snapshot for snapshot in self.all if snapshot.attempt), None)

    @property
    def key(self) -> tuple[Any, ...]:
        """As a snapshot's: of the run to watch, and of what is said about those that wait."""
        if not self.focus:
            return ()
        others = [snapshot.run.id for snapshot in self.waiting if snapshot is not self.focus]
        return (*self.focus.key, *others, self.focus.tick if others else None)


def snapshot_of(run: Run) -> Snapshot:
    """The run as it is now."""
    result, attempt, asked = run.result, run.attempt, run.stop_asked
    is_under_way = result is None and attempt is not None and not attempt.has_ended(run.folder)
    if result is None and not is_under_way:
        result = run.result  # it may have ended between the two reads
    if result:
        status = result["status"]
    elif is_under_way:
        is_done = asked and run.has_rows and last_row(run.folder / "metrics.jsonl").get("stopped")
        status = "stopped" if is_done else "training" if attempt.responds(run.folder) else "not responding"
    elif asked:
        status = "stopped"
    else:
        status = "failed" if attempt else "queued"
    return Snapshot(run, status, is_under_way, asked, result, attempt)


def snapshots_of(store: RunStore) -> Snapshots:
    """All of the store's runs as they are now."""
    found, place = [], 0
    for run in reversed(store.list()):  # the oldest of those that wait is the next
        snapshot = snapshot_of(run)
        if snapshot.status == "queued":
            place += 1
            snapshot = replace(snapshot, place=place)
        found.append(snapshot)
    return Snapshots(tuple(reversed(found)))
