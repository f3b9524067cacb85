"""What a sweep has found so far, read from the folders of its runs.

Settings are compared by their accuracy on the training images that were held out (`val_accuracy`), as the mean
over their seeds: who chooses by the test set afterwards reports a figure that is too good.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mnist_core.runs.rows import last_row
from mnist_core.runs.run import Run, RunError
from mnist_core.runs.snapshot import Snapshot, Snapshots, snapshot_of
from mnist_core.runs.store import RunStore
from mnist_core.sweeps.store import SavedSweep
from mnist_core.sweeps.sweep import Sweep, Values

ENOUGH = 3  # finished seeds from which an interval can be estimated
_LEVEL = 0.95


@dataclass(frozen=True)
class Trial:
    """One run of a sweep, with its values by axis. `snapshot` is None if the run was deleted, or is hidden from
    who asks: then `hidden` is what it does."""

    values: Values
    run_id: str
    snapshot: Snapshot | None
    hidden: Snapshot | None = None

    @property
    def now(self) -> Snapshot | None:
        """What the run does, hidden or not; None if it was deleted."""
        return self.snapshot or self.hidden

    @property
    def is_active(self) -> bool:
        return self.now is not None and self.now.is_active

    @property
    def has_ended_early(self) -> bool:
        now = self.snapshot
        return now is not None and now.status in ("stopped", "failed") and not now.is_active

    @property
    def is_finished(self) -> bool:
        return (
            self.snapshot is not None and self.snapshot.status == "finished" and self.val_accuracy is not None
        )

    @cached_property
    def val_accuracy(self) -> float | None:
        """The last one that it has reached, which is that of its model; None before its first epoch's end."""
        found = last_row(self.snapshot.run.folder / "metrics.jsonl") if self.snapshot else {}
        return found.get("val_accuracy")

    @property
    def test_accuracy(self) -> float | None:
        return self.snapshot.result["test_accuracy"] if self.snapshot and self.snapshot.result else None


