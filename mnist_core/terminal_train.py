"""The terminal's commands that train: train and resume."""

import argparse
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from mnist_core.data.mnist import Dataset, Split
from mnist_core.data.pen import as_images, read_pen
from mnist_core.home import home
from mnist_core.language.messages import _, message, sentences
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.runs import pen
from mnist_core.runs.attempt import Heartbeat
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import snapshot_of
from mnist_core.runs.store import RunStore
from mnist_core.terminal import UsageError, console, say, say_json
from mnist_core.terminal_data import load_data


def train(arguments: argparse.Namespace) -> None:
    recipe, dataset = _recipe(arguments), load_data()
    digits = _pen_digits(arguments.pen) if arguments.pen else None
    run = _new_run(recipe, arguments.into)
    if digits:
        pen.keep(run, digits)
    try:
        _train(arguments, run, dataset, live=arguments.into is None)
    finally:
        if arguments.into:
            pen.forget(run)


def resume(arguments: argparse.Namespace) -> None:
    """Continue from a run's checkpoint to its last epoch, or to the epoch given by --epochs."""
    run = RunStore(home()).get(arguments.run)
    snapshot = snapshot_of(run)
    done = (snapshot.result or {}).get("epochs", 0)
    if snapshot.status == "finished" and (arguments.epochs or 0) <= done:
        raise UsageError(
            message(
                "Run {run} is finished; --epochs with more than {epochs} adds epochs.", run=run.id, epochs=done
            )
        )
    if snapshot.status == "finished" and not snapshot.can_take_more_epochs:
        raise UsageError(
            message(
                "Run {run} cannot be given more epochs: its schedule is over, or it has no checkpoint.",
                run=run.id,
            )
        )
    dataset = load_data()
    _train(arguments, run.resume(arguments.epochs, os.getpid()), dataset)


def _train(arguments: argparse.Namespace, run: Run, dataset: Dataset, live: bool = True) -> None:
    # The first Ctrl-C stops the run and keeps its weights; a second one ends the program.
    signal.signal(signal.SIGINT, lambda *_: (run.ask_to_stop(), signal.signal(signal.SIGINT, signal.SIG_DFL)))
    print(f"{run.folder}", file=sys.stderr)
    with Heartbeat(run.folder) as heartbeat:
        result = _fill(run, dataset, live, heartbeat)
    if result["status"] == "stopped":
        said = [message("The training was stopped early. What it has learnt is saved.")]
        if live:
            said.append(message("`python -m mnist_core resume {run}` goes on from there.", run=run.id))
        raise UsageError(sentences(said))
    keys = ("recipe", "seed", "epochs", "test_accuracy", "test_loss", "seconds")
    say_json(arguments, {"run": run.id, **{key: result[key] for key in keys}})
    words = _(
        "Run {run}: test accuracy {accuracy:.4f} in {seconds:.1f} s",
        run=run.id,
        accuracy=result["test_accuracy"],
        seconds=result["seconds"],
    )
    say(arguments, words)


def _pen_digits(folder: str) -> Split:
    """The folder's pen digits from writers who are not held out."""
    digits = [digit for digit in read_pen(Path(folder)) if not digit.is_held_out]
    words = _(
        "{count:,} pen digits of {writers:,} writers",
        count=len(digits),
        writers=len({digit.writer for digit in digits}),
    )
    print(words, file=sys.stderr)
    return as_images(digits)


def _fill(run: Run, dataset: Dataset, live: bool, heartbeat: Heartbeat) -> dict[str, Any]:
    """Train the run, with a progress bar."""
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


def _recipe(arguments: argparse.Namespace) -> Recipe:
    if arguments.recipe not in RECIPES:
        raise UsageError(
            message(
                "There is no recipe {name!r}; there are {names}.",
                name=arguments.recipe,
                names=", ".join(RECIPES),
            )
        )
    changes = {name: getattr(arguments, name) for name in ("seed", "epochs")}
    return replace(RECIPES[arguments.recipe], **{name: v for name, v in changes.items() if v is not None})


def _new_run(recipe: Recipe, into: str | None) -> Run:
    if into is None:
        return RunStore(home()).create(recipe, os.getpid())
    folder = Path(into).resolve()
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(message("{folder} is not empty: name a new folder, or empty this one.", folder=folder))
    return Run.create(folder, recipe)
