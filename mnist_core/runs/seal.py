"""The seal of a finished run: a checksum of each of its files, so that no damage goes unnoticed.

    manifest.json      {"version": 1, "run": the run's id,
                        "files": {"recipe.json": SHA-256, "weights/0003.npz": SHA-256, ...},
                        "before": {"recipe.json": SHA-256},    of a file that was replaced since: what it was
                        "seal": SHA-256 of the rest, as JSON with sorted keys and without spaces}

It is written just before result.json, whose content is known by then, so result.json still decides whether a
run is complete. Files are compared with it whenever they are opened for use. Runs of older versions have no
manifest and are opened as they are.

Not sealed is what may change after the end: log.txt, to which libraries print until their process is gone;
map.npz, which is made later, can be made again, and names the model that it belongs to (explain/map.py); and
the files about the process and the queue. None of them decides what a model answers.
"""

import hashlib
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from mnist_core.files import write_json
from mnist_core.language.messages import Message, message
from mnist_core.runs.errors import Damaged

MANIFEST, RESULT, VERSION = "manifest.json", "result.json", 1
_SEALED = (
    "recipe.json",
    "origin.json",
    "metrics.jsonl",
    "pen.npz",
    "base.keras",
    "my-digits.npz",
    "checkpoint*.npz",
    "weights/*.npz",
    "model.keras",
    "model.tflite",
    "evaluation.npz",
)


def write(folder: Path, run_id: str, result: bytes) -> None:
    """Seal the files in a run's folder, and the content that its result.json will have."""
    paths = sorted(path for pattern in _SEALED for path in folder.glob(pattern))
    files = {path.relative_to(folder).as_posix(): _digest(path.read_bytes()) for path in paths}
    _write(folder, {"run": run_id, "files": {**files, RESULT: _digest(result)}, "before": {}})


def expect(folder: Path, name: str, content: bytes) -> None:
    """Let a sealed file have other content from now on, too: call it before the file is replaced.

    Killed in between, the run is whole with either content. Without a manifest this does nothing.
    """
    check(folder, name)
    if sealed := _manifest(folder):
        files = {**sealed["files"], name: _digest(content)}
        _write(folder, {"run": sealed["run"], "files": files, "before": {name: _sum(f"{folder}/{name}")}})


def check(folder: Path, name: str) -> None:
    """Compare a file with the manifest. Damaged, if it is not what was sealed.

    Files that are not in the manifest, and runs without one, pass.
    """
    sealed = _manifest(folder)
    if sealed and name in sealed["files"] and (problem := _problem(folder, name, sealed)):
        raise Damaged(problem)


def damage(folder: Path) -> tuple[Message, ...]:
    """A sentence for each file that is not what was sealed; empty if all are."""
    try:
        sealed = _manifest(folder)
    except Damaged as error:
        return (error.args[0],)
    if not sealed:
        return ()
    return tuple(problem for name in sealed["files"] if (problem := _problem(folder, name, sealed)))


def sum_of(folder: Path, name: str) -> str:
    """The checksum that a file had when it was sealed; "" for one that is not sealed. Damaged as in `check`."""
    sealed = _manifest(folder)
    return sealed["files"].get(name, "") if sealed else ""


def _problem(folder: Path, name: str, sealed: dict[str, Any]) -> Message | None:
    try:
        is_whole = _sum(f"{folder}/{name}") in (sealed["files"][name], sealed["before"].get(name))
    except OSError:
        return message(
            "{file} of run {run} is missing or cannot be read. Restore the file from a backup, or train the "
            "recipe again.",
            file=name,
            run=folder.name,
        )
    if is_whole:
        return None
    return message(
        "{file} of run {run} was changed after the run ended. Restore the file from a backup, or train the "
        "recipe again.",
        file=name,
        run=folder.name,
    )


def _manifest(folder: Path) -> dict[str, Any] | None:
    """The folder's manifest; None without one. Damaged, if it is, or if it belongs elsewhere."""
    path = f"{folder}/{MANIFEST}"  # not a Path: each stroke asks this of every run
    try:
        at = os.stat(path)
    except FileNotFoundError:
        if _says_it_is_sealed(folder):
            raise Damaged(_unsealed(folder)) from None
        return None
    sealed = _read(path, at.st_mtime_ns, at.st_size)
    if sealed is None:
        raise Damaged(_unsealed(folder))
    if sealed["version"] > VERSION:
        raise Damaged(
            message(
                "Run {run} was made by a later version of MNIST Studio. Update the app to open it.",
                run=folder.name,
            )
        )
    if sealed["run"] != folder.name:
        raise Damaged(
            message(
                "The folder {run} holds the files of run {other}: give the folder that name.",
                run=folder.name,
                other=sealed["run"],
            )
        )
    return sealed


def _unsealed(folder: Path) -> Message:
    return message(
        "manifest.json of run {run} is missing or damaged, so it cannot be told whether the run's other files "
        "are whole. Restore it from a backup, or accept them as they are: `python -m mnist_core seal {run}`.",
        run=folder.name,
    )


@lru_cache(maxsize=65_536)
def _read(path: str, changed: int, size: int) -> dict[str, Any] | None:
    """The content of a manifest; None if it is damaged. One of a later version need only have its number."""
    try:
        data = json.loads(Path(path).read_text("utf-8"))
        version = data["version"]
        if isinstance(version, int) and version > VERSION:
            return data
        seal = data.pop("seal")
        is_whole = version == VERSION and seal == _seal(data) and {"run", "files", "before"} <= set(data)
        return data if is_whole else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _write(folder: Path, data: dict[str, Any]) -> None:
    data = {"version": VERSION, **data}
    write_json(folder / MANIFEST, {**data, "seal": _seal(data)})


def _seal(data: dict[str, Any]) -> str:
    return _digest(json.dumps(data, sort_keys=True, separators=(",", ":")).encode())


def _says_it_is_sealed(folder: Path) -> bool:
    path = f"{folder}/{RESULT}"
    try:
        return _is_sealed(path, os.stat(path).st_mtime_ns)
    except OSError:
        return False


@lru_cache(maxsize=65_536)
def _is_sealed(path: str, changed: int) -> bool:
    try:
        return "seal" in json.loads(Path(path).read_bytes())["versions"]
    except (ValueError, TypeError, KeyError):
        return False


def _sum(path: str) -> str:
    """A file's checksum, computed again only when its time or size changes: a stroke must not hash a model."""
    at = os.stat(path)
    return _sum_of(path, at.st_mtime_ns, at.st_size)


@lru_cache(maxsize=16384)
def _sum_of(path: str, changed: int, size: int) -> str:
    return _digest(Path(path).read_bytes())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
