"""The terminal's commands for files to and from elsewhere: export, notebook and import."""

import argparse
import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mnist_core.data import sources
from mnist_core.exchange import formats, notebook, scripts
from mnist_core.exchange.refusals import from_json
from mnist_core.exchange.vetted import Vetted
from mnist_core.exchange.vetting import is_allowed, new_folder, vet
from mnist_core.export import in_a_process
from mnist_core.files import whole
from mnist_core.home import home
from mnist_core.jobs.tasks import Task, do
from mnist_core.language.messages import _, message
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.run import Run
from mnist_core.runs.store import RunStore
from mnist_core.terminal import console, note, say, say_json


def export(arguments: argparse.Namespace) -> None:
    """Write a run in one of the formats; beside a model, write the script that reads an image with it."""
    run, into = RunStore(home()).get(arguments.run), Path(arguments.output)
    kind = _format(arguments.format)
    with _said_of(into):
        answer = _made(run, kind, into)
        script = _script_beside(kind.name, into)
    say(arguments, _written(into))
    if "accuracy" in answer:
        words = _(
            "Test accuracy {accuracy:.4f}; with the weights as they were trained {float_accuracy:.4f}.",
            **{name: answer[name] for name in ("accuracy", "float_accuracy")},
        )
        say(arguments, words)
    if script:
        say(arguments, _("{file}: a script that reads an image with it.", file=script))
    say_json(arguments, {"run": run.id, "file": str(into), "script": script and str(script), **answer})


def write_notebook(arguments: argparse.Namespace) -> None:
    """Write a recipe or a lesson as a Jupyter notebook."""
    into, content = Path(arguments.output), notebook.notebook_of(arguments.name)
    with _said_of(into):
        _write(into, lambda: content)
    say(arguments, _written(into))
    say_json(arguments, {"name": arguments.name, "file": str(into)})


def bring_in(arguments: argparse.Namespace) -> None:
    """Make a run of a bundle, a .keras or a .weights.h5 file. ValueError says why it is refused."""
    if not is_allowed():
        raise ValueError(message("Bringing in models is switched off on this server."))
    file, folder = Path(arguments.file), new_folder(home())
    try:
        for remark in _vetted(file, _like(arguments.like), folder).remarks:
            note(remark)
        with _progress(_("The model is being rebuilt and tested")) as report:
            answer = do(Task.of("bring_in", folder=str(folder), pixels=arguments.pixels), report)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if "refused" in answer:
        raise ValueError(from_json(answer["refused"]))
    say_json(arguments, answer)
    say(arguments, _("Run {run}: test accuracy {accuracy:.4f}", run=answer["run"], accuracy=answer["accuracy"]))
    if None not in (answer["scaled"], answer["raw"]):
        words = _(
            "With pixels from 0 to 1 its accuracy is {scaled:.4f}, with pixels from 0 to 255 {raw:.4f}. "
            "--pixels chooses one of them.",
            scaled=answer["scaled"],
            raw=answer["raw"],
        )
        say(arguments, words)


def _vetted(file: Path, like: Recipe | None, folder: Path) -> Vetted:
    try:
        return vet(file, like, folder)
    except OSError as error:
        problem = error.strerror or str(error)
        raise ValueError(message("{file} cannot be read: {problem}", file=file, problem=problem)) from error


def _like(name: str | None) -> Recipe | None:
    """The recipe of this name, or that of the run with this id."""
    return None if name is None else RECIPES.get(name) or RunStore(home()).get(name).recipe


def _format(name: str) -> formats.Format:
    """The format of this name. ValueError if there is none, or it needs a package that is not installed."""
    if name not in formats.FORMATS:
        raise ValueError(
            message(
                "There is no format {name!r}; there are {names}.", name=name, names=", ".join(formats.FORMATS)
            )
        )
    if problem := formats.missing(name):
        raise ValueError(problem)
    return formats.FORMATS[name]


def _made(run: Run, kind: formats.Format, into: Path) -> dict[str, Any]:
    if not kind.needs_tensorflow:
        content = formats.content(kind.name, run, sources.load(download=False))
        _write(into, lambda: content)
        return {"bytes": len(content)}
    if not run.model_path.exists():
        raise formats.no_model(run)
    answer: dict[str, Any] = {}
    with _progress(_(kind.title)) as report:

        def content() -> bytes:
            made, told = in_a_process(run, kind.name, report)
            answer.update(told)
            return made

        _write(into, content)
    return answer


def _script_beside(format_name: str, into: Path) -> Path | None:
    if not scripts.has_script(format_name):
        return None
    path = into.with_name(scripts.script_name(into.name))
    _write(path, scripts.reading_script(format_name, into.name).encode)
    return path


def _write(path: Path, content: Callable[[], bytes]) -> None:
    """Write the file in one step. That it cannot be written is found before `content` is made."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    with whole(path) as file:
        file.write(content())
    path.chmod(0o644)  # a temporary file is readable by its owner only


@contextmanager
def _said_of(path: Path) -> Iterator[None]:
    """Within it, a file that cannot be written is a ValueError that says so."""
    try:
        yield
    except OSError as error:
        problem = error.strerror or str(error)
        raise ValueError(message("{file} cannot be written: {problem}", file=path, problem=problem)) from error


@contextmanager
def _progress(words: str) -> Iterator[Callable[[float], None]]:
    from rich.progress import BarColumn, Progress, TextColumn

    columns = TextColumn("{task.description}"), BarColumn()
    with Progress(*columns, console=console(), transient=True) as bar:
        task = bar.add_task(words, total=1.0)
        yield lambda share: bar.update(task, completed=share)


def _written(path: Path) -> str:
    return _("{file}: {size:,.1f} KB", file=path, size=path.stat().st_size / 1000)
