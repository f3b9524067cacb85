"""What a file from outside held, once it was read in a process of its own (vet.py) and checked.

    <home>/incoming/<run id>/
        vetted.json        the file's name and SHA-256, the recipe, what was found, and the remarks
        arrays.bin         the weights float32, copies of them after some epochs float16, the metrics rows

The process that read the file is not trusted: its header is checked against the layers, and exactly as many
bytes are taken from it as these layers need. No more than a chunk of them is in this process's memory.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import numpy as np

from mnist_core.exchange import archive
from mnist_core.exchange.arrays import shapes_of_all
from mnist_core.exchange.records import MOST_ROW_BYTES, checked_recipe, checked_result
from mnist_core.exchange.refusals import cannot_limit, from_json, shown
from mnist_core.exchange.strict_json import parsed
from mnist_core.files import write_json
from mnist_core.language.messages import Message, message
from mnist_core.recipes.layer import Shape
from mnist_core.recipes.recipe import BOUNDS, Recipe
from mnist_core.runs.store import new_id

INCOMING, HEADER, ARRAYS = "incoming", "vetted.json", "arrays.bin"
KINDS = ("bundle", "keras", "weights")
SECONDS = 20.0  # until the process is ended
_MOST_HEADER, _CHUNK = 200_000, 1_000_000  # bytes
_MOST_REMARKS, _MOST_COPIES = 10, 24
_STALE = 3600.0  # seconds after which a folder in incoming/ was left behind
_ROOT = Path(__file__).parents[2]


def is_allowed() -> bool:
    """Whether files from outside may be brought in: on a shared server only if it is configured so."""
    return not os.environ.get("MNIST_SHARED") or os.environ.get("MNIST_BRING_IN") == "1"


def new_folder(home: Path) -> Path:
    """A new folder for a file that is brought in, named as the run will be. Old ones are removed."""
    incoming = home / INCOMING
    incoming.mkdir(parents=True, exist_ok=True)
    for left in incoming.iterdir():
        if time.time() - left.stat().st_mtime > _STALE:
            shutil.rmtree(left, ignore_errors=True)
    folder = incoming / new_id("brought-in")
    folder.mkdir()
    return folder


@dataclass(frozen=True)
class Vetted:
    """A checked file's content, in `folder`.

    `scaling` is None where it must be found out by trying. `result` is that of a bundle's run, else None.
    """

    folder: Path
    kind: str
    recipe: Recipe
    scaling: bool | None
    result: dict[str, Any] | None
    epochs: tuple[int, ...]
    num_row_bytes: int
    remarks: tuple[Message, ...]
    file_name: str = ""
    sha256: str = ""

    @classmethod
    def from_json(cls, folder: Path, data: dict[str, Any]) -> "Vetted":
        """The header as the process wrote it. ValueError if anything in it is not as it should be."""
        kind, scaling, rows = data["kind"], data["scaling"], data["rows"]
        epochs, remarks, result = data["epochs"], data["remarks"], data["result"]
        highest = BOUNDS["epochs"][1]
        is_right = (
            kind in KINDS
            and scaling in (None, True, False)
            and type(rows) is int
            and 0 <= rows <= MOST_ROW_BYTES
            and isinstance(epochs, list)
            and all(type(epoch) is int and 1 <= epoch <= highest for epoch in epochs)
            and epochs == sorted(set(epochs))
            and len(epochs) <= _MOST_COPIES
            and isinstance(remarks, list)
            and len(remarks) <= _MOST_REMARKS
            and (result is not None) == (kind == "bundle")
        )
        if not is_right:
            raise ValueError("not a header")
        return cls(
            folder,
            kind,
            checked_recipe(data["recipe"]),
            scaling,
            None if result is None else checked_result(result),
            tuple(epochs),
            rows,
            tuple(map(from_json, remarks)),
            shown(data.get("file", "")),
            shown(data.get("sha256", "")),
        )

    @classmethod
    def load(cls, folder: Path) -> "Vetted":
        """What `vet` left in the folder. ValueError or OSError if it is not there, or not whole."""
        found = cls.from_json(folder, parsed((folder / HEADER).read_bytes(), HEADER))
        if found._path.stat().st_size != found.num_bytes:
            raise ValueError("arrays.bin is not whole")
        return found

    @cached_property
    def shapes(self) -> list[Shape]:
        return shapes_of_all(self.recipe.layers)

    @property
    def num_bytes(self) -> int:
        """The size of arrays.bin."""
        return self._num_values * (4 + 2 * len(self.epochs)) + self.num_row_bytes

    def arrays(self) -> list[np.ndarray]:
        """The model's weights, float32, in Keras's order of all layers."""
        return self._read("<f4", 0)

    def copies(self) -> Iterator[tuple[int, list[np.ndarray]]]:
        """Each of `epochs`, and the weights after it, float16."""
        for number, epoch in enumerate(self.epochs):
            yield epoch, self._read("<f2", self._num_values * (4 + 2 * number))

    def rows(self) -> bytes:
        """The content of metrics.jsonl; empty without one."""
        with self._path.open("rb") as file:
            file.seek(self.num_bytes - self.num_row_bytes)
            return file.read()

    @property
    def _path(self) -> Path:
        return self.folder / ARRAYS

    @property
    def _num_values(self) -> int:
        return sum(int(np.prod(shape)) for shape in self.shapes)

    def _read(self, dtype: str, offset: int) -> list[np.ndarray]:
        values = np.fromfile(self._path, dtype, self._num_values, offset=offset)
        ends = np.cumsum([int(np.prod(shape)) for shape in self.shapes])[:-1]
        return [part.reshape(shape) for part, shape in zip(np.split(values, ends), self.shapes)]


def vet(file: Path, like: Recipe | None, into: Path, name: str = "") -> Vetted:
    """Read a file from outside in a process of its own, and keep what it holds in the folder `into`.

    `like` is the recipe to whose network a .weights.h5 file belongs, `name` what the file's owner called it.
    ValueError says why the file is refused; `into` is then as it was.
    """
    name = name or file.name
    size = file.stat().st_size
    if size > archive.MOST_BYTES:
        raise ValueError(archive.too_large(name, size, archive.MOST_BYTES))
    if importlib.util.find_spec("resource") is None:
        raise ValueError(cannot_limit())
    order = {"file": str(file.resolve()), "name": name, "like": like and like.to_json()}
    with _started() as process:
        timer = threading.Timer(SECONDS, process.kill)
        timer.start()
        try:
            return _taken(process, order, into, _about(file, name))
        finally:
            timer.cancel()
            process.kill()  # it has ended, unless it was not as it should be


def _started() -> subprocess.Popen[bytes]:
    kept = ("PATH", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")
    return subprocess.Popen(
        [sys.executable, "-B", "-m", "mnist_core.vet"],
        cwd=_ROOT,
        env={key: os.environ[key] for key in kept if key in os.environ} | {"OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _about(file: Path, name: str) -> dict[str, str]:
    """The file's name and checksum."""
    with file.open("rb") as opened:
        return {"file": shown(name), "sha256": hashlib.file_digest(opened, "sha256").hexdigest()}


