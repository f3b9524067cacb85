"""Training, as a visitor sees it."""

import os
import re
import shutil
import signal
from collections.abc import Callable

import numpy as np
import psutil
import pytest
from playwright.sync_api import Page, WebSocketRoute, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from mnist_core.runs.attempt import Attempt
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import snapshot_of
from pages.components.training.start import DOUBLE
from tests.conftest import MNIST_DIR
from tests.e2e.steps import (
    SEVEN,
    begins_with,
    draw,
    ended_run,
    expect_soon,
    no_sideways_scrolling,
    reopened,
    settle,
    start,
)

# A server for each test: after a training it keeps a process warm, which would slow down the next tests.
pytestmark = pytest.mark.fresh_server


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
    expect(page.locator(".answer")).not_to_have_text(begins_with("–"))


class Between:
    """Between the browser and the server.

    While it `holds`, it keeps all answers back, and stops the server once, when that begins with another page.
    """

    def __init__(self, page: Page, server: psutil.Process) -> None:
        self.page, self.server, self.holds, self.requests, self.held = page, server, False, 0, []
        self.has_stopped = False
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
        if not self.has_stopped and ForwardMsg.FromString(message).HasField("page_config_changed"):
            self.has_stopped = True
            self.server.suspend()


def test_a_second_click_on_a_button_that_opens_draw_does_not_empty_it(open_page, server):
    Attempt(1, 1.0, None).claim(ended_run(server, np.arange(10), {0: 1}, "Softmax regression").folder)
    page, process = open_page("/data", as_another=True), psutil.Process(server.process.pid)
    between = Between(page, process)
    button = reopened(page, "/train").get_by_role("button", name="Draw with this model")
    expect(button).to_be_visible()
    settle(page)
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
    expect(page.locator(".answer")).to_have_text(begins_with("7"))


def test_a_second_click_queues_stop_keeps_what_was_learnt_and_a_killed_training_has_failed(open_page, server):
    page = open_page("/train")
    start(page, "Chollet's convnet", 200)
    status = page.locator(".st-key-status")
    expect(status).to_have_text(begins_with("training"))
    settle(page)
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
    expect(page.get_by_text("ended from outside (signal 9)").first).to_be_visible()
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
    earlier = Run(run.folder.with_name("20200101-000000000-chollet-cnn-0000"))
    shutil.copytree(run.folder, earlier.folder)
    earlier.complete(run.result)
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


def test_a_double_click_on_start_makes_one_run(open_page, server):
    page = open_page("/train")
    page.get_by_role("button", name="Start training").dblclick()
    status = page.locator(".st-key-status")
    expect(status).to_have_text(re.compile("^(training.*step|finished)"))
    page.wait_for_timeout(1000 * DOUBLE)
    assert len(server.store.list()) == 1
    page.get_by_role("button", name="Start training").click()
    expect_soon(lambda: len(server.store.list()) == 2)


@pytest.mark.parametrize("locale", ["en-US", "ja-JP"])
@pytest.mark.usefixtures("mnist")  # without it the notice about the stand-in takes half of the first screen
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
