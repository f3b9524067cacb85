"""What it costs a training to be live: its rows written, and a page open that shows them.

    python benchmarks/live.py [RECIPE ...] [--rounds N]

Three ways in turns, in one process: unwatched (an epoch is one call, a row an epoch), live (rows
several times a second, nobody looks), and live with the Train page open in headless Chromium, served
from another process. On the same machine the browser itself takes its share, too.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import Page, expect, sync_playwright

from mnist_core import data, loop
from mnist_core.recipes import RECIPES
from mnist_core.runs import RunStore
from mnist_core.train import train_run
from tests.e2e.conftest import Server

LIVE_SECONDS = loop.LIVE_SECONDS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("recipes", nargs="*", default=["mlp", "fast", "chollet-cnn"], metavar="RECIPE")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    dataset = data.load()
    print("milliseconds a step, medians  unwatched    live   cost   page open   cost")
    with tempfile.TemporaryDirectory() as folder, page_of(Path(folder)) as (page, address):
        store = RunStore(Path(folder))
        for name in args.recipes:
            recipe = replace(RECIPES[name], epochs=3, validation=None)
            times: dict[str, list[float]] = {"unwatched": [], "live": [], "page": []}
            for _ in range(args.rounds):
                for way, of_way in times.items():
                    loop.LIVE_SECONDS = 1e9 if way == "unwatched" else LIVE_SECONDS
                    page.goto("about:blank")
                    run = store.create(recipe, os.getpid())
                    if way == "page":
                        page.goto(address)
                        expect(page.locator(".st-key-status")).to_contain_text("training")
                    of_way.append(train_run(run, dataset)["seconds_per_step"] * 1e3)
            alone, live, seen = (statistics.median(of_way) for of_way in times.values())
            costs = f"{live:7.3f}  {live / alone - 1:+6.1%}   {seen:7.3f}  {seen / alone - 1:+6.1%}"
            print(f"{name:29} {alone:9.3f}  {costs}", flush=True)


@contextmanager
def page_of(home: Path) -> Iterator[tuple[Page, str]]:
    """A browser's page, and the address of a server's Train page that shows `home`."""
    server = Server(home, os.environ.get("MNIST_DIR"))
    try:
        with sync_playwright() as playwright:
            path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
            yield browser.new_page(), f"{server.address}/train"
            browser.close()
    finally:
        server.end()


if __name__ == "__main__":
    main()
