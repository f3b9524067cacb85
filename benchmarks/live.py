"""What it costs a training to be live: its rows written, and a page open that shows them.

    python benchmarks/live.py [RECIPE ...] [--rounds N]

Three ways in turns, forth and back, in one process: unwatched (an epoch is one call, a row an epoch),
live (rows several times a second, nobody looks), and live with the Train page open in headless Chromium,
served from another process. The costs are medians of each round's ratios; the first epoch, with its
compiling, is left out. They are shown twice: of the time a step takes, and of the processor time that the
training, the server and the browser, which share the machine, take together, in which what else goes on
there does not count. How many cores the server and the browser took is shown beside.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil
from playwright.sync_api import Page, expect

from mnist_core import data, loop
from mnist_core.recipes import RECIPES
from mnist_core.runs import RunStore
from mnist_core.train import train_run
from tests.e2e.conftest import Server, chromium

LIVE_SECONDS = loop.LIVE_SECONDS
EPOCHS = {"mlp": 20, "fast": 6}  # so that each way takes some seconds; else 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("recipes", nargs="*", default=["mlp", "fast", "chollet-cnn"], metavar="RECIPE")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    dataset = data.load()
    print(" " * 49 + "nobody looks      page open        cores")
    print(f"{'recipe':30} {'unwatched':>17}    time processor    time processor  server browser")
    with tempfile.TemporaryDirectory() as folder, page_of(Path(folder)) as (page, server):
        store = RunStore(Path(folder))
        page.goto(f"{server.address}/train")  # its waiting process starts now, and not in a round
        page.wait_for_timeout(15_000)
        for name in args.recipes:
            recipe = replace(RECIPES[name], epochs=EPOCHS.get(name, 2), validation=None)
            times: dict[str, list[float]] = {"unwatched": [], "live": [], "page": []}
            processor: dict[str, list[float]] = {way: [] for way in times}
            cores = []
            for number in range(args.rounds):
                for way in [*times][:: -1 if number % 2 else 1]:
                    loop.LIVE_SECONDS = 1e9 if way == "unwatched" else LIVE_SECONDS
                    page.goto("about:blank")
                    run = store.create(recipe, os.getpid())
                    if way == "page":
                        page.goto(f"{server.address}/train")
                        expect(page.locator(".st-key-status")).to_contain_text("training")
                    ends: list[tuple[float, ...]] = []
                    look = partial(at_the_end_of_an_epoch, ends, server.process.pid)
                    train_run(run, dataset, look)
                    steps, seconds, *used = (b - a for a, b in zip(ends[0], ends[-1]))
                    times[way].append(seconds / steps * 1e3)
                    processor[way].append(sum(used) / steps)
                    if way == "page":
                        cores.append([share / seconds for share in used[1:]])
            costs = [cost(of[way], of["unwatched"]) for way in ("live", "page") for of in (times, processor)]
            shares = [statistics.median(of_one) for of_one in zip(*cores)]
            print(
                f"{name:30} {statistics.median(times['unwatched']):7.3f} ms a step",
                *(f"{share:+8.1%}" for share in costs),
                *(f"{share:8.3f}" for share in shares),
                flush=True,
            )


def cost(times: list[float], alone: list[float]) -> float:
    """The median over the rounds of the share by which each took more than its round's unwatched one."""
    return statistics.median(time / of_alone for time, of_alone in zip(times, alone, strict=True)) - 1


def at_the_end_of_an_epoch(ends: list[tuple[float, ...]], server: int, row: dict) -> None:
    """Keep the steps done, the seconds so far, and the processor seconds of training, server and browser."""
    if "end" in row:
        browsers = [p for p in psutil.process_iter(["name"]) if "chrom" in (p.info["name"] or "")]
        of_each = map(used, ([psutil.Process()], [psutil.Process(server)], browsers))
        ends.append((row["step"], row["seconds"], *of_each))


def used(processes: list[psutil.Process]) -> float:
    """Processor seconds of all of them so far."""
    total = 0.0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


@contextmanager
def page_of(home: Path) -> Iterator[tuple[Page, Server]]:
    """A browser's page, and a server that shows `home`."""
    server = Server(home, os.environ.get("MNIST_DIR"))
    try:
        with chromium() as browser:
            yield browser.new_page(), server
    finally:
        server.end()


if __name__ == "__main__":
    main()