@dataclass(frozen=True)
class Setting:
    """The trials that differ only in their seed; `values` are those of the other axes."""

    values: Values
    trials: tuple[Trial, ...]

    @property
    def finished(self) -> tuple[Trial, ...]:
        return tuple(trial for trial in self.trials if trial.is_finished)

    @cached_property
    def accuracies(self) -> tuple[float, ...]:
        """The validation accuracy of each finished seed."""
        return tuple(trial.val_accuracy for trial in self.finished)

    @property
    def mean(self) -> float | None:
        """The mean validation accuracy over the finished seeds."""
        return float(np.mean(self.accuracies)) if self.accuracies else None

    @property
    def test_mean(self) -> float | None:
        """The mean test accuracy over the finished seeds."""
        return float(np.mean([trial.test_accuracy for trial in self.finished])) if self.finished else None

    @property
    def has_interval(self) -> bool:
        """Whether it has enough seeds for an interval, once they have finished; else `bounds` is the range."""
        return len(self.trials) >= ENOUGH

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Where the mean over all seeds lies (Student's t interval, 95 %); with fewer than ENOUGH seeds the
        lowest and the highest accuracy. None until enough seeds have finished."""
        if self.has_interval:
            return interval(self.accuracies) if len(self.accuracies) >= ENOUGH else None
        return (min(self.accuracies), max(self.accuracies)) if len(self.accuracies) > 1 else None


@dataclass(frozen=True)
class Results:
    """All trials of a sweep at one moment, in the order of its points."""

    sweep: Sweep
    trials: tuple[Trial, ...]

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """In the order of the axes' values."""
        found: dict[tuple[Any, ...], list[Trial]] = {}
        for trial in self.trials:
            found.setdefault(tuple(_without_seed(trial.values).values()), []).append(trial)
        return tuple(Setting(_without_seed(of[0].values), tuple(of)) for of in found.values())

    @cached_property
    def ranked(self) -> tuple[Setting, ...]:
        """The settings with a finished run, the best first."""
        known = [setting for setting in self.settings if setting.finished]
        return tuple(sorted(known, key=lambda of: -of.mean))

    @property
    def best(self) -> Setting | None:
        return self.ranked[0] if self.ranked else None

    @property
    def tied(self) -> tuple[Setting, ...]:
        """The other settings with the same mean as the best."""
        return tuple(of for of in self.ranked[1:] if math.isclose(of.mean, self.best.mean, rel_tol=1e-12))

    @property
    def num_as_good(self) -> int:
        """How many settings are not clearly worse than the best: their intervals overlap."""
        if not self.best or not self.best.has_interval or not self.best.bounds:
            return 0
        others = (setting.bounds for setting in self.ranked[1:])
        return sum(other is not None and other[1] >= self.best.bounds[0] for other in others)

    def of_status(self, *statuses: str) -> list[Trial]:
        return [trial for trial in self.trials if trial.snapshot and trial.snapshot.status in statuses]

    @property
    def training(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.snapshot and trial.snapshot.is_under_way]

    @property
    def is_active(self) -> bool:
        return any(trial.is_active for trial in self.trials)

    @property
    def fraction(self) -> float:
        """The share of the runs that is done, 0..1; one that ended early or was deleted counts as done."""
        return sum(map(_fraction, self.trials)) / len(self.trials)

    @property
    def num_gone(self) -> int:
        """The number of runs that were deleted."""
        return sum(trial.now is None for trial in self.trials)

    @property
    def num_hidden(self) -> int:
        """The number of runs that are hidden from who asks."""
        return sum(trial.hidden is not None for trial in self.trials)

    @property
    def ended_early(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.has_ended_early]

    @property
    def can_go_on(self) -> list[Trial]:
        """The trials that ended early and can be resumed, or begun again."""
        return [of for of in self.ended_early if of.snapshot.can_resume or of.snapshot.can_begin_again]

    @property
    def key(self) -> tuple[Any, ...]:
        """Changes when a run has begun, ended, gone or been hidden."""
        return tuple(
            (trial.now and trial.now.status, trial.is_active, trial.hidden is None) for trial in self.trials
        )

    def mean_at(self, values: Values) -> float | None:
        """The mean validation accuracy of the finished trials with these values."""
        found = [
            of.val_accuracy for of in self.trials if of.is_finished and values.items() <= of.values.items()
        ]
        return float(np.mean(found)) if found else None

    def rows(self) -> list[dict[str, Any]]:
        """One row a run: its values, its state and figures (None if there are none), for CSV and JSON."""
        return [_row(trial) for trial in self.trials]


def results_of(
    saved: SavedSweep,
    store: RunStore,
    snapshots: Snapshots | None = None,
    is_seen: Callable[[Run], bool] = lambda run: True,
) -> Results:
    """The sweep's results; `snapshots` are those of all runs, if they have been read already, and `is_seen`
    says whether a run is not hidden from who asks."""
    known = {of.run.id: of for of in snapshots.all} if snapshots else {}
    trials = []
    for values, run_id in zip(saved.sweep.points, saved.runs):
        now = known.get(run_id) if snapshots else _snapshot(store, run_id)
        is_hidden = now is not None and not is_seen(now.run)
        trials.append(Trial(values, run_id, None, now) if is_hidden else Trial(values, run_id, now))
    return Results(saved.sweep, tuple(trials))


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Student's t interval of the mean of `values`, 95 %, within 0..1 (at least two values)."""
    from scipy.special import stdtrit  # Student's t distribution: its quantile

    mean, number = float(np.mean(values)), len(values)
    half = float(stdtrit(number - 1, (1 + _LEVEL) / 2) * np.std(values, ddof=1) / math.sqrt(number))
    return max(0.0, mean - half), min(1.0, mean + half)


def _snapshot(store: RunStore, run_id: str) -> Snapshot | None:
    try:
        return snapshot_of(store.get(run_id))
    except RunError:
        return None


def _fraction(trial: Trial) -> float:
    if not trial.is_active:
        return 1.0
    return trial.now.progress.fraction if trial.now.is_under_way and trial.now.progress else 0.0


def _without_seed(values: Values) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "seed"}


def _row(trial: Trial) -> dict[str, Any]:
    result: Mapping[str, Any] = (trial.snapshot and trial.snapshot.result) or {}
    return {
        "run": trial.run_id,
        **trial.values,
        "state": trial.snapshot.status if trial.snapshot else "hidden" if trial.hidden else "deleted",
        "val_accuracy": trial.val_accuracy if result else None,
        "test_accuracy": trial.test_accuracy,
        "epochs": result.get("epochs"),
        "seconds": result.get("seconds"),
    }
