"""Files that are written completely or not at all, and what is said when that fails."""

import errno
import json
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from mnist_core.language.messages import message

_CHANGING = threading.Lock()
_READ_ONLY = message(
    "Nothing can be saved: the disk with the app's files is read-only. Make it writable, or set $MNIST_HOME to "
    "another folder and start the app again."
)
_FULL = message("Nothing can be saved: the disk is full. Make room, for example by deleting old runs for good.")
_GONE = message(
    "A file or folder of the app is gone. Reload the page. If more is missing, see whether the disk with the "
    "app's files is still connected."
)
_FORBIDDEN = message(
    "Nothing can be saved: the app may not write to its folder. Give its user account the permission, or set "
    "$MNIST_HOME to another folder and start the app again."
)
_SENTENCES = {
    errno.EROFS: _READ_ONLY,
    errno.ENOSPC: _FULL,
    **({errno.EDQUOT: _FULL} if hasattr(errno, "EDQUOT") else {}),
    errno.ENOENT: _GONE,
    errno.ENOTDIR: _GONE,
    **({errno.ESTALE: _GONE} if hasattr(errno, "ESTALE") else {}),
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
}


class StorageError(OSError):
    """An OSError whose message is a sentence for visitors; `errno` is that of the first one."""


@contextmanager
def in_words() -> Iterator[None]:
    """Turn an OSError into a StorageError: around whatever a visitor does that is saved."""
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        other = message(
            "A file of the app cannot be used. The reason: {problem}", problem=error.strerror or error
        )
        found = StorageError(_SENTENCES.get(error.errno, other))
        found.errno = error.errno
        raise found from error


@contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing that replaces `path` in one step once complete, and is deleted on failure."""
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            os.unlink(file.name)
            raise
    os.replace(file.name, path)


def write_json(path: Path, data: dict[str, Any]) -> None:
    """Write a JSON file in one step: to a temporary file beside it, flushed to disk, then renamed."""
    with whole(path) as file:
        file.write(as_json(data))


def change_json(path: Path, changes: Mapping[str, Any]) -> None:
    """Set entries of a JSON object in a file, and remove those that are None; it is created if missing.

    Threads wait for one another. The entries are sorted, numbers by their value.
    """
    with _CHANGING:
        try:
            data = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            data = {}
        data = {**(data if isinstance(data, dict) else {}), **changes}
        path.parent.mkdir(parents=True, exist_ok=True)
        order = sorted(data, key=lambda key: (int(key) if key.isdigit() else -1, key))
        write_json(path, {key: data[key] for key in order if data[key] is not None})


def as_json(data: dict[str, Any]) -> bytes:
    """The content of a JSON file. ValueError if a number in it is not finite."""
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False).encode()
