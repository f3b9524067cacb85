"""A connection that is gone for a while, a tab that is closed: nothing drawn or trained is lost."""

import re

from playwright.sync_api import Page, WebSocketRoute, expect

from mnist_core.runs.snapshot import snapshot_of
from tests.e2e.steps import SEVEN, begins_with, draw, expect_soon, reopened, start


class Line:
    """The connection between a page and the server, which can be cut and mended."""

    def __init__(self, page: Page) -> None:
        self.is_cut, self.open = False, []
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


def test_a_drawing_outlives_a_connection_that_is_gone(open_page):
    page = open_page("/data", as_another=True)
    line = Line(page)
    answer = reopened(page, "/draw").locator(".st-key-answer")
    draw(page, SEVEN)
    expect(answer).to_have_text(begins_with("7"))
    line.cut()
    draw(page, [[(20, 80), (85, 80)]])  # its answer waits for the connection
    line.is_cut = False
    expect(answer).to_have_text(begins_with("7"))
    draw(page, [[(0, 0), (0, 160)]], x=260)
    expect(answer).to_have_text(re.compile("^71"))


def test_a_training_outlives_the_connection_and_the_tab_of_who_started_it(open_page, server):
    page = open_page("/data", as_another=True)
    line = Line(page)
    status = reopened(page, "/train").locator(".st-key-status")
    start(page, "Softmax regression", 2)
    expect_soon(lambda: server.store.list())
    (run,) = server.store.list()
    line.cut()
    expect_soon(lambda: snapshot_of(run).status == "finished")
    line.is_cut = False
    expect(status).to_have_text(begins_with("finished"))
    start(page, "Softmax regression", 1)
    expect_soon(lambda: len(server.store.list()) == 2)
    page.close()
    expect_soon(lambda: all(snapshot_of(run).status == "finished" for run in server.store.list()))
    again = open_page("/train")
    expect(again.locator(".st-key-status")).to_have_text(begins_with("finished"))
