"""Kills trainers and servers at random moments, and fills the disk at each write: what is left, every time.

    python benchmarks/faults.py [--kills 30] [--servers 30] [--step 4096]

Each kind of fault prints a line once all of its checks have held; a failed check ends the program. A trainer
is killed at a random moment of its first seconds, every third time while it writes a checkpoint; then the run
begins anew or goes on, until it is finished and whole. The disk is a small file system in memory, filled so
that 0 bytes, then 4096, 8192, ... are left, until a short run fits: each write is once the first one that
fails. It needs root.
"""

import argparse
import random
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from mnist_core.runs.store import RunStore
from mnist_core.trash import Trash
from tests.conftest import small_standin, write_small_standin
from tests.faults.scenarios import (
    LONG,
    SHORT,
    assert_whole,
    fill_up,
    finished_run,
    kill_servers,
    kill_trainers,
    small_disk,
)

LONGEST = 8.0  # seconds: moments from the start of the process, of which the first two to four are importing
SLOW = replace(LONG, epochs=200, batch_size=8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--servers", type=int, default=30)
    parser.add_argument("--step", type=int, default=4096, help="bytes between two fillings of the disk")
    arguments = parser.parse_args()
    random.seed(0)
    if arguments.kills:
        begin = time.perf_counter()
        left = kill_trainers(new_store(), arguments.kills, LONGEST, SLOW)
        told = ", ".join(f"{number} x {what}" for what, number in left.most_common())
        say(begin, f"{arguments.kills} kills of a trainer: every run whole in the end; it had left {told}")
    if arguments.servers:
        begin = time.perf_counter()
        kill_servers(new_store(), arguments.servers, LONGEST, SLOW)
        say(begin, f"{arguments.servers} kills of a server: no trainer left, every run whole in the end")
    if arguments.step:
        begin = time.perf_counter()
        fillings = fill_disk(arguments.step)
        say(begin, f"{fillings} fillings of the disk: finished runs whole, the run trained once there was room")


def new_store() -> RunStore:
    home = Path(tempfile.mkdtemp())
    write_small_standin(home)
    return RunStore(home)


def fill_disk(step: int) -> int:
    """Train a run with 0, `step`, 2 * `step`, ... bytes left, until it succeeds; returns the failures."""
    from mnist_core.training.fill import train_run

    dataset = small_standin()
    with small_disk(Path(tempfile.mkdtemp()) / "disk") as disk:
        store = RunStore(disk)
        finished, fillings = finished_run(store), 0
        while True:
            run = store.create(SHORT)
            ballast = fill_up(disk, fillings * step)
            try:
                train_run(run, dataset)
                return fillings
            except OSError:
                fillings += 1
                assert run.result is None and store.list() == [run, finished]
            ballast.unlink()
            assert_whole(finished)
            train_run(run, dataset)
            assert_whole(run)
            store.delete(run)
            for item in (trash := Trash(disk)).list():
                trash.discard(item)


def say(begin: float, what: str) -> None:
    print(f"{what} ({time.perf_counter() - begin:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
