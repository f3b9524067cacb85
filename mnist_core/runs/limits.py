"""What the teacher of a shared server allows.

    <home>/limits.json      {"minutes": 10, "waiting": 3, "kept": 20, "megabytes": 5000}

An entry that is missing means the value below, null that there is no limit.
"""

import json
import os
import time
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path

from mnist_core.files import write_json
from mnist_core.language.messages import message

LARGEST = 1_000_000
_SIZE_FOR = 30.0  # seconds for which a home's size is remembered


@dataclass(frozen=True)
class Limits:
    """`minutes` of training of a run, `waiting` runs of one visitor in the queue or in training, `kept` runs of
    one visitor that have ended, `megabytes` of all files together. None for no limit. ValueError for others."""

    minutes: int | None = None
    waiting: int | None = 5
    kept: int | None = 50
    megabytes: int | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None and (type(value) is not int or not 1 <= value <= LARGEST):
                words = message("A limit is a whole number from 1 to {largest:,}, or none.", largest=LARGEST)
                raise ValueError(words)

    @classmethod
    def of(cls, home: Path) -> "Limits":
        """The limits of a home. A damaged file counts as none."""
        path = home / "limits.json"
        try:
            return _limits(path, path.stat().st_mtime_ns)
        except (OSError, ValueError, TypeError):
            return cls()

    def save(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        write_json(home / "limits.json", asdict(self))


def size(home: Path) -> int:
    """The bytes of all files of a home; counted at most twice a minute."""
    return _size(home, int(time.monotonic() // _SIZE_FOR))


@lru_cache(maxsize=4)
def _size(home: Path, when: int) -> int:
    return sum(_bytes(os.path.join(folder, name)) for folder, _, names in os.walk(home) for name in names)


def _bytes(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:  # it has just been deleted
        return 0


@lru_cache(maxsize=64)
def _limits(path: Path, changed: int) -> Limits:
    return Limits(**json.loads(path.read_text("utf-8")))
