"""A run's state in words."""

import heapq
from collections.abc import Sequence

from mnist_core.language.messages import _
from mnist_core.language.numbers import duration
from mnist_core.runs.curves import Progress
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import Snapshot, Snapshots
from mnist_core.runs.words import status_word
from pages.components.resources import worker
from pages.components.training.estimates import expected_seconds


def state_words(snapshot: Snapshot, line: str = "") -> list[str]:
    """The status and the progress of a run; for a queued run, its place in `line`."""
    recipe, where, status = snapshot.run.recipe, snapshot.progress, snapshot.status
    words = [status_word(status)]
    if snapshot.is_training:
        words += _training(snapshot)
    elif status == "queued":
        words.append(line or _("next in line"))
    elif status == "stopped" and not snapshot.result:
        is_saving = snapshot.is_under_way
        words.append(_("saving what it has learnt …") if is_saving else _("before it had learnt anything"))
    elif where and status != "finished":
        words.append(_("at epoch {epoch} of {epochs}", epoch=where.epoch, epochs=recipe.epochs))
    return words


def queue_lines(snapshots: Snapshots) -> dict[str, str]:
    """For each queued run, by id: its place in the queue and when it starts."""
    runs, found = [snapshot.run for snapshot in snapshots.all], {}
    # When each place is free, in seconds from now: the next run takes the first one.
    free = [_seconds_left(snapshot, runs) for snapshot in snapshots.all if snapshot.is_training]
    free += [0.0] * (worker().places - len(free))
    heapq.heapify(free)
    for snapshot in snapshots.waiting:
        place = _("next in line")
        if snapshot.place > 1:
            place = _("number {place} in line", place=snapshot.place)
        wait = free[0] if free else 0.0
        begins = [_("begins in about {time}", time=duration(wait))] if wait else []
        found[snapshot.run.id] = " · ".join([place, *begins])
        if free:
            heapq.heapreplace(free, wait + expected_seconds(snapshot.run.recipe, runs))
    return found


def _seconds_left(snapshot: Snapshot, runs: Sequence[Run]) -> float:
    where = snapshot.progress
    known = where and where.seconds_left is not None
    return where.seconds_left if known else expected_seconds(snapshot.run.recipe, runs)


def _training(snapshot: Snapshot) -> list[str]:
    where, attempt = snapshot.progress, snapshot.attempt
    words = [] if attempt.is_here else [_("on {host}", host=attempt.host)]
    if where is None or snapshot.is_preparing:
        return [*words, _("preparing: the network is being built and compiled")]
    words.append(_("epoch {epoch} of {epochs}", epoch=where.epoch, epochs=snapshot.run.recipe.epochs))
    words.append(_("step {step:,} of {steps:,}", step=where.step, steps=where.num_steps))
    if snapshot.status == "not responding":
        return words
    words.append(_("finishing") if snapshot.is_finishing else _left(where))
    if where.images_per_second:
        words.append(_("{speed:,.0f} images/s", speed=where.images_per_second))
    return words


def _left(where: Progress) -> str:
    if where.seconds_left is None:
        return _("time left: measuring")
    return _("{time} left", time=duration(where.seconds_left))
