"""Training, as a visitor sees it."""

import os
import re
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import psutil
import pytest
from PIL import Image
from playwright.sync_api import Page, WebSocketRoute, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from mnist_core.files import write_json
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.attempt import Attempt
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import snapshot_of
from pages.components.training.start import DOUBLE
from tests.conftest import MNIST_DIR
from tests.e2e.steps import (
    SEVEN,
    begins_with,
    choose_recipe,
    draw,
    ended_run,
    expect_soon,
    no_sideways_scrolling,
    reopened,
)

# A server for each test: after a training it keeps a process warm, which would slow down the next tests.
pytestmark = pytest.mark.fresh_server


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


def test_fast_trained_from_the_page_reaches_its_accuracy_and_its_errors_are_in_the_gallery(open_page, server):
    page, other_tab = open_page("/train"), open_page("/train")
    start(page, "Fast convnet", 4 if MNIST_DIR else 200)  # long enough to train after the reload
    status = page.locator(".st-key-status")
    expect(status).to_have_text(re.compile(r"^training.*epoch [0-9]+ of"))
    page.reload()
    expect(status).to_have_text(begins_with("training"))
    expect(other_tab.locator(".st-key-status")).to_have_text(begins_with("training"))
    for tab in (page, other_tab):
        expect(tab.locator(".st-key-status")).to_have_text(begins_with("finished"), timeout=120_000)
        expect(tab.get_by_test_id("stMetric").first).to_be_visible()
    (run,) = server.store.list()
    if MNIST_DIR:
        assert run.result["is_mnist"] and run.result["test_accuracy"] >= 0.985
    page.get_by_role("button", name="See this model's errors").click()
    expect(page.get_by_role("heading", name="Gallery")).to_be_visible()
    expect(page.get_by_text(f"{run.result['test_accuracy']:.2%}").first).to_be_visible()
    tiles = page.locator(".st-key-grid button")
    expect(tiles.first).to_be_visible()
    shown = [int(tile.get_attribute("data-index")) for tile in tiles.all()]
    assert len(set(shown)) == len(shown) > 0
    page.get_by_role("link", name="Train").click()
    page.get_by_role("button", name="Draw with this model").click()
    draw(page, SEVEN)
    expect(page.locator(".st-key-answer")).not_to_have_text(begins_with("–"))


class Between:
    """Between the browser and the server.

    While it `holds`, it keeps all answers back, and stops the server once that has begun with another page.
    """

    def __init__(self, page: Page, server: psutil.Process) -> None:
        self.page, self.server, self.holds, self.requests, self.held = page, server, False, 0, []
        page.route_web_socket("**", self._connect)

    def release(self) -> None:
        self.holds = False
        for send in self.held:
            send()

    def wait_for(self, condition: Callable[[], bool]) -> None:
        expect_soon(lambda: self.page.title() and condition())  # Playwright passes messages on meanwhile

    def _connect(self, browser: WebSocketRoute) -> None:
        server = browser.connect_to_server()
        browser.on_message(lambda message: self._ask(server, message))
        server.on_message(lambda message: self._answer(browser, message))

    def _ask(self, server: WebSocketRoute, message: bytes) -> None:
        self.requests += 1
        server.send(message)

    def _answer(self, browser: WebSocketRoute, message: bytes) -> None:
        if not self.holds:
            browser.send(message)
            return
        self.held.append(lambda: browser.send(message))
        if ForwardMsg.FromString(message).HasField("page_config_changed"):
            self.server.suspend()


def test_a_second_click_on_a_button_that_opens_draw_does_not_empty_it(open_page, server):
    Attempt(1, 1.0, None).claim(ended_run(server, np.arange(10), {0: 1}, "Softmax regression").folder)
    page, process = open_page("/data", as_another=True), psutil.Process(server.process.pid)
    between = Between(page, process)
    button = reopened(page, "/train").get_by_role("button", name="Draw with this model")
    expect(button).to_be_visible()
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached()
    between.holds = True
    button.click()
    try:
        between.wait_for(lambda: process.status() == psutil.STATUS_STOPPED)
        asked = between.requests
        button.click()  # the server runs Draw, and the browser does not know yet
        between.wait_for(lambda: between.requests > asked)
    finally:
        process.resume()
    page.wait_for_timeout(2000)
    between.release()
    draw(page, SEVEN)
    expect(page.locator(".st-key-answer")).to_have_text(begins_with("7"))


