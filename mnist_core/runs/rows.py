"""The rows of a metrics file (metrics.jsonl): one JSON object a line, appended while a run trains."""

import json
import os
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any


@lru_cache(maxsize=16)
def rows_of(path: Path) -> "Rows":
    """The file's rows; the object is cached, so that a further read is incremental."""
    return Rows(path)


class Rows:
    """A metrics file's rows; if the file has grown, only the new part is read."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, Lock()
        self._rows: list[dict[str, Any]] = []
        self._end, self._last = 0, b""  # where the rows read so far end, and the last line of them
        self._seen = (0, 0)  # the file's modification time and size at the last read

    def read(self) -> list[dict[str, Any]]:
        with self._lock:
            at = self._path.stat()
            if (at.st_mtime_ns, at.st_size) != self._seen:
                self._read(is_longer=at.st_size > self._seen[1])
                self._seen = (at.st_mtime_ns, at.st_size)
            return list(self._rows)

    def _read(self, is_longer: bool) -> None:
        with self._path.open("rb") as file:
            file.seek(self._end - len(self._last))
            if not is_longer or file.read(len(self._last)) != self._last:  # the file was replaced
                self._rows, self._end, self._last = [], 0, b""
                file.seek(0)
            lines = file.read().splitlines(keepends=True)
            lines = [line for line in lines if line.endswith(b"\n")]
            if lines:
                self._rows += [row for row in map(_row, lines) if row is not None]
                self._end, self._last = self._end + sum(map(len, lines)), lines[-1]


def _row(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
        return row if isinstance(row, dict) else None
    except ValueError:
        return None


def last_row(path: Path) -> dict[str, Any]:
    """The file's last row, without reading the others; empty if there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 1000))
            return _row(file.read().rstrip(b"\n").split(b"\n")[-1]) or {}
    except FileNotFoundError:
        return {}
