"""What a run can be taken away as: a literal table, and the files that need no TensorFlow.

    <home>/exports/<run id>/model.onnx     a file that the program export.py has made, kept for the next time

Formats with `needs_tensorflow` are made by that program; `content` makes the others at once.
"""

import csv
import importlib.util
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mnist_core.data.mnist import Dataset
from mnist_core.exchange import bundle, card, card_page, keras_code, notebook
from mnist_core.language.messages import N_, Message, message
from mnist_core.runs.run import Run, RunError

BYTES = "application/octet-stream"


@dataclass(frozen=True)
class Format:
    """A kind of file: `title` and `about` are messages, `suffix` ends its name, `packages` are needed.

    One that `needs_curves` shows the metrics of the training, which a run that was brought in may lack.
    """

    name: str
    title: str
    about: str
    suffix: str
    mime: str
    needs_tensorflow: bool = False
    needs_curves: bool = False
    packages: tuple[str, ...] = ()


FORMATS: dict[str, Format] = {
    kind.name: kind
    for kind in (
        Format(
            "keras",
            N_("Keras model"),
            N_("The trained model for `keras.saving.load_model`: to go on training it, or to look into it."),
            ".keras",
            BYTES,
        ),
        Format(
            "tflite",
            N_("LiteRT model"),
            N_("The same model for phones and small computers. It runs without TensorFlow."),
            ".tflite",
            BYTES,
        ),
        Format(
            "tflite-int8",
            N_("LiteRT model, int8"),
            N_("Its weights are stored as 8-bit integers: about a quarter of the size."),
            "-int8.tflite",
            BYTES,
            needs_tensorflow=True,
        ),
        Format(
            "onnx",
            N_("ONNX model"),
            N_("The same model for other programs and languages, in the format that most of them read."),
            ".onnx",
            BYTES,
            needs_tensorflow=True,
            packages=("tf2onnx", "onnx"),
        ),
        Format(
            "bundle",
            N_("Bundle"),
            N_("The whole run in one file: another installation of MNIST Studio can bring it in."),
            ".zip",
            "application/zip",
        ),
        Format(
            "card",
            N_("Model card"),
            N_("One page about the model: how it was trained, how well it reads, and where it fails."),
            ".html",
            "text/html",
        ),
        Format(
            "card-markdown",
            N_("Model card, Markdown"),
            N_("The same page as the README.md of a model hub."),
            ".md",
            "text/markdown",
        ),
        Format(
            "csv",
            N_("Metrics as CSV"),
            N_("Loss and accuracy over the training, as a table."),
            ".csv",
            "text/csv",
            needs_curves=True,
        ),
        Format(
            "tensorboard",
            N_("TensorBoard log"),
            N_("Loss and accuracy over the training: unpack it and run tensorboard --logdir on the folder."),
            "-tensorboard.zip",
            "application/zip",
            needs_tensorflow=True,
            needs_curves=True,
        ),
        Format(
            "script",
            N_("Keras script"),
            N_("The whole training as a Python program."),
            ".py",
            "text/x-python",
        ),
        Format(
            "notebook",
            N_("Notebook"),
            N_("The whole training as a Jupyter notebook, which also runs in Colab."),
            ".ipynb",
            "application/x-ipynb+json",
        ),
    )
}


def content(format_name: str, run: Run, dataset: Dataset) -> bytes:
    """The run in a format that needs no TensorFlow; texts are in the reader's language.

    RunError if the run lacks what it holds. KeyError for a format that needs TensorFlow.
    """
    check(format_name, run)
    return _MAKERS[format_name](run, dataset)


def lacking(format_name: str, run: Run) -> Message | None:
    """Why the format cannot hold anything of this run; None where it can."""
    if FORMATS[format_name].needs_curves and not any("loss" in row for row in run.metrics()):
        return message("No curves are known of this run.")
    if format_name == "bundle" and run.result and run.result["test_loss"] is None:
        return bundle.diverged()
    return None


def check(format_name: str, run: Run) -> None:
    """RunError if the format cannot hold anything of this run."""
    if problem := lacking(format_name, run):
        raise RunError(problem)
    if FORMATS[format_name].needs_curves:
        run.intact(run.folder / "metrics.jsonl")


def made_path(home: Path, run: Run, format_name: str) -> Path:
    """Where the file of a format that takes time is kept."""
    return home / "exports" / run.id / f"model{FORMATS[format_name].suffix}"


def is_fresh(run: Run, path: Path) -> bool:
    """Whether the file at `path` exists and was made from the run's present model."""
    try:
        return path.stat().st_mtime_ns > run.model_path.stat().st_mtime_ns
    except FileNotFoundError:
        return False


def missing(format_name: str) -> Message | None:
    """What to install before this format can be made; None where nothing is missing."""
    packages = [name for name in FORMATS[format_name].packages if not importlib.util.find_spec(name)]
    if not packages:
        return None
    return message(
        "This format needs packages that are not installed here: pip install {packages}",
        packages=" ".join(packages),
    )


def file_name(run: Run, format_name: str) -> str:
    """A name for the download, such as 20261126-162337672-fast-d76b.onnx."""
    return f"{run.id}{FORMATS[format_name].suffix}"


def metrics_csv(run: Run) -> bytes:
    """A row for each row of the run's metrics, a column for each key of Keras's logs; UTF-8."""
    rows = [row for row in run.metrics() if "loss" in row]
    names = list(dict.fromkeys(name for row in rows for name in row))
    file = io.StringIO()
    table = csv.DictWriter(file, names, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return file.getvalue().encode()


def _file(path: Path, run: Run) -> bytes:
    try:
        return run.intact(path).read_bytes()
    except FileNotFoundError as error:
        raise no_model(run) from error


def no_model(run: Run) -> RunError:
    return RunError(message("Run {run} has no model yet: train it to its end, or choose another.", run=run.id))


def _bundle(run: Run, dataset: Dataset) -> bytes:
    file = io.BytesIO()
    bundle.write(run, dataset, file)
    return file.getvalue()


_MAKERS: dict[str, Callable[[Run, Dataset], bytes]] = {
    "keras": lambda run, dataset: _file(run.model_path, run),
    "tflite": lambda run, dataset: _file(run.lite_path, run),
    "bundle": _bundle,
    "card": lambda run, dataset: card_page.page(run, dataset).encode(),
    "card-markdown": lambda run, dataset: card.markdown(run, dataset).encode(),
    "csv": lambda run, dataset: metrics_csv(run),
    "script": lambda run, dataset: keras_code.script(run.recipe).encode(),
    "notebook": lambda run, dataset: notebook.recipe_notebook(run.recipe),
}
