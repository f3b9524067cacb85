"""The core in a terminal: python -m mnist_core train|resume|recipes|runs|evaluate|predict

With --json the last line is one JSON object. The exit status is 0 only if the work was done;
an error is one line on standard error.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.data import sources
from mnist_core.data.mnist import DataError, Dataset, Split
from mnist_core.data.pen import as_images, read_pen
from mnist_core.evaluation.calibration import calibration_error
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.home import home
from mnist_core.preprocessing.found import Found
from mnist_core.preprocessing.photo import find_in_picture
from mnist_core.preprocessing.photo_file import open_image
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.runs import pen
from mnist_core.runs.answers import Answer, answer_of
from mnist_core.runs.attempt import Heartbeat, Superseded
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.run import Run, RunError
from mnist_core.runs.snapshot import Snapshot, snapshot_of, snapshots_of
from mnist_core.runs.store import STARTER, RunStore


class UsageError(Exception):
    """A request that cannot be carried out; the message says what would work."""


def train(arguments: argparse.Namespace) -> None:
    recipe, dataset = _recipe(arguments), _dataset()
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
        raise UsageError(f"{run.id} is finished; --epochs with more than {done} adds epochs to it")
    if snapshot.status == "finished" and not snapshot.can_take_more_epochs:
        raise UsageError(f"{run.id} cannot be given more epochs: its schedule is over, or it has no checkpoint")
    dataset = _dataset()
    _train(arguments, run.resume(arguments.epochs, os.getpid()), dataset)


def _train(arguments: argparse.Namespace, run: Run, dataset: Dataset, live: bool = True) -> None:
    # The first Ctrl-C stops the run and keeps its weights; a second one ends the program.
    signal.signal(signal.SIGINT, lambda *_: (run.ask_to_stop(), signal.signal(signal.SIGINT, signal.SIG_DFL)))
    print(f"{run.folder}", file=sys.stderr)
    with Heartbeat(run.folder) as heartbeat:
        result = _fill(run, dataset, live, heartbeat)
    if result["status"] == "stopped":
        again = f", and `python -m mnist_core resume {run.id}` goes on from there" if live else ""
        raise UsageError(f"stopped early; what was learnt has been saved{again}")
    keys = ("recipe", "seed", "epochs", "test_accuracy", "test_loss", "seconds")
    _answer(arguments, {"run": run.id, **{key: result[key] for key in keys}})
    _say(arguments, f"run {run.id}: test accuracy {result['test_accuracy']:.4f} in {result['seconds']:.1f} s")


def _pen_digits(folder: str) -> Split:
    """The folder's pen digits from writers who are not held out."""
    digits = [digit for digit in read_pen(Path(folder)) if not digit.is_held_out]
    print(f"{len(digits):,} pen digits of {len({digit.writer for digit in digits})} writers", file=sys.stderr)
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
    with Progress(*columns, console=_console(), transient=True) as progress:
        steps = -(-len(split_validation(recipe, dataset)[0].labels) // recipe.batch_size)
        task = progress.add_task("starting", total=steps * recipe.epochs, figures="")

        def seen(row: dict[str, Any]) -> None:
            heartbeat.heard()
            if "end" in row:
                progress.console.print(epoch_line(row, recipe.epochs), highlight=False)
            elif "loss" in row:
                figures = f"loss {row['loss']:.4f}  accuracy {row['accuracy']:.4f}"
                epoch = f"epoch {row['epoch']}/{recipe.epochs}"
                progress.update(task, completed=row["step"], description=epoch, figures=figures)

        return train_run(run, dataset, seen, live)


def recipes(arguments: argparse.Namespace) -> None:
    for recipe in RECIPES.values():
        published = f"{recipe.published.accuracy:.4f}" if recipe.published else "      "
        _say(arguments, f"{recipe.name:12} {published}  {recipe.shows}")
    _answer(arguments, {"recipes": [recipe.to_json() for recipe in RECIPES.values()]})


def runs(arguments: argparse.Namespace) -> None:
    store = RunStore(home())
    for problem in store.problems():
        print(f"note: {problem}", file=sys.stderr)
    shown = [snapshot_of(store.get(STARTER)), *snapshots_of(store).all]
    for snapshot in shown:
        run, figures = snapshot.run, _figures(snapshot)
        _say(arguments, f"{run.id:40} {run.recipe.name:12} {snapshot.status:14} {figures}".rstrip())
        if snapshot.is_training and snapshot.remark:
            _say(arguments, f"    {snapshot.remark.words}")
    _answer(arguments, {"runs": [_state(snapshot) for snapshot in shown]} if arguments.json else {})


def _figures(snapshot: Snapshot) -> str:
    if snapshot.result:
        return f"{snapshot.result['test_accuracy']:.4f}"
    if snapshot.place:
        return f"number {snapshot.place} in line"
    where = snapshot.progress
    return f"epoch {where.epoch} of {snapshot.run.recipe.epochs}" if where else ""


def _state(snapshot: Snapshot) -> dict[str, Any]:
    where, remark = snapshot.progress, snapshot.remark
    return {
        "run": snapshot.run.id,
        "recipe": snapshot.run.recipe.name,
        "status": snapshot.status,
        "test_accuracy": (snapshot.result or {}).get("test_accuracy"),
        "place": snapshot.place,
        "epoch": where and where.epoch,
        "fraction": where and round(where.fraction, 4),
        "remark": remark and {"code": remark.code, **remark.numbers},
    }


def evaluate(arguments: argparse.Namespace) -> None:
    run = RunStore(home()).get(arguments.run)
    classifier = Classifier.load(run)
    test = _dataset().test
    evaluation = Evaluation(classifier.probabilities(test.images), test.labels)
    error = calibration_error(evaluation)
    figures = f"accuracy {evaluation.accuracy:.4f}, loss {evaluation.loss:.4f}, calibration error {error:.4f}"
    _say(arguments, f"{run.id}: {figures} on {len(test.labels):,} test images")
    _say(arguments, "digit  precision  recall      f1  images")
    rows = evaluation.per_digit().reset_index().to_dict("records")
    for row in rows:
        figures = f"{row['precision']:9.4f}  {row['recall']:6.4f}  {row['f1']:6.4f}  {row['support']:6}"
        _say(arguments, f"{row['digit']:5}  {figures}")
    answer = {"run": run.id, "accuracy": evaluation.accuracy, "loss": evaluation.loss}
    answer |= {"calibration_error": error, "per_digit": rows}
    _answer(arguments, {**answer, "confusion_matrix": evaluation.confusion_matrix.tolist()})


def predict(arguments: argparse.Namespace) -> None:
    """Print one answer a file; an unreadable file does not stop the others."""
    run = RunStore(home()).get(arguments.run)
    classifier = Classifier.load(run)
    problems = []
    for name in arguments.files:
        try:
            found = _found(name, classifier)
            read = classifier.probabilities(np.stack([digit.image() for digit in found.digits]))
        except (OSError, ValueError) as error:
            problems.append(f"{name}: {getattr(error, 'strerror', None) or error}")
            continue
        answers = [answer_of(of, run.recipe.other_handwriting) for of in read]
        _say(arguments, f"{name}: {' '.join(map(_word, answers))}")
        rows = [number for number, row in enumerate(found.rows, 1) for _ in row]
        for place, (of, answer, row) in enumerate(zip(read, answers, rows), 1):
            line = {
                "file": name,
                "row": row,
                "place": place,
                "digit": answer.digit,
                "is_digit": answer.is_digit,
            }
            _answer(arguments, line | {"probabilities": [round(float(p), 6) for p in of]})
    if problems:
        raise UsageError("; ".join(problems))


def _word(answer: Answer) -> str:
    second = f" or {answer.second}, {answer.second_probability:.1%}" if answer.is_doubtful else ""
    return f"{answer.text} ({answer.probability:.1%}{second})"


def _found(name: str, classifier: Classifier) -> Found:
    with open(name, "rb") as file:
        found = find_in_picture(open_image(file), classifier.probabilities)
    if not found.digits:
        raise ValueError("no ink was found; use a picture of digits on plain paper")
    return found


def _recipe(arguments: argparse.Namespace) -> Recipe:
    if arguments.recipe not in RECIPES:
        raise UsageError(f"there is no recipe {arguments.recipe!r}; there are {', '.join(RECIPES)}")
    changes = {name: getattr(arguments, name) for name in ("seed", "epochs")}
    return replace(RECIPES[arguments.recipe], **{name: v for name, v in changes.items() if v is not None})


def _new_run(recipe: Recipe, into: str | None) -> Run:
    if into is None:
        return RunStore(home()).create(recipe, os.getpid())
    folder = Path(into)
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty: name a new folder, or empty this one")
    return Run.create(folder, recipe)


def _dataset() -> Dataset:
    """The data; shows a progress bar while downloading, and a warning if it is not MNIST."""
    from rich.progress import DownloadColumn, Progress

    with Progress(*Progress.get_default_columns(), DownloadColumn(), console=_console(), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def progress(what: str, done: int, total: int) -> None:
            tasks[what] = tasks.get(what) or bar.add_task(what)
            bar.update(tasks[what], completed=done, total=total or None)

        dataset = sources.load(progress=progress)
    for problem in dataset.problems:
        print(f"note: {problem}", file=sys.stderr)
    if not dataset.is_mnist:
        print("note: these are stand-in digits that the program draws itself, not MNIST", file=sys.stderr)
    return dataset


def _console() -> Any:
    from rich.console import Console

    return Console(stderr=True)


def _say(arguments: argparse.Namespace, line: str) -> None:
    if not arguments.json:
        print(line)


def _answer(arguments: argparse.Namespace, answer: dict[str, Any]) -> None:
    if arguments.json:
        print(json.dumps(answer, ensure_ascii=False))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m mnist_core", description="MNIST Studio in a terminal.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(function: Any, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(function.__name__, help=text, description=text)
        added.add_argument("--json", action="store_true", help="print one JSON object as the last line")
        added.set_defaults(function=function)
        return added

    added = command(train, "Train a recipe.")
    added.add_argument("recipe", metavar="RECIPE", help="one of: " + ", ".join(RECIPES))
    added.add_argument("--seed", type=int, metavar="N")
    added.add_argument("--epochs", type=int, metavar="N")
    added.add_argument(
        "--pen", metavar="FOLDER", help="also train on the pen digits of this folder (see docs/starter.md)"
    )
    added.add_argument(
        "--into", metavar="FOLDER", help="train into this folder, as a run that can ship with the app"
    )
    added = command(resume, "Resume a run that was stopped or interrupted, or give it more epochs.")
    added.add_argument("run", metavar="ID")
    added.add_argument("--epochs", type=int, metavar="N", help="epochs altogether")
    command(recipes, "List the recipes.")
    command(runs, "List the runs.")
    added = command(evaluate, "Evaluate a run's model on the test set.")
    added.add_argument("--run", default=STARTER, metavar="ID", help="default: starter")
    added = command(predict, "Read digits in pictures.")
    added.add_argument("files", nargs="+", metavar="FILE")
    added.add_argument("--run", default=STARTER, metavar="ID", help="default: starter")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    try:
        arguments.function(arguments)
    except (UsageError, RunError, DataError, Superseded, ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
