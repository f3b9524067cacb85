"""Which run trains, which wait, and for how long."""

from mnist_core.runs import curves
from mnist_core.runs.run import Run
from pages.components.page.text import duration
from pages.components.resources import store
from pages.components.training.recipe_form import expected_seconds

State = tuple[Run, str]  # a run and its status


def all_states() -> list[State]:
    """All runs, newest first; the status is read before its rows and its result."""
    return [(run, run.status) for run in store().list()]


def focus(states: list[State]) -> tuple[Run | None, str]:
    """The run to watch, with its status: the one that trains, else the next in line, else the last.

    A run that was taken out of the queue before it began is not worth watching.
    """
    for wanted in ("training", "queued"):
        for run, status in reversed(states):
            if status == wanted:
                return run, status
    return next((state for state in states if state[0].attempt), (None, ""))


def lines(states: list[State]) -> dict[Run, str]:
    """For each run that waits, next one first: its place in line and when it begins."""
    runs = [run for run, _ in states]
    wait, found = sum(seconds_left(run, runs) for run, status in states if status == "training"), {}
    for run in [run for run, status in reversed(states) if status == "queued"]:
        place = f"number {len(found) + 1} in line" if found else "next in line"
        found[run] = place + (f" · begins in about {duration(wait)}" if wait else "")
        wait += expected_seconds(run.recipe, runs)
    return found


def seconds_left(run: Run, runs: list[Run]) -> float:
    """What a run that trains still needs; `runs` are earlier ones, for an estimate at the beginning."""
    where = curves.progress(run.metrics(), run.recipe.epochs, run.recipe.batch_size)
    known = where and where.seconds_left is not None
    return where.seconds_left if known else expected_seconds(run.recipe, runs)
