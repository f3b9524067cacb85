"""The app as a whole, as a visitor sees it."""

import os
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import psutil
import pytest
import streamlit
from playwright.sync_api import expect

from tests.conftest import MNIST_DIR
from tests.e2e.conftest import Server
from tests.e2e.steps import SEVEN, begins_with, draw, expect_soon, no_sideways_scrolling, reopened


@pytest.mark.fresh_server
@pytest.mark.parametrize(
    "path", ["/draw", "/mine", "/learn", "/words", "/train", "/sweep", "/gallery", "/data"]
)
def test_every_page_opens_by_its_address_on_a_fresh_server_wide_and_narrow(open_page, path):
    headings = {
        "/draw": "Draw a digit",
        "/mine": "My digits",
        "/learn": "Learn",
        "/words": "Words",
        "/train": "Train a network",
        "/sweep": "Compare settings",
        "/gallery": "Gallery",
        "/data": "The data",
    }
    for width, dark in ((1280, False), (390, True)):
        page = open_page(path, width, dark)
        expect(page.get_by_role("heading", name=headings[path])).to_be_visible()
        expect(page.get_by_text("Page not found")).to_have_count(0)
        assert no_sideways_scrolling(page)
        for part in (page.get_by_test_id("stHeaderLogo"), page.get_by_role("button", name="Main menu")):
            expect(part).to_be_in_viewport(ratio=1)
        if width == 1280:
            expect(page.get_by_role("link", name="Gallery")).to_be_visible()


def test_a_page_opened_from_another_begins_at_its_top_and_stays_where_it_is_when_run_again(open_page):
    page = open_page("/data")
    expect(page.get_by_role("heading", name="The data")).to_be_visible()
    # Otherwise the empty page between two pages would often, not always, bring the browser to the top.
    page.add_style_tag(content=".stMain::after { content: ''; flex: none; height: 3000px }")
    for name, heading in (("Gallery", "Gallery"), ("Draw", "Draw a digit"), ("Data", "The data")):
        page.evaluate("document.querySelector('.stMain').scrollTo(0, 400)")
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        page.wait_for_function("document.querySelector('.stMain').scrollTop === 0")
    page.evaluate("document.querySelector('.stMain').scrollTo(0, 400)")
    page.evaluate("document.querySelector('.st-key-language-ja button').click()")
    expect(page.locator(".st-key-language-en button")).to_be_attached()
    # The browser keeps the same text in view, so the place changes by as much as the texts above it grew.
    assert abs(page.evaluate("document.querySelector('.stMain').scrollTop") - 400) < 100


@pytest.mark.fresh_server(mnist_dir=None)
def test_without_mnist_every_page_says_so(open_page):
    page = open_page("/draw")
    for path in ("/draw", "/mine", "/train", "/sweep", "/gallery", "/data"):
        reopened(page, path)
        expect(page.get_by_text("The images here are not MNIST")).to_be_visible()
        page.get_by_text("Why, and how to get the real MNIST").click()
        page.get_by_role("button", name="Try to get MNIST again").click()
        expect(page.get_by_text("The images here are not MNIST")).to_be_visible()


@pytest.mark.fresh_server
def test_the_server_never_loads_tensorflow(open_page, server):
    page = open_page("/draw")
    for path, there in (
        ("/draw", "canvas"),
        ("/train", ".st-key-status"),
        ("/gallery", "[data-testid=stVegaLiteChart]"),
        *((("/gallery?image=4", ".st-key-way"),) if MNIST_DIR else ()),
        ("/data", ".st-key-images"),
    ):
        expect(reopened(page, path).locator(there).first).to_be_visible()
    reopened(page, "/draw")
    draw(page, SEVEN)
    expect(page.locator(".answer")).to_have_text(begins_with("7"))
    maps = {mapped.path for mapped in psutil.Process(server.process.pid).memory_maps()}
    assert any("ai_edge_litert" in path for path in maps)
    assert not any("/tensorflow/" in path for path in maps)


@pytest.mark.skipif(os.name == "nt", reason="Windows opens browsers by no command that could be another")
def test_the_start_opens_a_browser_as_streamlit_does(tmp_path, monkeypatch):
    opened = tmp_path / "opened"
    for name in ("xdg-open", "open"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho "$1" >> {opened}\n')
        (tmp_path / name).chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    server = Server(tmp_path, None, "--server.headless=false")
    try:
        expect_soon(opened.exists)
        assert opened.read_text() == server.address.replace("localhost", "127.0.0.1") + "\n"
    finally:
        server.end()


def test_streamlits_own_files_come_unchanged_and_no_others(server):
    static = Path(streamlit.__file__).parent / "static"
    for kind in ("static/js/*.js", "static/css/*.css", "static/media/*.woff2"):
        path = next(static.glob(kind))
        answer = urllib.request.urlopen(f"{server.address}/{path.relative_to(static).as_posix()}")
        assert answer.read() == path.read_bytes()
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Type"].split("/")[0] in ("text", "application", "font")
    for path in ("/static/../index.html", "/static/js/../../../__init__.py", "/static/js/%2e%2e/index.html"):
        try:
            assert b"<html" in urllib.request.urlopen(f"{server.address}{path}").read()
        except HTTPError as error:
            assert error.code in (400, 404)
