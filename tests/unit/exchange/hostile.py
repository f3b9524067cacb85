"""Files that a stranger could bring: each with the words with which it is refused, or None if it is accepted.

KINDS is the table of what they try. `corpus` makes all of them, in a few seconds and without any download.

    python -m tests.unit.exchange.hostile

reads each of them as the app does, in a process of its own, and says what that cost.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil

from mnist_core.exchange.vetting import vet
from tests.unit.exchange.files import Case
from tests.unit.exchange.hostile_bundles import arrays, bundles
from tests.unit.exchange.hostile_models import bombs, code, graphs
from tests.unit.exchange.hostile_values import values
from tests.unit.exchange.hostile_weights import weights
from tests.unit.exchange.hostile_zips import others, zips

KINDS = {
    "bomb": "makes who reads it allocate, compute or wait without end",
    "code": "names code that is to be run: lambdas, classes and functions from elsewhere",
    "graph": "a model that is no chain of layers, or has no end",
    "value": "options of layers out of bounds, of the wrong type, or without meaning here",
    "zip": "archives that lie, overlap, are cut off, or name places outside",
    "hdf5": "weights that lie elsewhere, have other shapes or types, or are not plain",
    "npy": "arrays that are not what their header says, or hold objects",
    "bundle": "bundles with wrong checksums, foreign members, other versions, or hostile records",
    "file": "files that are something else",
}


def corpus(bundle: bytes) -> Iterator[Case]:
    """All files; `bundle` is a good one."""
    for make in (bombs, code, graphs, values, zips, weights, others):
        yield from make()
    for make in (arrays, bundles):
        yield from make(bundle)


def told(path: Path, into: Path) -> str:
    """What the app says of a file when it is brought in; "" if it is accepted."""
    into.mkdir()
    try:
        vet(path, None, into)
        return ""
    except ValueError as error:
        assert list(into.iterdir()) == [], "nothing is left of a file that is refused"
        return str(error)


def main() -> None:
    from tests.unit.exchange.small import small_bundle

    with tempfile.TemporaryDirectory() as name:
        folder, process, counts = Path(name), psutil.Process(), Counter()
        cases = list(corpus(small_bundle(folder)[1]))
        before = highest = process.memory_info().rss
        slowest = 0.0
        for number, case in enumerate(cases):
            path, begin = folder / f"{number}{case.suffix}", time.perf_counter()
            path.write_bytes(case.content)
            said = told(path, folder / f"{number}-into")
            slowest = max(slowest, time.perf_counter() - begin)
            highest = max(highest, process.memory_info().rss)
            is_right = case.says in said if case.says else not said
            counts["right" if is_right else "wrong", "refused" if said else "accepted"] += 1
            print(f"{case.kind:6} {case.name:36} {said or 'accepted'}")
    print(f"{len(cases)} files: {dict(counts)}")
    print(f"memory of this process: at most {(highest - before) / 1e6:.1f} MB more; slowest {slowest:.2f} s")


if __name__ == "__main__":
    main()