def test_a_second_click_queues_stop_keeps_what_was_learnt_and_a_killed_training_has_failed(open_page, server):
    page = open_page("/train")
    start(page, "Chollet's convnet", 200)
    status = page.locator(".st-key-status")
    expect(status).to_have_text(begins_with("training"))
    page.wait_for_timeout(1000 * DOUBLE)  # a click within this time would belong to a double click
    page.get_by_role("button", name="Start training").click()
    expect(status).to_contain_text("queued")
    expect(status).to_have_text(re.compile(r"^training.*step"))
    second, first = server.store.list()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect_soon(lambda: snapshot_of(first).status == "stopped" and first.result and first.has_model)
    expect_soon(lambda: len(second.metrics()) > 2)
    os.kill(second.attempt.pid, signal.SIGKILL)
    expect(status).to_have_text(begins_with("failed"))
    expect(page.get_by_text("The training process ended with signal 9").first).to_be_visible()
    start(page, "Softmax regression")
    expect(status).to_have_text(re.compile("^(training.*step|finished)"))


def test_stop_says_stopped_at_once_and_past_runs_can_be_seen_again_and_overlaid(open_page, server):
    page = open_page("/train")
    status = page.locator(".st-key-status")
    start(page, "Chollet's convnet", 200)
    expect(status).to_have_text(re.compile(r"^training.*step"))
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(status).to_have_text(begins_with("stopped"))
    expect(page.get_by_role("button", name="Draw with this model")).to_be_enabled()
    (run,) = server.store.list()
    reached = run.result["steps"]
    shutil.copytree(run.folder, run.folder.with_name("20200101-000000000-chollet-cnn-0000"))
    page.get_by_role("button", name="Resume").click()
    expect_soon(lambda: run.metrics()[-1].get("step", 0) > reached)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("button", name="Draw with this model")).to_be_enabled()
    assert run.result["steps"] > reached
    expect(page.get_by_role("heading", name="Past runs")).to_be_visible()
    table = page.get_by_test_id("stDataFrame")
    expect(table.locator("table")).to_have_attribute("aria-rowcount", "3")  # the header and both runs
    charts = page.locator(".curves .chart")
    expect(charts).to_have_count(2)
    table.click(position={"x": 15, "y": 52})
    expect(charts).to_have_count(4)
    table.click(position={"x": 15, "y": 87})
    expect(page.get_by_role("button", name="Delete these 2 runs")).to_be_visible()
    expect(charts).to_have_count(4)


def test_the_browser_redraws_a_run_that_trains_and_the_page_does_if_the_polls_find_nothing(open_page):
    page = open_page("/train", width=390)
    start(page, "Chollet's convnet", 200)  # long enough on any data
    status, line = page.locator(".st-key-status"), page.locator(".curves .chart path.training").first
    expect(status).to_have_text(re.compile(r"^training.*step"))
    expect(line).to_have_attribute("d", re.compile(r"(L.*){20}"))
    page.locator(".curves .chart > svg").last.hover()
    expect(page.locator(".curves .tip")).to_have_text(re.compile(r"^(training|validation) data\s+epoch .*%$"))
    assert no_sideways_scrolling(page)
    page.route("**/live/*", lambda route: route.fulfill(body="<html>", content_type="text/html"))
    page.wait_for_timeout(1500)  # a response may still have been on its way
    expect(line).not_to_have_attribute("d", line.get_attribute("d"))
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(status).to_have_text(begins_with("stopped"))
    expect(page.locator(".curves .chart")).to_have_count(2)


# At every frame: the positions of the charts and of the past runs below, and the texts on the axes.
WATCH = """() => {
    const charts = [...document.querySelectorAll(".curves .chart")], seen = new Set(), axes = new Set();
    const past = [...document.querySelectorAll("h2")].find((heading) => heading.innerText === "Past runs");
    const top = (element) => element.getBoundingClientRect().top + document.querySelector(".stMain").scrollTop;
    const watch = () => {
        seen.add(JSON.stringify([...charts, past].map(top)));
        const words = charts.flatMap((chart) => [...chart.querySelectorAll("text")]);
        axes.add(words.map((text) => text.textContent).join());
        requestAnimationFrame(watch);
    };
    watch();
    window.seen = () => ({
        places: [...seen].map(JSON.parse), axes: [...axes],
        areThere: [...charts, past].every((element) => element.isConnected),
    });
}"""


