"""A run's state in words."""

from mnist_core.runs.curves import Progress
from mnist_core.runs.snapshot import Snapshot, Snapshots
from pages.components.page.text import duration
from pages.components.training.recipe_form import expected_seconds


def state_words(snapshot: Snapshot, line: str = "") -> list[str]:
    """The status, the run's title, and its progress; for a queued run, its place in `line`."""
    recipe, where, status = snapshot.run.recipe, snapshot.progress, snapshot.status
    words = [status, recipe.title]
    if snapshot.is_training:
        words += _training(snapshot)
    elif status == "queued":
        words.append(line or "next in line")
    elif status == "stopped" and not snapshot.result:
        words.append(
            "saving what it has learnt …" if snapshot.is_under_way else "before it had learnt anything"
        )
    elif where and status != "finished":
        words.append(f"at epoch {where.epoch} of {recipe.epochs}")
    return words


def queue_lines(snapshots: Snapshots) -> dict[str, str]:
    """For each queued run, by id: its place in the queue and when it starts."""
    runs = [snapshot.run for snapshot in snapshots.all]
    wait, found = 0.0, {}
    for snapshot in snapshots.all:
        if snapshot.is_training:
            where = snapshot.progress
            known = where and where.seconds_left is not None
            wait += where.seconds_left if known else expected_seconds(snapshot.run.recipe, runs)
    for snapshot in snapshots.waiting:
        place = f"number {snapshot.place} in line" if snapshot.place > 1 else "next in line"
        found[snapshot.run.id] = place + (f" · begins in about {duration(wait)}" if wait else "")
        wait += expected_seconds(snapshot.run.recipe, runs)
    return found


def _training(snapshot: Snapshot) -> list[str]:
    where = snapshot.progress
    if where is None:
        return ["preparing: the network is being built and compiled"]
    words = [f"epoch {where.epoch} of {snapshot.run.recipe.epochs}"]
    words.append(f"step {where.step:,} of {where.num_steps:,}")
    if snapshot.status == "not responding":
        return words
    words.append("finishing" if snapshot.is_finishing else _left(where))
    if where.images_per_second:
        words.append(f"{where.images_per_second:,.0f} images/s")
    return words


def _left(where: Progress) -> str:
    if where.seconds_left is None:
        return "time left: measuring"
    return f"{duration(where.seconds_left)} left"
