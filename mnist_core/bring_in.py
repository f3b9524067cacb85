"""The program that makes a run of a file from outside, once that was read and checked (exchange/vetted.py).

The app starts it as `python -m mnist_core.bring_in` and writes one line to its standard input, which stays
open as a leash:

    {"folder": "<home>/incoming/<run id>", "pixels": "scaled", "raw", or null to find it out,
     "owner": the id of the visitor whose run it becomes, if any}

It prints its progress, 0 to 1, one number a line, and last what came of it:

    {"run": id, "accuracy": 0.99, "scaled": 0.99, "raw": 0.62}      null for what was not tried
    {"refused": {...}}                                              a message (exchange/refusals.py)

The run appears in <home>/runs in one step, when it is whole. Its folder also holds

    origin.json        {"kind": "keras", "file": "model.keras", "sha256": "...", "pixels": "scaled", ...,
                        "trained_on_mnist": true, false or null where it is not known,
                        "has_same_data": whether the data where it was made are those here; null if not known,
                        "before": where the run in a bundle had been brought in from, if it had been}
"""

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.data import sources
from mnist_core.data.mnist import Dataset
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.exchange.bundle import checksum
from mnist_core.exchange.records import WAYS
from mnist_core.exchange.refusals import to_json
from mnist_core.exchange.vetted import Vetted
from mnist_core.files import write_json
from mnist_core.jobs import leash
from mnist_core.language.messages import Message, message, said_by
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs import weights
from mnist_core.runs.run import Run

CLOSE = 1.1  # times the lower loss
_IMPORTED, _TRIED = 0.3, 0.7  # progress
Progress = Callable[[float], None]


def bring(
    folder: Path,
    dataset: Dataset,
    pixels: str | None = None,
    report: Progress = lambda share: None,
    owner: str = "",
) -> dict[str, Any]:
    """Make a run of what `vet` left in the folder `<home>/incoming/<run id>`, and return the answer.

    `pixels` is one of WAYS; if it is None and the file does not say it, both are tried. ValueError if the
    model's answers are not numbers.
    """
    vetted = Vetted.load(folder)
    from mnist_core.training import fill

    report(_IMPORTED)
    tried = {
        way: _tried(replace(vetted.recipe, scaling=scaling), vetted, dataset)
        for way, scaling in WAYS.items()
        if vetted.scaling == scaling or (vetted.scaling is None and pixels in (None, way))
    }
    accuracies = {way: evaluation.accuracy for way, (_, evaluation) in tried.items()}
    best = best_way({way: evaluation for way, (_, evaluation) in tried.items()})
    model, evaluation = tried[best]
    report(_TRIED)
    part = folder / "run"
    run = Run.create(part, replace(vetted.recipe, scaling=WAYS[best]), owner=owner)
    for epoch, copy in vetted.copies():
        weights.save(run.weights_path, epoch, copy)
    if not vetted.epochs:
        weights.save(run.weights_path, run.recipe.epochs, vetted.arrays())
    if rows := vetted.rows():
        (part / "metrics.jsonl").write_bytes(rows)
    fill.save_model(model, run)
    evaluation.save(run.evaluation_path)
    write_json(part / "origin.json", _origin(vetted, best, accuracies, dataset))
    home, run_id = folder.parents[1], folder.name
    run.complete(_result(vetted, run.recipe, dataset, evaluation, model.count_params()), run_id)
    (home / "runs").mkdir(exist_ok=True)
    os.replace(part, home / "runs" / run_id)
    shutil.rmtree(folder, ignore_errors=True)
    report(1.0)
    return {"run": run_id, "accuracy": evaluation.accuracy, "scaled": None, "raw": None} | accuracies


def best_way(found: dict[str, Evaluation]) -> str:
    """The way with the lower loss, or if the losses are close the one that reads more images.

    With ReLU both may read nearly as many images, but only as it was trained is a network as sure as it should
    be. benchmarks/pixels.py compares this rule with others.
    """
    lowest = min(evaluation.loss for evaluation in found.values())
    close = {way: of.accuracy for way, of in found.items() if of.loss <= CLOSE * lowest}
    return max(close, key=close.get)


