"""Visitors' actions, and the conditions that tests wait for."""

import json
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from urllib.parse import urljoin

import numpy as np
from playwright.sync_api import ElementHandle, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.files import write_json
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.run import Run
from mnist_core.runs.store import RunStore
from mnist_core.sweeps.store import SavedSweep, SweepStore
from mnist_core.sweeps.sweep import Axis, Sweep, seeds_from
from tests.e2e.conftest import PATIENCE, Server, pen

SEVEN = [[(0, 0), (100, 0), (35, 160)]]
FOUR = [[(30, 0), (0, 90), (100, 90)], [(75, 20), (70, 160)]]
THREE = [[(0, 10), (50, 0), (90, 30), (70, 70), (30, 78), (80, 90), (95, 130), (50, 160), (0, 145)]]
ONE = [[(0, 0), (0, 160)]]
NO_INK = """canvas => {
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels.every((value, i) => i % 4 === 3 || value === 0);
}"""


def draw(page: Page, strokes, scale: float = 1.0, x: float = 80, y: float = 60) -> None:
    with pen(page) as stroke:
        for points in strokes:
            stroke([(x + px * scale, y + py * scale) for px, py in points])


def draw_with_a_finger(page: Page, points, x: float = 140, y: float = 50) -> None:
    box = page.locator("canvas.upper-canvas").first.bounding_box()
    touch = page.context.new_cdp_session(page)

    def feel(event: str, at) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": event, "touchPoints": at})

    there = [{"x": box["x"] + x + px, "y": box["y"] + y + py} for px, py in points]
    feel("touchStart", there[:1])
    for start, end in pairwise(there):
        for part in np.linspace(0, 1, 20):
            feel("touchMove", [{key: start[key] + part * (end[key] - start[key]) for key in ("x", "y")}])
    feel("touchEnd", [])


def choose_recipe(page: Page, title: str) -> None:
    """On the Train page: a recipe of the list, which on a phone is a select box."""
    expect(page.locator(".chooser")).to_be_attached()
    name = next((name for name in RECIPES if RECIPES[name].title == title), "")
    is_step = name.startswith("tuning-")
    if page.locator(".chooser .narrow").is_visible():
        page.get_by_role("combobox", name="Recipe").select_option("tuning" if is_step else name)
    else:
        page.get_by_role("radio", name="Tuning a to e" if is_step else title, exact=True).check(force=True)
    if is_step:
        steps = page.get_by_role("radiogroup", name="Step")
        steps.get_by_role("radio", name=name[-1], exact=True).click()


def start(page: Page, recipe: str, epochs: int | None = None) -> None:
    choose_recipe(page, recipe)
    name = next(name for name in RECIPES if RECIPES[name].title == recipe)
    # By its recipe: the previous recipe's field is still there for a moment.
    number = page.locator(f".st-key-epochs-{name} input")
    expect(number).to_be_attached()
    if epochs:
        settings = page.locator("[class*=st-key-details] details")
        if settings.get_attribute("open") is None:
            settings.locator("summary").click()
        number.fill(str(epochs))
        number.press("Enter")
        expect(number).to_have_value(str(epochs))
    page.get_by_role("button", name="Start training").click()


def select(page: Page, label: str, option: str) -> None:
    """Choose from a list; a list opened while the page is still being drawn closes again."""
    wanted = page.get_by_role("option", name=option, exact=True)
    deadline = time.monotonic() + 30
    while not wanted.is_visible() and time.monotonic() < deadline:
        page.get_by_role("combobox", name=label, exact=True).click()
        with suppress(PlaywrightTimeoutError):
            wanted.wait_for(timeout=3000)
    wanted.click()


def clear(page: Page) -> None:
    page.get_by_role("button", name="Clear").click()
    expect_empty(page)


def expect_empty(page: Page) -> None:
    expect(page.locator(".answer")).to_have_text(begins_with("–"))
    # The canvas is emptied after the answer: a stroke begun before that would be cut off.
    page.wait_for_function(NO_INK, arg=lower_canvas(page))


def expect_no_ink_at(page: Page, x: int, y: int) -> None:
    bare = f"canvas => canvas.getContext('2d').getImageData({x}, {y}, 1, 1).data[0] === 0"
    page.wait_for_function(bare, arg=lower_canvas(page))


def lower_canvas(page: Page) -> ElementHandle:
    """The canvas layer that holds the strokes."""
    return page.locator("canvas.dc-canvas.lower-canvas").element_handle()


def settle(page: Page) -> None:
    """Wait until the page's script has ended. Before that, its buttons may not hear their keys yet."""
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached()


def reopened(page: Page, path: str) -> Page:
    """The same tab at another address of the app, in a new session."""
    page.goto(urljoin(page.url, path))
    return page


def begins_with(word: str) -> re.Pattern:
    return re.compile(rf"^\s*{word}")


def no_sideways_scrolling(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def expect_soon(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def ended_sweep(server: Server, elsewhere: Path) -> SavedSweep:
    """A sweep of 2 x 2 settings with 3 seeds whose runs have all ended; they are made `elsewhere`, so that no
    worker trains them."""
    axes = (Axis("learning_rate", (0.001, 0.01)), Axis("batch_size", (64, 128)), seeds_from(0, 3))
    made = RunStore(elsewhere)

    def queue(recipe: Recipe) -> Run:
        run = made.create(recipe)
        accuracy = 0.8 + 10 * recipe.learning_rate + 0.001 * recipe.seed
        ends = [{"epoch": epoch, "step": 10 * epoch, "epochs_done": epoch, "seconds": epoch, "loss": 1 / epoch,
                 "accuracy": accuracy, "val_loss": 1 / epoch, "val_accuracy": accuracy, "end": True}
                for epoch in (1, 2)]  # fmt: skip
        (run.folder / "metrics.jsonl").write_text("".join(f"{json.dumps(end)}\n" for end in ends))
        result = {
            "status": "finished",
            "test_accuracy": accuracy,
            "seconds": 5.0,
            "epochs": 2,
            "is_mnist": False,
        }
        write_json(run.folder / "result.json", result)
        server.store.folder.mkdir(parents=True, exist_ok=True)
        shutil.move(run.folder, server.store.folder)
        return server.store.get(run.id)

    base = replace(RECIPES["softmax"], epochs=2)
    return SweepStore(server.store.home).create(Sweep(base, axes), "2 × 2", "", queue)


def ended_run(server: Server, labels: np.ndarray, wrong: dict[int, int], title: str) -> Run:
    """A finished run that reads the images of `wrong` as the digits given there, and all others correctly."""
    # Elsewhere, so that the server does not find a run that waits to be trained.
    with tempfile.TemporaryDirectory(dir=server.store.home) as elsewhere:
        run = RunStore(Path(elsewhere)).create(replace(RECIPES["softmax"], title=title))
        probabilities = np.full((len(labels), 10), 0.01, np.float32)
        probabilities[np.arange(len(labels)), labels] = 0.91
        for number, (index, digit) in enumerate(wrong.items()):
            probabilities[index] = 0.02
            probabilities[index, digit] = 0.82 - 0.01 * number
        answers = Evaluation(probabilities, labels)
        answers.save(run.evaluation_path)
        run.lite_path.write_bytes(server.store.get("starter").lite_path.read_bytes())
        figures = {"test_accuracy": answers.accuracy, "test_loss": answers.loss, "seconds": 5.0, "epochs": 20}
        write_json(run.folder / "result.json", {"status": "finished", "is_mnist": True, **figures})
        server.store.folder.mkdir(exist_ok=True)
        run.folder.rename(server.store.folder / run.id)
    return server.store.get(run.id)
