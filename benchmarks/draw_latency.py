"""From the end of a stroke to the new answer in Chromium; the bars come with it.

    python benchmarks/draw_latency.py [--strokes N] [--starts N]

Starts the app N times, each time for a browser that has never seen it, and takes the time until it has
answered the first stroke. Then draws N strokes with the mouse, each a further line of a digit or, after
Clear, a new one, and takes the time from mouse-up to the answer's change in the page; first with the
server idle, then while it trains. The canvas itself waits 200 ms before it says that it has changed.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from playwright.sync_api import Browser, Page, expect

from mnist_core.recipes import RECIPES
from tests.e2e.conftest import Server, chromium, pen

WATCH = """() => {
    window.up = 0; window.took = [];
    document.addEventListener("mouseup", () => { window.up = performance.now(); }, true);
    new MutationObserver(() => {
        if (window.up) { window.took.push(performance.now() - window.up); window.up = 0; }
    }).observe(document.querySelector(".st-key-answer"), {childList: true, subtree: true, characterData: true});
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--strokes", type=int, default=50)
    parser.add_argument("--starts", type=int, default=7)
    arguments = parser.parse_args()
    with chromium() as browser:
        starts = [start(browser) for _ in range(arguments.starts)]
    up, answered = np.median(starts, axis=0)
    print(
        f"from the command to the server that answers: median {up:.1f} s; from there to the first answer "
        f"in a fresh browser: {answered:.1f} s ({', '.join(f'{took:.1f}' for _, took in sorted(starts))})"
    )
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        server = Server(Path(folder), os.environ.get("MNIST_DIR"))
        try:
            page.goto(f"{server.address}/draw")
            draw(page, [(60, 60), (200, 60)])
            expect(page.locator(".st-key-answer")).not_to_contain_text("–")
            report("idle", measure(page, arguments.strokes))
            run = server.store.create(RECIPES["best"])
            page.goto(f"{server.address}/train")
            expect(page.locator(".st-key-status")).to_contain_text("step", timeout=60_000)
            page.goto(f"{server.address}/draw")
            report("while a training runs", measure(page, arguments.strokes))
            assert run.status == "training", "the training ended too soon"
        finally:
            server.end()


def start(browser: Browser) -> tuple[float, float]:
    """Seconds from the command to a server that answers, and from there to the first digit read."""
    with tempfile.TemporaryDirectory() as folder, browser.new_context() as context:
        page = context.new_page()
        page.goto("about:blank")
        begin = time.perf_counter()
        server = Server(Path(folder), os.environ.get("MNIST_DIR"))
        try:
            up = time.perf_counter()
            page.goto(server.address)
            draw(page, [(60, 60), (200, 60)])
            expect(page.locator(".st-key-answer")).not_to_contain_text("–")
            return up - begin, time.perf_counter() - up
        finally:
            server.end()


def measure(page: Page, strokes: int) -> list[float]:
    """Milliseconds from mouse-up to the answer's change, for each stroke."""
    expect(page.locator("canvas.upper-canvas").first).to_be_visible()
    page.wait_for_timeout(1500)
    page.evaluate(WATCH)
    rng, took = np.random.default_rng(0), []
    for number in range(strokes):
        if number % 4 == 3:
            page.locator(".st-key-clear button").click()
            page.wait_for_timeout(800)
        page.evaluate("window.took = []; window.up = 0")
        draw(page, rng.uniform(40, 240, (3, 2)).tolist())
        page.wait_for_function("window.took.length", timeout=5000)
        took.append(page.evaluate("window.took[0]"))
        page.wait_for_timeout(300)
    return took


def draw(page: Page, points: list) -> None:
    with pen(page) as stroke:
        stroke(points)


def report(when: str, milliseconds: list[float]) -> None:
    median, late = np.percentile(milliseconds, [50, 95])
    print(f"{when}: median {median:.0f} ms, 95th percentile {late:.0f} ms over {len(milliseconds)} strokes")


if __name__ == "__main__":
    main()
