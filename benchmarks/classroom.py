"""A class at one server: sessions that draw, runs that train and queue, galleries that are looked at.

    python benchmarks/classroom.py [--sessions N ...] [--minutes M] [--every E] [--servers S] [--runs R]
        [--galleries G]

Opens N real sessions over websockets, each with a cookie of its own. Each draws a digit every E seconds,
usually 3, and asks for the answer as canvas.js does, while R runs of `fast` train one after another, and G
visitors look at the gallery. For each N it prints the times from a stroke to its answer, the errors, the
servers' memory after two minutes and at the end, and how many processor cores the servers, the trainings and
this load itself took. It stops at the first N that breaks: with an error, or with a 95th percentile above one
second. The runs are then compared with the same recipe and seeds trained alone.

With `--servers 2` two servers share one home behind nginx, which is configured as docs/deploy.md says and keeps
each visitor at one server. All of it runs on this machine: the load, the servers and the trainings share its
cores.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import psutil

from mnist_core.preprocessing.examples import EXAMPLES
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import snapshot_of
from mnist_core.runs.store import RunStore
from tests.e2e.conftest import Server
from tests.proxy import Proxy
from tests.session import PAUSE, Session, visit

LIMIT = 1.0  # seconds: the highest 95th percentile at which the server counts as keeping up
SETTLED = 120.0  # seconds after which memory should not grow any more
LOOKS = 10.0  # seconds between a gallery visitor's looks


@dataclass
class Lesson:
    """What was measured with one number of sessions."""

    sessions: int
    took: list[float] = field(default_factory=list)  # seconds from each stroke to its answer
    errors: list[str] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)  # seconds since all sat, servers' MB
    cores: dict[str, float] = field(default_factory=dict)

    @property
    def late(self) -> float:
        return float(np.percentile(self.took, 95)) if self.took else float("inf")

    @property
    def breaks(self) -> bool:
        return bool(self.errors) or self.late > LIMIT

    def row(self) -> str:
        """One row of the table."""
        settled = next((size for at, size in self.memory if at >= SETTLED), self.memory[0][1])
        last = self.memory[-1][1]
        cores = " / ".join(f"{self.cores[name]:.2f}" for name in ("servers", "trainings", "load"))
        middle = float(np.median(self.took)) if self.took else float("inf")
        return (
            f"| {self.sessions} | {len(self.took):,} | {1000 * middle:.0f} ms | {1000 * self.late:.0f} ms | "
            f"{len(self.errors)} | {settled:.0f} MB | {last:.0f} MB | {cores} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sessions", type=int, nargs="+", default=[50, 100, 150, 200, 250, 300, 400])
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--every", type=float, default=3.0)
    parser.add_argument("--servers", type=int, default=1)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--galleries", type=int, default=5)
    asked = parser.parse_args()
    titles = ("sessions", "digits", "median", "95 %", "errors", "memory", "at the end", "cores")
    print(f"| {' | '.join(titles)} |\n|{' ---: |' * len(titles)}", flush=True)
    broken = None
    for sessions in asked.sessions:
        with tempfile.TemporaryDirectory() as folder, served(Path(folder), asked.servers) as (address, servers):
            lesson, runs = asyncio.run(hold(address, servers, sessions, asked))
            print(lesson.row(), flush=True)
            for error in sorted(set(lesson.errors))[:3]:
                print(f"  {error}")
            report(runs)
        if lesson.breaks:
            broken = sessions
            break
    print(f"It breaks at {broken} sessions." if broken else "It did not break.")


@contextmanager
def served(home: Path, number: int) -> Iterator[tuple[str, list[Server]]]:
    """Servers on one home; the address of the only one, or of the nginx before them."""
    os.environ["MNIST_SHARED"] = "1"
    servers = [Server(home, os.environ.get("MNIST_DIR")) for _ in range(number)]
    try:
        if number == 1:
            yield servers[0].address, servers
        else:
            with Proxy(home, [server.port for server in servers], limits=False) as proxy:
                yield proxy.address, servers
    finally:
        for server in servers:
            server.end()


async def hold(
    address: str, servers: list[Server], number: int, asked: argparse.Namespace
) -> tuple[Lesson, list]:
    """One lesson with so many sessions, and its runs once they have ended."""
    # Each session waits for its own answers only.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(number))
    store, lesson = servers[0].store, Lesson(number)
    teacher = Session(address, visit(address))
    await teacher.open("train")  # starts the server's worker
    recipe = RECIPES["fast"]
    runs = [store.create(replace(recipe, seed=seed)) for seed in range(asked.runs)]
    visitors = [Session(address, visit(address)) for _ in range(number)]
    for first in range(0, number, 5):
        await asyncio.gather(*(visitor.open() for visitor in visitors[first : first + 5]))
    begin, end = time.monotonic(), time.monotonic() + 60 * asked.minutes
    before = used(servers)
    await asyncio.gather(
        *(draw(visitor, lesson, asked.every, end) for visitor in visitors),
        *(look(Session(address, visit(address)), lesson, end) for _ in range(asked.galleries)),
        watch(servers, lesson, begin, end),
    )
    after, seconds = used(servers), time.monotonic() - begin
    lesson.cores = {name: (after[name] - before[name]) / seconds for name in after}
    for session in [*visitors, teacher]:
        with suppress(Exception):
            await session.close()
    while any(snapshot_of(run).is_active for run in runs):
        await asyncio.sleep(1.0)
    return lesson, runs


async def draw(visitor: Session, lesson: Lesson, every: float, end: float) -> None:
    """Draw a digit every few seconds, not in step with the others."""
    await asyncio.sleep(random.uniform(0, every))
    digits = EXAMPLES["clear"]
    while (begin := time.monotonic()) < end:
        try:
            answered, _ = await visitor.draw(random.choice(digits))
            lesson.took.append(answered)
            if every > PAUSE:
                await asyncio.sleep(max(0.0, begin + PAUSE - time.monotonic()))
                await visitor.pause()
        except Exception as error:
            lesson.errors.append(f"{type(error).__name__}: {error}")
            return
        await asyncio.sleep(max(0.0, begin + every - time.monotonic()))


async def look(visitor: Session, lesson: Lesson, end: float) -> None:
    """Look at the gallery again and again, not in step with the others."""
    await asyncio.sleep(random.uniform(0, LOOKS))
    while (begin := time.monotonic()) < end:
        try:
            await visitor.open("gallery")
            await visitor.close()
        except Exception as error:
            lesson.errors.append(f"gallery: {type(error).__name__}: {error}")
            return
        await asyncio.sleep(max(0.0, begin + LOOKS - time.monotonic()))


async def watch(servers: list[Server], lesson: Lesson, begin: float, end: float) -> None:
    """Note the servers' memory."""
    while time.monotonic() < end:
        size = sum(psutil.Process(server.process.pid).memory_info().rss for server in servers)
        lesson.memory.append((time.monotonic() - begin, size / 1e6))
        await asyncio.sleep(5.0)


