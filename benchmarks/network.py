"""Time from a click on a value of the network to its numbers, and of a stroke with the network open and closed.

    python benchmarks/network.py [--clicks N] [--strokes N] [--rounds N]

Draws a digit, opens "Inside the network" for the starter, and clicks N values of its layers; the time is from
the click to the change of the sum below. Then, in turns, it measures the answers to strokes with the network
closed and open, as draw_latency.py does.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from playwright.sync_api import Page, expect

from benchmarks.draw_latency import draw, measure, report
from tests.e2e.conftest import Server, chromium

SEVEN = [(60, 60), (200, 60), (120, 240)]
WATCH = """() => {
    window.clicked = 0; window.worked = [];
    document.addEventListener("click", () => { window.clicked = performance.now(); }, true);
    new MutationObserver(() => {
        if (window.clicked) { window.worked.push(performance.now() - window.clicked); window.clicked = 0; }
    }).observe(document.querySelector(".network .spoken"), {childList: true, subtree: true});
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--clicks", type=int, default=40)
    parser.add_argument("--strokes", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        server = Server(Path(folder), os.environ.get("MNIST_DIR"))
        try:
            page.goto(f"{server.address}/draw")
            draw(page, SEVEN)
            expect(page.locator(".answer")).not_to_contain_text("–")
            took: dict[str, list[float]] = {"closed": [], "open": []}
            for turn in range(arguments.rounds):
                took["closed"] += measure(page, arguments.strokes)
                toggle(page, is_open=True)
                if turn == 0:
                    show("click to numbers", clicks(page, arguments.clicks), "clicks")
                took["open"] += measure(page, arguments.strokes)
                toggle(page, is_open=False)
            for state, milliseconds in took.items():
                report(f"stroke to answer, the network {state}", milliseconds)
        finally:
            server.end()


def toggle(page: Page, is_open: bool) -> None:
    page.locator(".st-key-clear button").click()
    page.wait_for_timeout(500)
    draw(page, SEVEN)
    chosen = page.get_by_text("Inside the network", exact=True)
    chosen.wait_for()
    page.wait_for_timeout(500)
    if (page.locator(".network").count() > 0) != is_open:
        chosen.click()
    expect(page.locator(".network")).to_have_count(int(is_open))


def clicks(page: Page, number: int) -> list[float]:
    """Milliseconds from a click on a canvas to the new sum, each time another layer."""
    page.evaluate(WATCH)
    canvases, rng, took = page.locator(".network .layer canvas"), np.random.default_rng(0), []
    for turn in range(number):
        canvas = canvases.nth(turn % canvases.count())
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        page.evaluate("window.worked = []")
        x, y = rng.uniform(0.05, 0.95, 2)
        canvas.click(position={"x": x * box["width"], "y": y * box["height"]})
        page.wait_for_timeout(400)
        took += page.evaluate("window.worked")[:1]  # none where the click met the gap between two planes
    return took


def show(what: str, milliseconds: list[float], unit: str) -> None:
    median, late = np.percentile(milliseconds, [50, 95])
    print(f"{what}: median {median:.0f} ms, 95th percentile {late:.0f} ms over {len(milliseconds)} {unit}")


if __name__ == "__main__":
    main()
