"""The program that trains one run: it fills the run's folder and exits.

The app starts it as `python -m mnist_core.train` and writes lines to its standard input:

    {"name": "fast", ...}         a recipe that may be wanted soon, as JSON: the program compiles it
    /home/ada/var/runs/2026...    a run's folder: the program trains it and exits

Until the folder arrives it waits with TensorFlow imported, so that training starts at once. Standard
input stays open as a leash: when it closes, the app is gone, and the program exits, too.
"""

import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import NamedTuple

if __name__ == "__main__":  # now, since importing takes seconds
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the app, which then closes the leash
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# Keras imports them for what is not used here, which takes a third of the start-up time.
for name in ("sklearn", "pandas", "matplotlib"):
    sys.modules.setdefault(name, None)

import psutil
import tensorflow as tf

from mnist_core.data import sources
from mnist_core.data.mnist import Dataset
from mnist_core.jobs import leash
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs import pen, teaching, words
from mnist_core.runs.attempt import CLUSTER, Heartbeat
from mnist_core.runs.run import Run
from mnist_core.training import loop
from mnist_core.training.fill import split_validation, train_run

NICE = 5  # on Linux a quarter of the time of a core for which a process at 0 competes; at 10 hardly any is left
FEW_CORES, MOST_THREADS = 4, 16  # networks for images of 28 x 28 do not use more


class _Prepared(NamedTuple):
    """A loop compiled in advance, before its training is requested."""

    recipe: Recipe
    source: str
    training: loop.Training

    @classmethod
    def from_line(cls, line: str) -> "_Prepared | None":
        """Prepare a recipe given as JSON; None if that fails, with the reason in the log."""
        try:
            recipe, dataset = Recipe.from_json(json.loads(line)), sources.load(download=False)
            training = loop.Training(recipe, split_validation(recipe, dataset)[0])
            training.compile()
            print(f"{recipe.name}: prepared", flush=True)
            return cls(recipe, dataset.source, training)
        except Exception:
            traceback.print_exc()
            return None

    def fits(self, run: Run, dataset: Dataset) -> bool:
        is_usual = not teaching.is_lesson(run) and pen.digits_of(run) is None
        return is_usual and self.source == dataset.source and self.recipe.trains_like(run.recipe)


def _step_back() -> None:
    """Leave the processor to whoever draws: a lower priority, and of many cores one less than there are."""
    if hasattr(os, "nice"):
        os.nice(max(0, NICE - os.nice(0)))  # the app may have been started at a lower priority itself
    else:
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    cores = os.cpu_count() or 1
    # With few cores the priority is enough, and a core less would make the training much slower.
    threads = cores if cores <= FEW_CORES else min(cores - 1, MOST_THREADS)
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def main() -> int:
    """Prepare and train as standard input says. The exit status is 0 if the run is complete."""
    run: Run | None = None

    def let_go() -> None:
        """Exit, because the program that started this process is gone."""
        if run is None:
            os._exit(1)  # not 0: a requested run may be incomplete
        if run.result is None:
            attempt = run.attempt
            is_on_cluster = attempt is not None and attempt.engine == CLUSTER
            print(words.WORKER_ENDED if is_on_cluster else words.APP_ENDED, flush=True)
            if attempt and attempt.pid == os.getpid():
                attempt.log_end(run.folder)
            os._exit(1)

    lines = leash.lines(let_go)
    _step_back()
    tf.zeros(1)  # the first operation starts TensorFlow's threads
    prepared: _Prepared | None = None
    while (line := lines.get()).startswith("{"):
        if lines.empty():  # otherwise something newer is wanted
            prepared = None  # two at a time would need twice the memory
            prepared = _Prepared.from_line(line)
    run = Run(Path(line))
    with (run.folder / "log.txt").open("a", encoding="utf-8") as log:
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)
    with Heartbeat(run.folder) as heartbeat:
        try:
            dataset = sources.load(download=False)
        except Exception:
            traceback.print_exc()
            return 1
        try:
            training = prepared.training if prepared and prepared.fits(run, dataset) else None
            prepared = None  # free the memory of what does not fit
            train_run(run, dataset, lambda row: heartbeat.heard(), training=training)
            return 0
        except Exception:
            return 1  # the run's log says what happened


if __name__ == "__main__":
    sys.exit(main())
