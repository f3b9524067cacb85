"""How fast the Gallery and Data pages open and respond in Chromium, and how much data they send.

    MNIST_DIR=FOLDER python benchmarks/gallery.py [--rounds N]

Opens each page by a click in the navigation, and by its address in a new window whose cache has the app's
scripts; filters and sorts the grid, opens an image, and counts the bytes through the socket for a page of 100
images. Times are measured in the page, from the release of the mouse, the key, or the start of the navigation
to the frame that shows everything expected; a round does each once.
"""

import argparse
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from playwright.sync_api import Page

from tests.e2e.conftest import Server, chromium

COUNT = """([key, count]) => {
    const found = [...document.querySelectorAll(`.st-key-${key} *`)].map(e => e.shadowRoot).find(Boolean);
    return (found?.querySelectorAll("button").length ?? 0) === count && performance.now();
}"""
FIRST = """(before) => {
    const found = [...document.querySelectorAll(".st-key-grid *")].map(e => e.shadowRoot).find(Boolean);
    const now = found?.querySelector("button")?.dataset.index;
    return now !== undefined && now !== before && performance.now();
}"""
OTHER = """shown => {
    const now = document.body.innerText.match(/Test image .* levels/);
    return now && now[0] !== shown && performance.now();
}"""
CLOSELY = "() => document.querySelector('.st-key-way') && performance.now()"
WATCH = """window.acted = 0;
for (const kind of ["pointerup", "keydown"])
    window.addEventListener(kind, () => { window.acted = performance.now(); }, true);"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        server = Server(Path(folder), os.environ.get("MNIST_DIR"))
        try:
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            took = defaultdict(list)
            for number in range(arguments.rounds + 1):
                for what, seconds in one_round(context.new_page(), server.address):
                    if number:  # the first one fills the caches
                        took[what].append(seconds * 1000)
                context.pages[0].close()
            for what, milliseconds in took.items():
                median, late = np.percentile(milliseconds, [50, 95])
                print(f"{what:46} median {median:5.0f} ms, 95th percentile {late:5.0f} ms")
            weigh(context.new_page(), server.address)
        finally:
            server.end()


def one_round(page: Page, address: str) -> list[tuple[str, float]]:
    """(action, seconds) for each measured action."""
    found = []
    page.add_init_script(WATCH)

    def timed(what: str, act: Callable[[], object], script: str, argument: object) -> None:
        act()
        done = page.wait_for_function(script, arg=argument, polling="raf").json_value()
        found.append((what, (done - page.evaluate("window.acted")) / 1000))
        page.wait_for_timeout(400)  # until the page is idle

    timed("Gallery by its address", lambda: page.goto(f"{address}/gallery"), COUNT, ["grid", 24])
    timed("Data by the navigation", page.get_by_role("link", name="Data").click, COUNT, ["images", 15])
    timed("Gallery by the navigation", page.get_by_role("link", name="Gallery").click, COUNT, ["grid", 24])
    first = page.locator(".st-key-grid button").first.get_attribute("data-index")
    page.get_by_label("Order").click()
    timed("sort", page.get_by_role("option", name="in the test set's order").click, FIRST, first)
    pair = page.locator(".st-key-pairs button").first
    number = int(pair.inner_text().split(":")[1].replace("once", "1").split()[0])
    timed("filter by a pair of digits", pair.click, COUNT, ["grid", number])
    image = page.locator(".st-key-grid button").first
    timed("one image closely", image.click, CLOSELY, None)
    shown = page.get_by_text("28 × 28 grey levels").inner_text()
    timed("the next image", lambda: page.keyboard.press("ArrowRight"), OTHER, shown)
    return found


def weigh(page: Page, address: str) -> None:
    """Print the bytes through the socket after asking for 100 images."""
    received = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
    page.goto(f"{address}/gallery?show=all&size=24")
    page.wait_for_function(COUNT, arg=["grid", 24])
    page.wait_for_timeout(1000)
    before = sum(received)
    page.get_by_role("button", name="More").click()
    page.get_by_role("radio", name="100").click()
    page.wait_for_function(COUNT, arg=["grid", 100])
    page.wait_for_timeout(1000)
    print(f"{'a page of 100 images weighs':46} {(sum(received) - before) / 1000:5.0f} KB")
    print(f"{'the gallery when it is opened weighs':46} {before / 1000:5.0f} KB")


if __name__ == "__main__":
    main()
