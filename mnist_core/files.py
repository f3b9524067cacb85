"""Files that are written completely or not at all."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any


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


def as_json(data: dict[str, Any]) -> bytes:
    """The content of a JSON file. ValueError if a number in it is not finite."""
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False).encode()
