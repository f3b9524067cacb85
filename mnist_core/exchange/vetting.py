"""Reads a file from outside in a process of its own (vet.py), and keeps what it holds for bring_in.py.

The process is not trusted: its header is checked against the layers (vetted.py), and exactly as many bytes are
taken from it as these layers need. No more than a chunk of them is in this process's memory.
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
from pathlib import Path
from typing import IO, Any

from mnist_core.exchange import archive
from mnist_core.exchange.layout import BROUGHT_IN, MOST_BYTES
from mnist_core.exchange.refusals import cannot_limit, from_json, shown
from mnist_core.exchange.strict_json import parsed
from mnist_core.exchange.vetted import ARRAYS, HEADER, Vetted
from mnist_core.files import write_json
from mnist_core.language.messages import Message, message
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs.store import new_id

INCOMING = "incoming"
SECONDS = 20.0  # until the process is ended
_MOST_HEADER, _CHUNK = 200_000, 1_000_000  # bytes
_STALE = 3600.0  # seconds after which a folder in incoming/ was left behind
_OUT_OF_TIME = (-14, -24)  # exit statuses: SIGALRM and SIGXCPU, which Windows does not have
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
    folder = incoming / new_id(BROUGHT_IN)
    folder.mkdir()
    return folder


def vet(file: Path, like: Recipe | None, into: Path, name: str = "") -> Vetted:
    """Read a file from outside in a process of its own, and keep what it holds in the folder `into`.

    `like` is the recipe to whose network a .weights.h5 file belongs, `name` what the file's owner called it.
    ValueError says why the file is refused; `into` is then as it was.
    """
    name = name or file.name
    size = file.stat().st_size
    if size > MOST_BYTES:
        raise ValueError(archive.too_large(name, size, MOST_BYTES))
    if importlib.util.find_spec("resource") is None:
        raise ValueError(cannot_limit())
    order = {"file": str(file.resolve()), "name": name, "like": like and like.to_json()}
    late = threading.Event()
    with _started() as process:

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(SECONDS, end)
        timer.start()
        try:
            return _taken(process, order, into, _about(file, name))
        except _NoAnswer as error:
            raise ValueError(_why(process, late)) from error
        finally:
            timer.cancel()
            process.kill()  # it has ended, unless it was not as it should be


class _NoAnswer(Exception):
    """The process gave no answer, or one that is not as it should be."""


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
        raise _NoAnswer from None
    line = process.stdout.readline(_MOST_HEADER)
    if not line.endswith(b"\n"):
        raise _NoAnswer
    try:
        told = parsed(line, HEADER)
        refusal = from_json(told["refused"]) if "refused" in told else None
        found = None if refusal else Vetted.from_json(into, told | about)
    except (ValueError, KeyError, TypeError) as error:
        raise _NoAnswer from error
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
            raise _NoAnswer
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _pour(source: IO[bytes], file: IO[bytes], num_bytes: int) -> None:
    while num_bytes:
        chunk = source.read(min(_CHUNK, num_bytes))
        if not chunk:
            raise _NoAnswer
        file.write(chunk)
        num_bytes -= len(chunk)


def _why(process: subprocess.Popen[bytes], late: threading.Event) -> Message:
    """Why the process gave no answer."""
    try:
        status = process.wait(1.0)
    except subprocess.TimeoutExpired:
        status = 0  # it still writes
    if late.is_set() or status in _OUT_OF_TIME:
        return message("Reading the file took too long.")
    return message("The file is damaged: it cannot be read.")
