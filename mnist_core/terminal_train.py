"""Trains a run in the terminal: the data, and a progress bar."""

import os
import sys
from typing import Any

from mnist_core.data import sources
from mnist_core.data.mnist import Dataset
from mnist_core.language.messages import _, message
from mnist_core.runs.attempt import Heartbeat
from mnist_core.runs.run import Run
from mnist_core.terminal import console, note


def load_data() -> Dataset:
    """The data; shows a progress bar while downloading, and a warning if it is not MNIST."""
    from rich.progress import DownloadColumn, Progress

    with Progress(*Progress.get_default_columns(), DownloadColumn(), console=console(), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def progress(what: str, done: int, total: int) -> None:
            tasks[what] = tasks.get(what) or bar.add_task(what)
            bar.update(tasks[what], completed=done, total=total or None)

        found = sources.load(progress=progress)
    for problem in found.problems:
        note(problem)
    if not found.is_mnist:
        note(message("These are stand-in digits that the program draws itself, not MNIST."))
    return found


def fill(run: Run, dataset: Dataset, live: bool, heartbeat: Heartbeat) -> dict[str, Any]:
    """Train the run, with a progress bar; returns its result."""
    recipe = run.recipe
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.modules.setdefault("sklearn", None)  # as in train.py
    from mnist_core.training.fill import epoch_line, split_validation, train_run

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[figures]}"),
    )
    with Progress(*columns, console=console(), transient=True) as progress:
        steps = -(-len(split_validation(recipe, dataset)[0].labels) // recipe.batch_size)
        task = progress.add_task(_("starting"), total=steps * recipe.epochs, figures="")

        def seen(row: dict[str, Any]) -> None:
            heartbeat.heard()
            if "end" in row:
                progress.console.print(epoch_line(row, recipe.epochs), highlight=False)
            elif "loss" in row:
                figures = f"loss {row['loss']:.4f}  accuracy {row['accuracy']:.4f}"
                epoch = _("epoch {epoch}/{epochs}", epoch=row["epoch"], epochs=recipe.epochs)
                progress.update(task, completed=row["step"], description=epoch, figures=figures)

        return train_run(run, dataset, seen, live)
