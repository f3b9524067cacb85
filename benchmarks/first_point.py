"""Time from the click on "Start training" to the first point of the curve on the page.

    python benchmarks/first_point.py [RECIPE ...] [--rounds N] [--wait SECONDS]

Each round starts a new server and a browser, which opens the Train page, chooses the recipe, waits for --wait
seconds and clicks. The training is then stopped, and after the same wait comes a second click, as by a visitor
who tries again. Server, browser and training share this machine. Prints medians and maxima.
"""

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import Page, expect

from mnist_core.recipes.table import RECIPES
from tests.e2e.conftest import Server, chromium

FIRST_POINT = """async () => {
    const begin = performance.now();
    document.querySelector(".st-key-start-training button").click();
    const paths = () => [...document.querySelectorAll(".curves .chart path.training")];
    const point = () => paths().some((path) => path.getAttribute("d"));
    while (point()) await new Promise(requestAnimationFrame);  // those of the training before
    while (!point()) await new Promise(requestAnimationFrame);
    return (performance.now() - begin) / 1000;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("recipes", nargs="*", default=["fast", "softmax", "chollet-cnn"], metavar="RECIPE")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--wait", type=float, default=5.0)
    args = parser.parse_args()
    print("seconds to the first point    first click          second click")
    for name in args.recipes:
        rounds = [both_clicks(name, args.wait) for _ in range(args.rounds)]
        cells = [f"{statistics.median(times):.2f} (to {max(times):.2f})" for times in zip(*rounds)]
        print(f"{name:28}  {cells[0]:20} {cells[1]}", flush=True)


def both_clicks(name: str, wait: float) -> tuple[float, float]:
    """Seconds to the first point after a click on a fresh server, and after a second click."""
    with tempfile.TemporaryDirectory() as home, chromium() as browser:
        server = Server(Path(home), os.environ.get("MNIST_DIR"))
        try:
            page = browser.new_page()
            page.goto(f"{server.address}/train")
            choose(page, name)
            first = click_after(page, wait)
            page.get_by_role("button", name="Stop").click()
            expect(page.locator(".st-key-status")).to_contain_text("stopped")
            return first, click_after(page, wait)
        finally:
            server.end()


def choose(page: Page, name: str) -> None:
    page.get_by_text(RECIPES[name].title, exact=True).first.click()
    expect(page.get_by_role("heading", name=RECIPES[name].title)).to_be_visible()


def click_after(page: Page, wait: float) -> float:
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()
    page.wait_for_timeout(wait * 1000)
    return page.evaluate(FIRST_POINT)


if __name__ == "__main__":
    main()
