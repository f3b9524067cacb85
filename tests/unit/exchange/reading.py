"""Reads many files in one process with limits: what is said of each, and the checksum of its weights.

    python -m tests.unit.exchange.reading a.keras b.zip ...

It prints one JSON list: [["The archive lacks config.json.", ""], ["", "9f86d0..."], ...].
"""

import hashlib
import json
import resource
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from mnist_core import vet
from mnist_core.exchange.refusals import from_json

ROOT = Path(__file__).parents[3]


def checksum(arrays: Iterable[np.ndarray]) -> str:
    found = hashlib.sha256()
    for array in arrays:
        found.update(f"{array.dtype}{array.shape}".encode() + array.tobytes())
    return found.hexdigest()


def read_all(paths: Sequence[Path]) -> list[tuple[str, str]]:
    """What is said of each file, in a process of their own. An error if that is killed."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.exchange.reading", *map(str, paths)],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"exit status {done.returncode}: {done.stderr[-500:].decode()}"
    return [tuple(of) for of in json.loads(done.stdout)]


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (vet.MEMORY, vet.MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    found = []
    for name in sys.argv[1:]:
        told, read = vet.answer({"file": name, "name": Path(name).name, "like": None})
        found.append(
            (str(from_json(told["refused"])) if not read else "", checksum(read.arrays) if read else "")
        )
    print(json.dumps(found))


if __name__ == "__main__":
    main()
