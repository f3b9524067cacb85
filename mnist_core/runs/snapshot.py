"""What a run is doing: read from its folder once, so that all statements about it are consistent.

Pages, the live route and the terminal show a run's state only from here. The status is read before the rows,
so that a run is never called finished while only half of its curve is shown.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from mnist_core.runs.attempt import Attempt
from mnist_core.runs.curves import Progress, progress
from mnist_core.runs.diagnosis import Remark, diagnose
from mnist_core.runs.rows import last_row
from mnist_core.runs.run import Run
from mnist_core.runs.store import RunStore
from mnist_core.runs.words import log_words

STATUSES = ("queued", "training", "not responding", "stopped", "finished", "failed")
_LATER = 10**11  # seconds since 1970: later than any turn that was taken
_TICK = 10.0  # seconds of training between updates of the numbers in texts


@dataclass(frozen=True)
class Snapshot:
    """A run at one moment.

    `status` is one of STATUSES, a code, of which words.py has the word that is shown. A stopped run says so
    as soon as its last step is done, while what it has learnt is still being evaluated: it is then under way,
    too. `result` is what result.json holds (`status`, `test_accuracy`, `test_loss`, `seconds`, `epochs`,
    `is_mnist` and more), None until the run is whole. `attempt` is the process that trains it, or did last.
    `has_own_rows` says whether that process has reported a step. `place` counts the queued runs from 1, which
    is the next; None where it does not wait or was not asked.
    """

    run: Run
    status: str
    is_under_way: bool
    is_stopping: bool
    result: Mapping[str, Any] | None
    attempt: Attempt | None
    has_own_rows: bool = True
    place: int | None = None

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The metrics rows so far."""
        return self.run.metrics()

    @cached_property
    def progress(self) -> Progress | None:
        """Its progress; None before its first step."""
        return progress(self.rows, self.run.recipe.epochs, self.run.recipe.batch_size)

    @cached_property
    def remark(self) -> Remark | None:
        """The most serious remark about how it learns, if any."""
        return diagnose(self.run.recipe, self.rows)

    @property
    def notes(self) -> list[str]:
        """The notes that the training reported."""
        return [log_words(row["note"]) for row in self.rows if "note" in row]

    @property
    def is_active(self) -> bool:
        """Whether files in the run's folder may still change."""
        return self.status == "queued" or self.is_under_way

    @property
    def is_training(self) -> bool:
        """Whether it is between its start and its last step, even if it is not responding."""
        return self.status in ("training", "not responding")

    @property
    def is_preparing(self) -> bool:
        """Whether it trains and its process has not done a step yet; after a resume, there are earlier rows."""
        return self.is_training and not self.has_own_rows

    @property
    def is_finishing(self) -> bool:
        """Whether its last step is done and it is only evaluating and saving."""
        where = self.progress  # after a resume, the last row may be the previous attempt's
        return bool(where) and "last" in self.rows[-1] and (where.fraction == 1 or self.run.recipe.patience > 0)

    @property
    def can_resume(self) -> bool:
        """Whether it ended early and left a checkpoint to resume from."""
        return self.status in ("stopped", "failed") and self.run.can_go_on

    @property
    def can_begin_again(self) -> bool:
        """Whether it ended before its first checkpoint, so that it can only begin anew."""
        return self.status in ("stopped", "failed") and self.run.can_begin_again

    @property
    def can_take_more_epochs(self) -> bool:
        """Whether it is finished and could train for more epochs.

        False if its learning rate schedule was planned for its last epoch, or it uses early stopping.
        """
        endless = self.run.recipe.schedule == "constant" and not self.run.recipe.patience
        return self.status == "finished" and endless and self.run.can_go_on

    @property
    def key(self) -> tuple[Any, ...]:
        """Changes when more must be redrawn than what moves with every row.

        Numbers in a remark change all the time: they are redrawn every _TICK seconds of training.
        """
        remark = (self.remark.code, self.tick) if self.remark and self.is_active else None
        # The log says why a run failed, possibly a little later.
        log_size = self.run.log_size if self.status == "failed" else None
        is_whole = self.result is not None
        return (self.run.id, self.status, self.is_active, is_whole, len(self.notes), remark, log_size)

    @property
    def tick(self) -> int:
        """The number of _TICK intervals it has trained."""
        seconds = self.rows[-1].get("seconds", 0.0) if self.rows else 0.0
        return int(seconds // _TICK)


@dataclass(frozen=True)
class Snapshots:
    """All runs of a store at one moment, newest first; queued runs have their place.

    `owner` is whose training is watched rather than others'.
    """

    all: tuple[Snapshot, ...]
    owner: str = ""

    @cached_property
    def training(self) -> tuple[Snapshot, ...]:
        """The runs that train, the newest first: on a cluster there can be several."""
        return tuple(snapshot for snapshot in self.all if snapshot.is_training)

    @cached_property
    def waiting(self) -> tuple[Snapshot, ...]:
        """The queued runs, the next one first."""
        found = [snapshot for snapshot in self.all if snapshot.status == "queued"]
        return tuple(sorted(found, key=lambda snapshot: snapshot.place))

    @cached_property
    def focus(self) -> Snapshot | None:
        """The run to watch: the one that trains, else the next in the queue, else the newest that was started.

        Of several that train it is the oldest of the owner's, else the oldest. Runs that were removed from the
        queue before they started do not count.
        """
        own = [snapshot for snapshot in self.training if snapshot.run.owner == self.owner]
        if training := own or self.training:
            return training[-1]
        if self.waiting:
            return self.waiting[0]
        return next((snapshot for snapshot in self.all if snapshot.attempt), None)

    @property
    def key(self) -> tuple[Any, ...]:
        """Like a snapshot's key: for the run to watch and the text about the others that train or wait."""
        if not self.focus:
            return ()
        training, waiting = (
            [snapshot.run.id for snapshot in group if snapshot is not self.focus]
            for group in (self.training, self.waiting)
        )
        return (*self.focus.key, *training, None, *waiting, self.focus.tick if waiting else None)


def snapshot_of(run: Run) -> Snapshot:
    """The run's current state."""
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
        # A run that was brought in has no attempt: if it lost its result, it must not be trained.
        status = "failed" if attempt or run.is_sealed else "queued"
    return Snapshot(run, status, is_under_way, asked, result, attempt, run.has_rows)


def snapshots_of(store: RunStore, owner: str = "") -> Snapshots:
    """The current state of all of the store's runs, for the visitor `owner` to watch."""
    found = tuple(snapshot_of(run) for run in store.list())
    places = {snapshot.run.id: place for place, snapshot in enumerate(in_turn(found), 1)}
    placed = (replace(of, place=places[of.run.id]) if of.run.id in places else of for of in found)
    return Snapshots(tuple(placed), owner)


def in_turn(newest_first: Sequence[Snapshot]) -> list[Snapshot]:
    """The queued ones of some snapshots, the next one first.

    Owners take turns: the next run is that of the owner whose last turn was longest ago, and of an owner's runs
    the oldest. Before all come the runs that a teacher has moved to the front, the latest first.
    """
    queued = [snapshot for snapshot in reversed(newest_first) if snapshot.status == "queued"]
    fronts = {of.run.id: since for of in queued if (since := of.run.front_since) is not None}
    turns = sorted((of for of in queued if of.run.id in fronts), key=lambda of: -fronts[of.run.id])
    lines: dict[str, deque[Snapshot]] = {}
    for snapshot in queued:
        if snapshot.run.id not in fronts:
            lines.setdefault(snapshot.run.owner, deque()).append(snapshot)
    last = _last_turns(newest_first) if len(lines) > 1 else {}
    last |= {of.run.owner: float(number) for number, of in enumerate(turns, _LATER)}
    while lines:
        owner = min(lines, key=lambda owner: (last.get(owner, 0.0), lines[owner][0].run.id))
        turns.append(lines[owner].popleft())
        last[owner] = float(_LATER + len(turns))
        if not lines[owner]:
            del lines[owner]
    return turns


def _last_turns(snapshots: Sequence[Snapshot]) -> dict[str, float]:
    """When a run of each owner was last begun, in seconds since 1970."""
    found: dict[str, float] = {}
    for snapshot in snapshots:
        if snapshot.attempt:
            owner = snapshot.run.owner
            found[owner] = max(found.get(owner, 0.0), snapshot.run.begun)
    return found
