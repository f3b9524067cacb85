"""Random mutations of a good file: each is refused in words, or accepted with exactly the same weights.

    python -m tests.unit.exchange.mutations --number 5000

Bytes are flipped, cut out, inserted, swapped and repeated. With --inside a member of the archive is changed and
all checksums are right again: then only the reader itself stands between the bytes and the model, and weights
may be others. One process with 1 GB of address space reads all of them, without TensorFlow.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.exchange import foreign
from mnist_core.language.messages import Message, said_by

ROOT = Path(__file__).parents[3]
MEMORY = 1_000_000_000  # bytes
_LONGEST = 64  # bytes that are changed at a time


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """The content with one to three changes."""
    changed = bytearray(content)
    for _ in range(rng.integers(1, 4)):
        if len(changed) < 4:
            break
        at, to = (int(place) for place in rng.integers(0, len(changed), 2))
        length = int(rng.integers(1, _LONGEST))
        piece = bytes(changed[at : at + length])
        match rng.integers(6):
            case 0:
                changed[at] ^= 1 << int(rng.integers(8))
            case 1:
                changed[at : at + length] = rng.bytes(len(piece))
            case 2:
                del changed[at : at + length]
            case 3:
                changed[at:at] = rng.bytes(length)
            case 4:
                changed[at : at + length] = changed[to : to + len(piece)]
            case 5:
                changed[to:to] = piece
    return bytes(changed)


def mutated_inside(content: bytes, rng: np.random.Generator) -> bytes:
    """The archive with one member changed, and the right checksums."""
    from tests.unit.exchange.members import members_of, rehashed, zipped

    members = members_of(content)
    name = str(rng.choice([name for name in members if name not in ("metadata.json", "manifest.json")]))
    members[name] = mutated(members[name], rng)
    return rehashed(members) if "manifest.json" in members else zipped(members)


def tried(path: Path, number: int, seed: int, inside: bool) -> dict[str, Any]:
    """What became of `number` mutations of the file at `path`."""
    content, rng = path.read_bytes(), np.random.default_rng(seed)
    original = foreign.read(path, path.name)
    change = mutated_inside if inside else mutated
    counts, words, others = Counter(), set(), []
    slowest, part = 0.0, path.with_stem("mutated")
    for _ in range(number):
        part.write_bytes(change(content, rng))
        begin = time.perf_counter()
        try:
            found = foreign.read(part, path.name)
            is_same = len(found.arrays) == len(original.arrays) and all(
                map(np.array_equal, found.arrays, original.arrays)
            )
            counts["accepted" if is_same else "other weights"] += 1
        except ValueError as error:
            if not isinstance(said_by(error), Message):
                others.append(repr(error)[:200])
            counts["refused"] += 1
            words.add(getattr(said_by(error), "text", ""))
        except Exception as error:
            others.append(repr(error)[:200])
        slowest = max(slowest, time.perf_counter() - begin)
    return {
        **counts,
        "exceptions": others,
        "kinds": len(words),
        "slowest_ms": round(1000 * slowest, 1),
    }


def in_a_process(path: Path, number: int, seed: int = 0, inside: bool = False) -> dict[str, Any]:
    """The same, in a process with limits. An error if it ends otherwise than it should."""
    command = [sys.executable, "-m", "tests.unit.exchange.mutations", "--file", path, "--number", number]
    command += ["--seed", seed, *(["--inside"] if inside else [])]
    done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, f"exit status {done.returncode}: {done.stderr[-500:].decode()}"
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--number", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--inside", action="store_true")
    parser.add_argument("--file", type=Path, help="a good file; without it, a bundle and a .keras are made")
    arguments = parser.parse_args()
    if arguments.file:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        print(json.dumps(tried(arguments.file, arguments.number, arguments.seed, arguments.inside)))
        return
    from tests.unit.exchange.files import good_keras
    from tests.unit.exchange.small import small_bundle

    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("good.keras", good_keras()), ("good.zip", small_bundle(Path(folder))[1])):
            path = Path(folder) / name
            path.write_bytes(content)
            for inside in (False, True):
                result = in_a_process(path, arguments.number, arguments.seed, inside)
                print(f"{name}, inside:" if inside else f"{name}:", json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
