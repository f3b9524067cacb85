"""The core in a terminal: python -m mnist_core COMMAND, with --help for all commands.

With --json the last line is one JSON object. The exit status is 0 only when the work was done;
an error is one line on standard error. People read it in the language of their environment ($LANG); JSON,
names and log lines are the same in all.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np

from mnist_core.data.mnist import DataError
from mnist_core.evaluation.calibration import calibration_error
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.exchange.formats import FORMATS
from mnist_core.exchange.notebook import lesson_names
from mnist_core.home import home, settle
from mnist_core.language.catalogues import of_environment, using
from mnist_core.language.messages import _, message, said_by
from mnist_core.preprocessing.found import Found
from mnist_core.preprocessing.photo import find_in_picture
from mnist_core.preprocessing.photo_file import open_image
from mnist_core.recipes.table import RECIPES
from mnist_core.recipes.words import shows
from mnist_core.runs import seal
from mnist_core.runs.answers import Answer, answer_of
from mnist_core.runs.attempt import Superseded
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.run import RunError
from mnist_core.runs.snapshot import Snapshot, snapshot_of, snapshots_of
from mnist_core.runs.store import STARTER, RunStore
from mnist_core.runs.words import status_word
from mnist_core.terminal import UsageError, failed, note, padded, say, say_json, table
from mnist_core.terminal_data import load_data
from mnist_core.terminal_exchange import bring_in, export, write_notebook
from mnist_core.terminal_sweep import add_arguments, sweep
from mnist_core.terminal_train import resume, train
from mnist_core.trash import Trash


def recipes(arguments: argparse.Namespace) -> None:
    for recipe in RECIPES.values():
        published = f"{recipe.published.accuracy:.4f}" if recipe.published else "      "
        say(arguments, f"{recipe.name:12} {published}  {shows(recipe)}")
    say_json(arguments, {"recipes": [recipe.to_json() for recipe in RECIPES.values()]})


def runs(arguments: argparse.Namespace) -> None:
    store = RunStore(home())
    for problem in store.problems():
        note(problem)
    shown = [snapshot_of(store.get(STARTER)), *snapshots_of(store).all]
    for snapshot in shown:
        run, figures = snapshot.run, _figures(snapshot)
        status = padded(status_word(snapshot.status), 14)
        say(arguments, f"{run.id:40} {run.recipe.name:12} {status} {figures}".rstrip())
        if snapshot.is_training and snapshot.remark:
            say(arguments, f"    {snapshot.remark.words}")
        for problem in run.damage:
            note(problem)
    say_json(arguments, {"runs": [_state(snapshot) for snapshot in shown]} if arguments.json else {})


def _figures(snapshot: Snapshot) -> str:
    if snapshot.result:
        return f"{snapshot.result['test_accuracy']:.4f}"
    if snapshot.place:
        return _("number {place} in line", place=snapshot.place)
    if where := snapshot.progress:
        return _("epoch {epoch} of {epochs}", epoch=where.epoch, epochs=snapshot.run.recipe.epochs)
    return ""


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


def restore(arguments: argparse.Namespace) -> None:
    """List what was deleted, or restore one thing, or delete all of it for good."""
    trash = Trash(home())
    items = trash.list() if arguments.id is None else [trash.get(arguments.id)]
    for item in items:
        if arguments.empty:
            trash.discard(item)
        elif arguments.id:
            trash.restore(item)
        when = f"{datetime.fromtimestamp(item.deleted):%Y-%m-%d %H:%M}"
        say(arguments, f"{item.id:34} {when}  {item.place}  {item.name}")
    say_json(arguments, {"items": [asdict(item) for item in items]})


def seal_run(arguments: argparse.Namespace) -> None:
    """Accept a run's files as they are (runs/seal.py)."""
    run = RunStore(home()).get(arguments.run)
    try:
        seal.write(run.folder, run.id, (run.folder / seal.RESULT).read_bytes())
    except FileNotFoundError as error:
        raise UsageError(message("Run {run} is not complete, so it cannot be sealed.", run=run.id)) from error
    say(arguments, _("Run {run} is sealed: its files count as whole as they are now.", run=run.id))
    say_json(arguments, {"run": run.id})


def evaluate(arguments: argparse.Namespace) -> None:
    run = RunStore(home()).get(arguments.run)
    classifier = Classifier.load(run)
    test = load_data().test
    evaluation = Evaluation(classifier.probabilities(test.images), test.labels)
    error = calibration_error(evaluation)
    words = _(
        "{run}: accuracy {accuracy:.4f}, loss {loss:.4f}, calibration error {error:.4f} on {number:,} images",
        run=run.id,
        accuracy=evaluation.accuracy,
        loss=evaluation.loss,
        error=error,
        number=len(test.labels),
    )
    say(arguments, words)
    rows = evaluation.per_digit().reset_index().to_dict("records")
    for line in table(rows):
        say(arguments, line)
    answer = {"run": run.id, "accuracy": evaluation.accuracy, "loss": evaluation.loss}
    answer |= {"calibration_error": error, "per_digit": rows}
    say_json(arguments, {**answer, "confusion_matrix": evaluation.confusion_matrix.tolist()})


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
            problem = getattr(error, "strerror", None) or said_by(error)
            problems.append(message("{file}: {problem}", file=name, problem=problem))
            continue
        answers = [answer_of(of, run.recipe.other_handwriting) for of in read]
        say(arguments, f"{name}: {' '.join(map(_word, answers))}")
        rows = [number for number, row in enumerate(found.rows, 1) for digit in row]
        for place, (of, answer, row) in enumerate(zip(read, answers, rows), 1):
            line = {
                "file": name,
                "row": row,
                "place": place,
                "digit": answer.digit,
                "is_digit": answer.is_digit,
            }
            say_json(arguments, line | {"probabilities": [round(float(p), 6) for p in of]})
    if problems:
        raise UsageError(*problems)