def _tried(recipe: Recipe, vetted: Vetted, dataset: Dataset) -> tuple[Any, Evaluation]:
    """The recipe's model with the weights that were brought in, and its answers to the test images."""
    from mnist_core.training import inference
    from mnist_core.training.models import as_saved, build

    network = build(replace(recipe, precision="float32"))  # as every saved model
    network.set_weights(vetted.arrays())
    model = as_saved(network, recipe)
    probabilities = inference.predict(model, dataset.test.images)
    if not np.isfinite(probabilities).all():
        raise ValueError(
            message(
                "The model's answers are not numbers: its training may have diverged. Bring in another one."
            )
        )
    return model, Evaluation(probabilities, dataset.test.labels)


def _origin(vetted: Vetted, best: str, accuracies: dict[str, float], dataset: Dataset) -> dict[str, Any]:
    """Where the run comes from, and what was found. `pixels` says which of both ways is used."""
    about = {"kind": vetted.kind, "file": vetted.file_name, "sha256": vetted.sha256, "pixels": best}
    known = {
        "trained_on_mnist": _trained_on_mnist(vetted),
        "has_same_data": vetted.data_sha256 == checksum(dataset) if vetted.data_sha256 else None,
    }
    before = vetted.origin and vetted.origin.get("before", vetted.origin)
    remarks = {"remarks": [to_json(remark) for remark in vetted.remarks]}
    return about | accuracies | remarks | known | ({"before": before} if before else {})


def _trained_on_mnist(vetted: Vetted) -> bool | None:
    """Whether it was trained on MNIST, as the bundle says; None where that is not known."""
    if vetted.origin:  # then its result only tells on what it was tested
        return vetted.origin.get("trained_on_mnist")
    return vetted.result and vetted.result["is_mnist"]


def _result(
    vetted: Vetted, recipe: Recipe, dataset: Dataset, evaluation: Evaluation, num_parameters: int
) -> dict[str, Any]:
    """The content of result.json. Of a model's own training only what its bundle says is known."""
    import keras
    import tensorflow as tf

    from mnist_core.training.fill import finite

    unknown = {
        "status": "finished",
        "recipe": recipe.name,
        "seed": recipe.seed,
        "epochs": recipe.epochs,
        "steps": 0,
        "seconds": 0.0,
        "precision": "float32",
        "temperature": 1.0,
        "pen_digits": 0,
        "versions": {"keras": keras.__version__, "tensorflow": tf.__version__},
    }
    return (vetted.result or unknown) | {
        "test_accuracy": evaluation.accuracy,
        "test_loss": finite(evaluation.loss),
        "seconds_per_step": None,  # another machine's pace would spoil the estimates for this one
        "parameters": num_parameters,
        "is_mnist": dataset.is_mnist,  # on which it was tested; origin.json tells of its training
    }


def main() -> int:
    """Make the run. The exit status is 0 once it is whole; otherwise the last line says why it is refused."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Waiting threads must not take CPU time from other processes, such as a training.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    sys.modules.setdefault("sklearn", None)  # as in train.py
    order = json.loads(leash.lines(lambda: os._exit(1)).get())
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # keeps libraries' prints out of the progress output
    try:
        os.utime(order["folder"])  # one that has waited long would count as left behind
        dataset = sources.load(download=False)
        report = partial(print, file=answers, flush=True)
        told = bring(Path(order["folder"]), dataset, order.get("pixels"), report, order.get("owner", ""))
        print(json.dumps(told), file=answers, flush=True)
        return 0
    except Exception as error:
        said = said_by(error)
        if isinstance(said, Message):
            print(json.dumps({"refused": to_json(said)}), file=answers, flush=True)
        print(str(error) or repr(error), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