def _taken(
    process: subprocess.Popen[bytes], order: dict[str, Any], into: Path, about: dict[str, str]
) -> Vetted:
    """What the process tells, kept in `into`."""
    try:
        process.stdin.write(json.dumps(order).encode() + b"\n")
        process.stdin.close()
    except BrokenPipeError:
        raise ValueError(_ended(process)) from None
    line = process.stdout.readline(_MOST_HEADER)
    if not line.endswith(b"\n"):
        raise ValueError(_ended(process))
    try:
        told = parsed(line, HEADER)
        refusal = from_json(told["refused"]) if "refused" in told else None
        found = None if refusal else Vetted.from_json(into, told | about)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(_damaged()) from error
    if refusal:
        raise ValueError(refusal)
    _copy(process, found)
    write_json(into / HEADER, told | about)
    return found


def _copy(process: subprocess.Popen[bytes], found: Vetted) -> None:
    """Copy the arrays into the folder. ValueError if there are more or fewer bytes than the layers need."""
    path = found.folder / ARRAYS
    try:
        with path.open("xb") as file:
            _pour(process.stdout, file, found.num_bytes)
        if process.stdout.read(1) or process.wait():
            raise ValueError(_ended(process))
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _pour(source: IO[bytes], file: IO[bytes], num_bytes: int) -> None:
    while num_bytes:
        chunk = source.read(min(_CHUNK, num_bytes))
        if not chunk:
            raise ValueError(_damaged())
        file.write(chunk)
        num_bytes -= len(chunk)


def _ended(process: subprocess.Popen[bytes]) -> Message:
    """Why the process gave no whole answer."""
    process.kill()  # no effect on one that has ended
    if -process.wait() in _out_of_time():
        return message("Reading the file took too long.")
    return _damaged()


def _out_of_time() -> tuple[int, ...]:
    import signal

    return signal.SIGXCPU, signal.SIGALRM, signal.SIGKILL


def _damaged() -> Message:
    return message("The file is damaged: it cannot be read.")