def used(servers: list[Server]) -> dict[str, float]:
    """Seconds of processor time so far: of the servers, of what they have started, and of this load."""
    own, children = 0.0, 0.0
    for server in servers:
        process = psutil.Process(server.process.pid)
        own += sum(process.cpu_times()[:2])
        children += sum(process.cpu_times()[2:4])  # of those that have ended
        for child in process.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                children += sum(child.cpu_times()[:2])
    return {"servers": own, "trainings": children, "load": sum(psutil.Process().cpu_times()[:2])}


def report(runs: list[Run]) -> None:
    """Each run's accuracy in the lesson, and of the same recipe and seed alone."""
    if not runs:
        return
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), os.environ.get("MNIST_DIR"))
        try:
            alone = [trained_alone(server, run.recipe) for run in runs]
        finally:
            server.end()
    pairs = [
        f"{(run.result or {}).get('test_accuracy', float('nan')):.4f} ({accuracy:.4f})"
        for run, accuracy in zip(runs, alone)
    ]
    print(f"  the runs' test accuracies (alone): {', '.join(pairs)}", flush=True)


def trained_alone(server: Server, recipe: Recipe) -> float:
    """The recipe's test accuracy when nothing else runs."""
    store: RunStore = server.store
    run = store.create(recipe)
    asyncio.run(wake(server.address))
    while snapshot_of(run).is_active:
        time.sleep(0.5)
    return run.result["test_accuracy"]


async def wake(address: str) -> None:
    session = Session(address, visit(address))
    await session.open("train")
    await session.close()


if __name__ == "__main__":
    main()
