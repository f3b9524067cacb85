"""A bundle: one run in one file, to hand to somebody else.

    <title>.zip            all members are stored, not compressed
        manifest.json      first: format, version, title, when and with what it was made, the checksum of the
                           data, and bytes and SHA-256 of each other member
        recipe.json        as in the run's folder, and so are result.json and metrics.jsonl
        weights/00.npy ... the model's weights, float32, in Keras's order
        epochs/0003/00.npy ...     copies of the weights after an epoch, float16 (runs/weights.py)
        origin.json        only for a run that was brought in itself: where from (bring_in.py)
        script.py          the recipe as a Keras script
        model.keras, model.tflite, evaluation.npz, card.html, read_keras.py, read_tflite.py

The last two lines are for people. Who brings a bundle in ignores them: models and probabilities are made again
from the weights.
"""

import hashlib
import io
import json
import platform
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from typing import IO, Any

import numpy as np

from mnist_core.data.mnist import Dataset
from mnist_core.exchange import card_page
from mnist_core.exchange.keras_code import script
from mnist_core.exchange.layout import FORMAT, MANIFEST, MOST_BYTES, VERSION
from mnist_core.exchange.scripts import reading_script
from mnist_core.language.messages import Message, message
from mnist_core.recipes.words import title
from mnist_core.runs import weights
from mnist_core.runs.run import Run, RunError

_RECORDS = 300  # bytes that a member takes up in the manifest and in the zip file's own records
_FRAME = 2000  # bytes of the manifest and of the zip file without members
_PACKAGES = ("tensorflow", "keras", "ai-edge-litert", "numpy", "h5py", "streamlit")


def write(run: Run, dataset: Dataset, file: IO[bytes]) -> None:
    """Write the run's bundle into `file`. RunError if the run has no model, its files are damaged, or
    nobody could bring the bundle in.

    Model files that would make it larger than MOST_BYTES are left out.
    """
    if not run.has_model:
        raise RunError(message("Run {run} has no model, so there is nothing to take away.", run=run.id))
    if damage := run.damage:
        raise RunError(damage[0])
    members = dict(_members(run))
    room = MOST_BYTES - _FRAME - sum(len(content) + _RECORDS for content in members.values())
    if room < 0:
        raise RunError(message("Run {run} is too large for a bundle. Take its model away alone.", run=run.id))
    for name, content in _for_people(run, dataset):
        if len(content) + _RECORDS <= room:
            members[name] = content
            room -= len(content) + _RECORDS
    manifest = json.dumps(_manifest(run, dataset, members), indent=1, ensure_ascii=False)
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in {MANIFEST: manifest.encode(), **members}.items():
            archive.writestr(zipfile.ZipInfo(name), content)


def diverged() -> Message:
    return message(
        "The weights of this run are not numbers, because its training diverged. A bundle of it could not be "
        "brought in."
    )


def _members(run: Run) -> Iterator[tuple[str, bytes]]:
    """What is read when the bundle is brought in."""
    for name in ("recipe.json", "result.json", "metrics.jsonl", "origin.json"):
        if (path := run.folder / name).exists():
            yield name, path.read_bytes()
    try:
        final = weights.final(run.model_path, run.recipe.layers)
    except ValueError as error:
        raise RunError(message("The saved weights cannot be read.")) from error
    if not _is_finite(final):
        raise RunError(diverged())
    yield from _arrays("weights", final)
    for epoch, copy in weights.load(run.weights_path).items():
        if _is_finite(copy):
            yield from _arrays(f"epochs/{epoch:04}", [array.astype(np.float16) for array in copy])


def _is_finite(arrays: list[np.ndarray]) -> bool:
    return all(np.isfinite(array).all() for array in arrays)


def _arrays(folder: str, arrays: list[np.ndarray]) -> Iterator[tuple[str, bytes]]:
    for number, array in enumerate(arrays):
        file = io.BytesIO()
        np.lib.format.write_array(file, np.ascontiguousarray(array), (1, 0), allow_pickle=False)
        yield f"{folder}/{number:02}.npy", file.getvalue()


def _for_people(run: Run, dataset: Dataset) -> Iterator[tuple[str, bytes]]:
    yield "script.py", script(run.recipe).encode()
    yield "card.html", card_page.page(run, dataset).encode()
    for kind, path in (("keras", run.model_path), ("tflite", run.lite_path)):
        yield f"read_{kind}.py", reading_script(kind, path.name).encode()
    for path in (run.evaluation_path, run.lite_path, run.model_path):
        if path.exists():
            yield path.name, path.read_bytes()


def _manifest(run: Run, dataset: Dataset, members: dict[str, bytes]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": title(run.recipe),
        "run": run.id,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
        "data": {"name": "MNIST" if dataset.is_mnist else "stand-in", "sha256": checksum(dataset)},
        "members": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in members.items()
        },
    }


def checksum(dataset: Dataset) -> str:
    """SHA-256 of the training images, their labels, the test images and their labels."""
    found = hashlib.sha256()
    for split in (dataset.train, dataset.test):
        found.update(np.ascontiguousarray(split.images))
        found.update(np.ascontiguousarray(split.labels))
    return found.hexdigest()
