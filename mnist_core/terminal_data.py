"""The data for the terminal's commands."""

from typing import Any

from mnist_core.data import sources
from mnist_core.data.mnist import Dataset
from mnist_core.language.messages import message
from mnist_core.terminal import console, note


def load_data() -> Dataset:
    """The data; shows a progress bar while downloading, and a warning if it is not MNIST."""
    from rich.progress import DownloadColumn, Progress

    with Progress(*Progress.get_default_columns(), DownloadColumn(), console=console(), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def progress(what: str, done: int, total: int) -> None:
            tasks[what] = tasks.get(what) or bar.add_task(what)
            bar.update(tasks[what], completed=done, total=total or None)

        dataset = sources.load(progress=progress)
    for problem in dataset.problems:
        note(problem)
    if not dataset.is_mnist:
        note(message("These are stand-in digits that the program draws itself, not MNIST."))
    return dataset
