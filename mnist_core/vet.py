"""The program that reads one file from outside, in a process that may use little and write nothing.

The app starts it as `python -m mnist_core.vet` and writes one line to its standard input:

    {"file": "/home/ada/model.keras", "name": "model.keras", "like": null or a recipe}

Its standard output is one line of JSON, what the file holds or why it is refused, and then the arrays as plain
bytes (exchange/vetting.py). It does not import TensorFlow or Keras, and ends by itself after WALL_SECONDS.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from mnist_core.exchange import foreign
from mnist_core.exchange.refusals import cannot_limit, to_json
from mnist_core.language.catalogues import ENGLISH, using
from mnist_core.language.messages import Message, message, said_by
from mnist_core.recipes.recipe import Recipe

MEMORY = 1_000_000_000  # bytes of address space
CPU_SECONDS, WALL_SECONDS = 10, 20


def limit() -> None:
    """Limit what this process may use, for good. OSError or ValueError where the system cannot."""
    import resource

    signal.alarm(WALL_SECONDS)
    limits = {"RLIMIT_AS": MEMORY, "RLIMIT_CPU": CPU_SECONDS, "RLIMIT_FSIZE": 0, "RLIMIT_CORE": 0}
    for name, most in limits.items():
        # One more second of processor time before SIGKILL, so that SIGXCPU comes first and says why.
        resource.setrlimit(getattr(resource, name), (most, most + (name == "RLIMIT_CPU")))


def answer(order: dict[str, Any]) -> tuple[dict[str, Any], foreign.Found | None]:
    """What is told about the file: the header, and what it held if it is not refused."""
    try:
        like = order["like"] and Recipe.from_json(order["like"])
        found = foreign.read(Path(order["file"]), order["name"], like)
    except MemoryError:
        return _refused(message("Reading the file would take too much memory.")), None
    except Exception as error:
        said = said_by(error)
        return _refused(said if isinstance(said, Message) else message("The file is damaged.")), None
    return header(found), found


def header(found: foreign.Found) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "recipe": found.recipe.to_json(),
        "scaling": found.scaling,
        "result": found.result,
        "origin": found.origin,
        "data_sha256": found.data_sha256,
        "rows": len(found.rows),
        "epochs": found.epochs,
        "remarks": [to_json(remark) for remark in found.remarks],
    }


def _refused(said: Message) -> dict[str, Any]:
    return {"refused": to_json(said)}


def main() -> int:
    """Read the file that standard input names. The exit status is 0 if it is not refused."""
    out = sys.stdout.buffer
    with using(ENGLISH):
        try:
            limit()
        except (ImportError, OSError, ValueError):
            told, found = _refused(cannot_limit()), None
        else:
            told, found = answer(json.loads(sys.stdin.buffer.readline()))
        out.write(json.dumps(told).encode() + b"\n")
        if found:
            for array in (*found.arrays, *(array for copy in found.copies for array in copy)):
                out.write(array.tobytes())
            out.write(found.rows)
        out.flush()
    os._exit(0 if found else 1)  # without the clean-up of libraries that have read the file


if __name__ == "__main__":
    sys.exit(main())