def _word(answer: Answer) -> str:
    values = {"digit": answer.text, "share": answer.probability}
    if not answer.is_doubtful:
        return _("{digit} ({share:.1%})", **values)
    values |= {"second": answer.second, "less": answer.second_probability}
    return _("{digit} ({share:.1%} or {second}, {less:.1%})", **values)


def _found(name: str, classifier: Classifier) -> Found:
    with open(name, "rb") as file:
        found = find_in_picture(open_image(file), classifier.probabilities)
    if not found.digits:
        raise ValueError(message("No ink was found. Digits on plain paper work best."))
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m mnist_core", description=_("MNIST Studio in a terminal."))
    commands = parser.add_subparsers(required=True, metavar=_("COMMAND"))

    def command(function: Any, text: str, name: str = "") -> argparse.ArgumentParser:
        added = commands.add_parser(name or function.__name__, help=text, description=text)
        added.add_argument("--json", action="store_true", help=_("print one JSON object as the last line"))
        added.set_defaults(function=function)
        return added

    added = command(train, _("Train a recipe."))
    added.add_argument("recipe", metavar="RECIPE", help=_("one of: {names}", names=", ".join(RECIPES)))
    added.add_argument("--seed", type=int, metavar="N")
    added.add_argument("--epochs", type=int, metavar="N")
    added.add_argument(
        "--pen",
        metavar="FOLDER",
        help=_("also train on the pen digits of this folder (see docs/starter.md)"),
    )
    added.add_argument(
        "--into",
        metavar="FOLDER",
        help=_("train into this folder, as a run that can ship with the app"),
    )
    added = command(resume, _("Resume a run that was stopped or interrupted, or give it more epochs."))
    added.add_argument("run", metavar="ID")
    added.add_argument("--epochs", type=int, metavar="N", help=_("epochs altogether"))
    add_arguments(command(sweep, _("Train a recipe with several values of its settings, and compare them.")))
    command(recipes, _("List the recipes."))
    command(runs, _("List the runs."))
    added = command(restore, _("List what was deleted within a day, or restore it."))
    added.add_argument("id", nargs="?", metavar="ID")
    added.add_argument("--empty", action="store_true", help=_("delete it for good instead"))
    added = command(seal_run, _("Accept the files of a complete run as they are."), "seal")
    added.add_argument("run", metavar="ID")
    added = command(evaluate, _("Evaluate a run's model on the test set."))
    added.add_argument("--run", default=STARTER, metavar="ID", help=_("default: {name}", name=STARTER))
    added = command(predict, _("Read digits in pictures."))
    added.add_argument("files", nargs="+", metavar="FILE")
    added.add_argument("--run", default=STARTER, metavar="ID", help=_("default: {name}", name=STARTER))
    added = command(export, _("Write a run as a file to use elsewhere."))
    added.add_argument("run", metavar="ID")
    names = ", ".join(FORMATS)
    added.add_argument("--format", required=True, metavar="NAME", help=_("one of: {names}", names=names))
    added.add_argument("-o", "--output", required=True, metavar="FILE")
    added = command(write_notebook, _("Write a recipe or a lesson as a Jupyter notebook."), "notebook")
    names = ", ".join((*RECIPES, *lesson_names()))
    added.add_argument("name", metavar="NAME", help=_("one of: {names}", names=names))
    added.add_argument("-o", "--output", required=True, metavar="FILE")
    added = command(
        bring_in, _("Bring in a model or a run from a file: a bundle, a .keras or a .weights.h5."), "import"
    )
    added.add_argument("file", metavar="FILE")
    added.add_argument(
        "--like", metavar="NAME", help=_("for a .weights.h5: the recipe or run whose network it belongs to")
    )
    added.add_argument(
        "--pixels",
        choices=("scaled", "raw"),
        help=_("the pixels that the model takes: 0 to 1, or 0 to 255; by default this is found out"),
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    with using(of_environment()):
        return _main(argv)


def _main(argv: Sequence[str] | None) -> int:
    arguments = _parser().parse_args(argv)
    try:
        settle(home())
        arguments.function(arguments)
    except UsageError as error:
        return failed(*error.args)
    except (RunError, DataError, Superseded, ValueError, OSError) as error:
        return failed(said_by(error))
    except KeyboardInterrupt:
        failed(message("The program was interrupted."))
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
