"""A connection that is gone for a while, a tab that is closed: nothing drawn or trained is lost."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from mnist_core.runs.snapshot import snapshot_of
from tests.e2e.conftest import PATIENCE
from tests.e2e.steps import SEVEN, begins_with, draw, expect_soon, start


class Line:
    """The connection between a page and the server, which can be cut and mended."""

    def __init__(self, page: Page) -> None:
        self.page, self.is_cut, self.open = page, False, []
        page.route_web_socket("**", self._connect)

    def cut(self) -> None:
        self.is_cut = True
        for browser in self.open:
            browser.close()
        self.open.clear()

    def _connect(self, browser: WebSocketRoute) -> None:
        if self.is_cut:
            browser.close()
        else:
            browser.connect_to_server()
            self.open.append(browser)


@pytest.fixture
def line(browser: Browser) -> Iterator[Line]:
    """A page of another visitor's; its console, which tells of a connection that is gone, is not looked at."""
    with browser.new_context() as context:
        context.set_default_timeout(1000 * PATIENCE)
        yield Line(context.new_page())


def test_a_drawing_outlives_a_connection_that_is_gone(line, server):
    page = line.page
    page.goto(f"{server.address}/draw")
    answer = page.locator(".answer")
    draw(page, SEVEN)
    expect(answer).to_have_text(begins_with("7"))
    line.cut()
    draw(page, [[(20, 80), (85, 80)]])  # its answer waits for the connection
    line.is_cut = False
    expect(answer).to_have_text(begins_with("7"))
    draw(page, [[(0, 0), (0, 160)]], x=260)
    expect(answer).to_have_text(re.compile("^71"))


def test_a_training_outlives_the_connection_and_the_tab_of_who_started_it(line, open_page, server):
    page = line.page
    page.goto(f"{server.address}/train")
    status = page.locator(".st-key-status")
    start(page, "Softmax regression", 2)
    expect_soon(lambda: server.store.list())
    (run,) = server.store.list()
    line.cut()
    expect_soon(run.metrics)
    line.is_cut = False
    expect(status).to_have_text(re.compile("epoch|finished"))  # what happened meanwhile
    page.close()
    expect_soon(lambda: snapshot_of(run).status == "finished")
    again = open_page("/train")
    expect(again.locator(".st-key-status")).to_have_text(begins_with("finished"))