@pytest.mark.parametrize("width", [1280, 390])
def test_a_runs_charts_and_axes_do_not_move_from_its_first_point_to_its_end(open_page, width):
    page = open_page("/train", width=width)
    status, line = page.locator(".st-key-status"), page.locator(".curves .chart path.training").first
    start(page, "Softmax regression", 1)
    expect(status).to_have_text(begins_with("finished"))
    expect(page.get_by_role("heading", name="Past runs")).to_be_visible()
    # On the small stand-in set `fast` stays below its axis for longer than half an epoch.
    start(page, *(("Fast convnet", 2) if MNIST_DIR else ("Tuning d: ten hidden layers", 100)))
    expect(status).to_have_text(re.compile("^training.*step"))
    expect(line).to_have_attribute("d", re.compile("^M"))
    page.evaluate(WATCH)
    expect(status).to_have_text(begins_with("finished"), timeout=120_000)
    expect(page.get_by_role("button", name="Draw with this model")).to_be_enabled()
    page.wait_for_timeout(1000)  # so that any further movement is noticed
    seen = page.evaluate("window.seen()")
    assert len(seen["axes"]) == 1 and seen["axes"][0].startswith(("0.005,", "0.2,")) and seen["areThere"]
    moved = [max(tops) - min(tops) for tops in zip(*seen["places"])]
    # For a run on the stand-in set a note below the charts says that this is not MNIST.
    assert max(moved if MNIST_DIR else moved[:2]) <= 2


def test_the_charts_have_a_legend_and_can_be_zoomed_and_downloaded(open_page, tmp_path):
    page = open_page("/train", dark=True)
    start(page, "Softmax regression")
    expect(page.locator(".st-key-status")).to_have_text(begins_with("finished"))
    names = ["training data", "validation data", "published, training data", "published, validation data"]
    expect(page.locator(".curves .legend i")).to_have_text(names)
    chart, reset = page.locator(".curves .chart > svg").first, page.get_by_role("button", name="Whole run")
    whole = chart.locator("text").all_text_contents()
    expect(reset).to_be_hidden()
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 120, steps=4)
    page.mouse.up()
    expect(reset).to_be_visible()
    assert not {"0", "20"} & {*chart.locator("text").all_text_contents()}
    for kind in ("SVG", "PNG"):
        with page.expect_download() as download:
            page.get_by_role("button", name=kind, exact=True).click()
        download.value.save_as(tmp_path / kind)
    drawn = (tmp_path / "SVG").read_text("utf-8")
    assert all(name in drawn for name in names) and "var(" not in drawn and "#10141d" in drawn
    ElementTree.fromstring(drawn)
    with Image.open(tmp_path / "PNG") as picture:
        assert picture.width > 1000 and picture.getpixel((0, 0))[:3] == (16, 20, 29)
    chart.dblclick()
    expect(reset).to_be_hidden()
    assert chart.locator("text").all_text_contents() == whole


def select(page: Page, label: str, option: str) -> None:
    """Choose from a list; a list opened while the page is still being drawn closes again."""
    wanted = page.get_by_role("option", name=option, exact=True)
    deadline = time.monotonic() + 30
    while not wanted.is_visible() and time.monotonic() < deadline:
        page.get_by_role("combobox", name=label).click()
        with suppress(PlaywrightTimeoutError):
            wanted.wait_for(timeout=3000)
    wanted.click()


def test_a_network_of_ones_own_is_built_trained_compared_renamed_and_deleted(open_page, server):
    page = open_page("/train")
    choose_recipe(page, "Your own network")
    rows = page.locator('[class*="st-key-layer-own-"]')
    button = page.get_by_role("button", name="Start training")
    expect(rows).to_have_count(7)
    select(page, "Begin with", "Softmax regression")
    expect(rows).to_have_count(1)
    select(page, "Add a layer", "Conv2D")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(
        page.get_by_text("Layer 2, Conv2D: This layer takes images, but its input is a vector of 784")
    ).to_be_visible()
    expect(button).to_be_disabled()
    rows.nth(1).get_by_role("button", name="Move up").first.click()
    expect(page.get_by_text("26 × 26 × 16")).to_be_visible()
    rows.nth(0).get_by_test_id("stPopover").get_by_role("button").click()
    page.get_by_label("strides").fill("2")
    page.get_by_label("strides").press("Enter")
    expect(page.get_by_text("13 × 13 × 16")).to_be_visible()
    expect(rows.nth(0)).to_contain_text('Conv2D(16, 3, strides=2, activation="relu")')
    page.keyboard.press("Escape")
    page.get_by_text("Settings and Keras code").click()
    page.get_by_label("Epochs", exact=True).fill("1")
    page.get_by_label("Epochs", exact=True).press("Enter")
    page.get_by_role("tab", name="As Keras code").click()
    expect(page.get_by_text("epochs=1,")).to_be_visible()
    button.click()
    status = page.locator(".st-key-status")
    expect(status).to_have_text(begins_with("finished"))
    expect(page.get_by_role("heading", name="Last run: My network")).to_be_visible()
    (run,) = server.store.list()
    assert run.recipe.layers[0].strides == 2 and run.result["epochs"] == 1
    shutil.copytree(run.folder, run.folder.with_name("20200101-000000000-own-0000"))
    other = Run(run.folder.with_name("20200101-000000000-own-0000")).rename("The other")
    write_json(other.folder / "recipe.json", replace(other.recipe, seed=7).to_json())
    page.reload()
    table = page.get_by_test_id("stDataFrame")
    table.click(position={"x": 15, "y": 87})
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("New name").fill("The older")
    page.get_by_role("button", name="Save").click()
    expect_soon(lambda: Run(other.folder).recipe.title == "The older")
    table.click(position={"x": 15, "y": 52})
    expect(page.get_by_text("What differs")).to_be_visible()
    expect(page.get_by_test_id("stTable").last).to_contain_text("seed07")
    page.get_by_role("button", name="Delete these 2 runs").click()
    assert len(server.store.list()) == 2, "it asks first"
    page.get_by_role("button", name="Yes, delete these 2 runs").click()
    expect_soon(lambda: not server.store.list())
    phone = open_page("/train", width=390)
    phone.get_by_role("combobox", name="Recipe").select_option("own")
    expect(phone.locator('[class*="st-key-layer-own-"]').first).to_be_visible()
    assert no_sideways_scrolling(phone)


