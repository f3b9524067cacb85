"""The cost of live display for a training: writing its rows, and an open page that shows them.

    python benchmarks/live.py [RECIPE ...] [--rounds N]

Trains in three ways, in alternating order, in one process: unwatched (an epoch is one call, a row an epoch),
live (rows several times a second, no page open), and live with the Train page open in headless Chromium,
served by another process. The costs are medians of each round's ratios, without the first epoch, which
compiles. The browser runs on the same machine, so the table also shows how many more cores the server and the
browser use than without the page, and their share of all cores. On a shared machine, whose speed varies, that
share is the steadier figure.
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

from mnist_core.data import sources
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.store import RunStore
from mnist_core.training import loop
from mnist_core.training.fill import train_run
from tests.e2e.conftest import Server, chromium

LIVE_SECONDS = loop.LIVE_SECONDS
EPOCHS = {"mlp": 20, "fast": 6}  # so that each way takes some seconds; otherwise 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("recipes", nargs="*", default=["mlp", "fast", "chollet-cnn"], metavar="RECIPE")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    dataset = sources.load()
    print("ms a step, medians      unwatched    live   cost   page open   cost   cores: server  browser  share")
    with tempfile.TemporaryDirectory() as folder, page_of(Path(folder)) as (page, server):
        store = RunStore(Path(folder))
        page.goto(f"{server.address}/train")  # starts its waiting process now rather than in a round
        page.wait_for_timeout(15_000)
        for name in args.recipes:
            recipe = replace(RECIPES[name], epochs=EPOCHS.get(name, 2), validation=None)
            times: dict[str, list[float]] = {"unwatched": [], "live": [], "page": []}
            cores: dict[str, list[list[float]]] = {way: [] for way in times}
            for number in range(args.rounds):
                for way in [*times][:: -1 if number % 2 else 1]:
                    loop.LIVE_SECONDS = 1e9 if way == "unwatched" else LIVE_SECONDS
                    page.goto("about:blank")
                    run = store.create(recipe, os.getpid())
                    if way == "page":
                        page.goto(f"{server.address}/train")
                        expect(page.locator(".st-key-status")).to_contain_text("training")
                    ends: list[tuple[float, ...]] = []
                    record = partial(at_the_end_of_an_epoch, ends, server.process.pid)
                    train_run(run, dataset, record)
                    steps, seconds, *used = (b - a for a, b in zip(ends[0], ends[-1]))
                    times[way].append(seconds / steps * 1e3)
                    cores[way].append([share / seconds for share in used])
            alone, live, seen = (statistics.median(of_way) for of_way in times.values())
            live_cost, seen_cost = (cost(times[way], times["unwatched"]) for way in ("live", "page"))
            open_, shut = ([statistics.median(of) for of in zip(*cores[way])] for way in ("page", "live"))
            server_cores, browser_cores = (a - b for a, b in zip(open_, shut))
            costs = f"{live:7.3f}  {live_cost:+6.1%}   {seen:7.3f}  {seen_cost:+6.1%}"
            share = (server_cores + browser_cores) / psutil.cpu_count()
            taken = f"{server_cores:12.3f} {browser_cores:8.3f}  {share:5.1%}"
            print(f"{name:23} {alone:9.3f}  {costs}  {taken}", flush=True)


def cost(times: list[float], alone: list[float]) -> float:
    """The median over the rounds of the relative slowdown against the same round's unwatched training."""
    return statistics.median(time / of_alone for time, of_alone in zip(times, alone, strict=True)) - 1


def at_the_end_of_an_epoch(ends: list[tuple[float, ...]], server: int, row: dict) -> None:
    """Record the steps done, the seconds so far, and the CPU seconds of server and browser."""
    if "end" in row:
        browsers = [p for p in psutil.process_iter(["name"]) if "chrom" in (p.info["name"] or "")]
        ends.append((row["step"], row["seconds"], used([psutil.Process(server)]), used(browsers)))


def used(processes: list[psutil.Process]) -> float:
    """CPU seconds of all processes so far."""
    total = 0.0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


@contextmanager
def page_of(home: Path) -> Iterator[tuple[Page, Server]]:
    """A browser page, and a server for `home`."""
    server = Server(home, os.environ.get("MNIST_DIR"))
    try:
        with chromium() as browser:
            yield browser.new_page(), server
    finally:
        server.end()


if __name__ == "__main__":
    main()
