"""Time from the end of a stroke to the new answer in Chromium; the bars come with the answer.

    python benchmarks/draw_latency.py [--strokes N] [--starts N]

Starts the app N times, each time for a browser with an empty cache, and measures the time until it has
answered the first stroke. In turns it does the same with a bare page that has the same canvas and only counts
the strokes, to show how long Streamlit and the canvas take by themselves. Then it draws N strokes with the
mouse, each another line of a digit or, after Clear, a new one, and measures the time from mouse-up to the
change of the answer, first while the server is idle, then during a training. (By itself, as on the bare page,
the canvas waits 200 ms before it reports a change.)
"""

import argparse
import os
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from mnist_core.recipes.table import RECIPES
from mnist_core.runs.snapshot import snapshot_of
from tests.e2e.conftest import Server, chromium, pen

BARE = """
import streamlit as st
from streamlit_drawable_canvas import st_canvas

drawn = st_canvas(stroke_width=20, height=280, width=280, key="canvas").json_data
strokes = len(drawn["objects"]) if drawn else 0
with st.container(key="ink"):
    st.html(f'<div class="answer">{strokes or "–"}</div>')
"""
WATCH = """() => {
    window.up = 0; window.took = [];
    document.addEventListener("mouseup", () => { window.up = performance.now(); }, true);
    new MutationObserver(() => {
        if (window.up) { window.took.push(performance.now() - window.up); window.up = 0; }
    }).observe(document.querySelector(".st-key-ink"), {childList: true, subtree: true, characterData: true});
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--strokes", type=int, default=50)
    parser.add_argument("--starts", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        bare = Path(folder, "bare.py")
        bare.write_text(BARE)
        starts = [(start(browser, "app.py"), start(browser, f"{bare}")) for _ in range(arguments.starts)]
    for what, of_it in zip(("the app", "a bare page with the canvas"), zip(*starts)):
        up, answered, drawing, total = np.median([(*times, sum(times[:2])) for times in of_it], axis=0)
        print(
            f"{what}, medians of {len(of_it)} starts: from the command to the server that answers {up:.1f} s, "
            f"from there to the first answer in a fresh browser {answered:.1f} s "
            f"({min(took for _, took, _ in of_it):.1f} to {max(took for _, took, _ in of_it):.1f}), "
            f"of which the stroke itself takes {drawing:.2f} s, "
            f"from the command {total:.1f} s"
        )
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        server = Server(Path(folder), os.environ.get("MNIST_DIR"))
        try:
            page.goto(f"{server.address}/draw")
            draw(page, [(60, 60), (200, 60)])
            expect(page.locator(".answer")).not_to_contain_text("–")
            report("idle", measure(page, arguments.strokes))
            run = server.store.create(RECIPES["best"])
            page.goto(f"{server.address}/train")
            expect(page.locator(".st-key-status")).to_contain_text("step", timeout=60_000)
            page.goto(f"{server.address}/draw")
            report("while a training runs", measure(page, arguments.strokes))
            assert snapshot_of(run).status == "training", "the training ended too soon"
        finally:
            server.end()


def start(browser: Browser, app: str) -> tuple[float, float, float]:
    """Seconds until the server answers, from then to the first answer, and the stroke's part of that."""
    with tempfile.TemporaryDirectory() as folder, browser.new_context() as context:
        page = context.new_page()
        page.goto("about:blank")
        begin = time.perf_counter()
        server = Server(Path(folder), os.environ.get("MNIST_DIR"), app=app)
        try:
            up = time.perf_counter()
            page.goto(server.address)
            page.locator("canvas.upper-canvas").first.wait_for()
            there = time.perf_counter()
            draw(page, [(60, 60), (200, 60)])
            drawing = time.perf_counter() - there
            expect(page.locator(".answer")).not_to_contain_text("–")
            return up - begin, time.perf_counter() - up, drawing
        finally:
            server.end()


def measure(page: Page, strokes: int) -> list[float]:
    """Milliseconds from mouse-up to the answer's change, for each stroke that changes it."""
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
        with suppress(PlaywrightTimeout):  # another line in a scribble may not change the answer
            page.wait_for_function("window.took.length", timeout=2000)
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