def test_a_double_click_on_start_makes_one_run(open_page, server):
    page = open_page("/train")
    page.get_by_role("button", name="Start training").dblclick()
    status = page.locator(".st-key-status")
    expect(status).to_have_text(re.compile("^(training.*step|finished)"))
    page.wait_for_timeout(1000 * DOUBLE)
    assert len(server.store.list()) == 1
    page.get_by_role("button", name="Start training").click()
    expect_soon(lambda: len(server.store.list()) == 2)


def test_the_builder_keeps_its_layers_and_its_name_over_a_reload_and_a_spoilt_link_says_so(open_page):
    page = open_page("/train?recipe=own&begin=softmax")
    rows = page.locator('[class*="st-key-layer-own-"]')
    expect(rows).to_have_count(1)
    select(page, "Add a layer", "Dense")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(rows).to_have_count(2)
    page.get_by_label("Name", exact=True).fill("Ada's network")
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page).to_have_url(re.compile("layers=.*name=Ada"))
    written = rows.nth(1).inner_text()
    page.reload()
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_have_text(written, use_inner_text=True)
    expect(page.get_by_label("Name", exact=True)).to_have_value("Ada's network")
    page.get_by_label("Name", exact=True).fill("long " * 20)
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page.get_by_text("The name has 99 characters, and 60 are the most")).to_be_visible()
    reopened(page, "/train?recipe=own&layers=nonsense")
    expect(page.get_by_text("This link has parts that are not understood: layers.")).to_be_visible()
    expect(rows).to_have_count(7)


def test_a_link_chooses_a_recipe_and_a_past_run_can_be_started_from(open_page, server):
    run = server.store.create(replace(RECIPES["tuning-e"], epochs=3, seed=5))
    Attempt(1, 1.0, None).claim(run.folder)
    page = open_page("/train?recipe=tuning-c")
    expect(page.get_by_role("heading", name="Chosen: Tuning c")).to_be_visible()
    choose_recipe(page, "Start from a past run")
    expect(page.locator('[class*="st-key-layer-own-"]')).to_have_count(12)
    page.get_by_text("Settings and Keras code").click()
    expect(page.locator('[class*="st-key-epochs-own-"] input')).to_have_value("3")
    page.reload()
    expect(page.locator('[class*="st-key-layer-own-"]')).to_have_count(12)
    page.get_by_role("button", name="Start training").click()
    expect_soon(lambda: len(server.store.list()) == 2)
    assert server.store.list()[0].recipe == run.recipe


@pytest.mark.parametrize("locale", ["en-US", "ja-JP"])
def test_on_a_phone_start_and_the_moving_curve_are_on_the_first_screen(open_page, locale):
    page = open_page("/train", width=390, locale=locale)
    begin = page.locator(".st-key-start-training button")
    begin.click()
    line = page.locator(".curves .chart path.training").first
    expect(line).to_have_attribute("d", re.compile("^M"))
    chart = page.locator(".curves .chart > svg").first.bounding_box()
    assert page.evaluate("document.querySelector('.stMain').scrollTop") == 0
    assert 0 < begin.bounding_box()["y"] < chart["y"] < 844 - 0.8 * chart["height"]
    assert 0 < page.get_by_role("heading", level=1).bounding_box()["y"] < 120
    assert no_sideways_scrolling(page)


def test_curves_are_drawn_where_the_tutorial_printed_no_losses(open_page, server):
    run = server.store.create(RECIPES["dropout-cnn"], os.getpid())
    curves = server.store.get("starter").folder / "metrics.jsonl"
    (run.folder / "metrics.jsonl").write_bytes(curves.read_bytes())
    page = open_page("/train")
    labels = page.locator(".curves .chart svg")
    expect(labels).to_have_count(2)
    expect(labels.last).to_have_attribute("aria-label", re.compile("published, validation data 99.10%"))
