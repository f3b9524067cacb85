"""One attempt at training a run, under whatever engine: the server's own worker, or a cluster's."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

from mnist_core.jobs.trainer import Trainer
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import snapshot_of

_PERIOD = 0.1  # seconds


def run_job(
    folder: Path,
    number: int,
    trainer: Trainer | None = None,
    is_over: Callable[[], bool] = lambda: False,
    engine: str = "",
) -> None:
    """Train the queued run in `folder` as attempt `number`, and return when that has ended.

    It does nothing if the run does not wait for this attempt any more: a cluster may give the same order twice,
    and late. `trainer` is a process that waits, if there is one; it is ended together with the attempt, and as
    soon as `is_over`.
    """
    run = Run(folder)
    is_there = (folder / "recipe.json").exists()
    if not is_there or run.next_attempt != number or snapshot_of(run).status != "queued":
        return
    trainer = trainer or Trainer(folder.parents[1])
    pause = Event()  # not time.sleep, which a clock that jumps can make fail
    try:
        if trainer.train(run, number, engine):
            while not trainer.has_ended and not is_over():
                _watch(trainer)
                pause.wait(_PERIOD)
    finally:
        trainer.end()


def _watch(trainer: Trainer) -> None:
    try:
        trainer.watch()
    except Exception as error:
        # A full disk or a deleted run folder must not end the supervision.
        print(f"training: {error!r}", file=sys.stderr)
        time.sleep(1.0)
