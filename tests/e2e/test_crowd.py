"""While more people draw than the page can be run for, answers come without it, and the reasons at a pause."""

import asyncio
import random
import re
from collections.abc import Iterator
from threading import Event, Thread

import pytest
from playwright.sync_api import Page, expect

from mnist_core.preprocessing.examples import EXAMPLES
from tests.e2e.conftest import Server
from tests.e2e.steps import ONE, SEVEN, THREE, begins_with, clear, draw
from tests.session import Session

EARLIER = """for (const part of document.querySelectorAll(".st-key-ink [data-number]")) {
    part.outerHTML = part.outerHTML.replace(/data-number="\\d+"/, 'data-number="1"').replaceAll("3", "7");
}"""
SEEN = (
    """[...document.querySelectorAll(".st-key-ink :is(.answer, .input, .bars)")].map(part => part.outerHTML)"""
)
PEOPLE = 12  # each draws again when it is answered


@pytest.fixture
def crowd(server: Server) -> Iterator[None]:
    has_gone, is_full = Event(), Event()

    async def draw_on() -> None:
        session = Session(server.address)
        await session.open()
        while not has_gone.is_set():
            await session.draw(random.choice(EXAMPLES["clear"]))
            if session.ticket:
                is_full.set()
                await asyncio.sleep(0.1)  # the browser needs some of the machine, too
        await session.close()

    async def all_draw() -> None:
        await asyncio.gather(*(draw_on() for _ in range(PEOPLE)))

    thread = Thread(target=lambda: asyncio.run(all_draw()))
    thread.start()
    assert is_full.wait(300)
    yield
    has_gone.set()
    thread.join()


def draw_without_the_page(page: Page, strokes, digit: str) -> None:
    """Draw it, again and again until its answer came without the page: the crowd is not always as large."""
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/answers/" in request.url else None)
    for _ in range(100):
        asked.clear()
        draw(page, strokes)
        expect(page.locator(".answer")).to_have_text(begins_with(digit))
        if asked:
            return
        clear(page)
        expect(page.locator(".answer")).to_have_text(begins_with("–"))
    raise AssertionError("the page answered each time")


@pytest.mark.fresh_server
def test_in_a_crowd_each_stroke_is_answered_and_the_reasons_come_at_a_pause(crowd, open_page):
    page = open_page("/draw")
    draw_without_the_page(page, SEVEN, "7")
    clear(page)
    expect(page.locator(".answer")).to_have_text(begins_with("–"))
    draw_without_the_page(page, THREE, "3")
    without_the_page = page.evaluate(SEEN)
    expect(page.locator(".st-key-judge")).to_contain_text("Yes, it is 3")  # nothing was done but waiting
    assert page.evaluate(SEEN) == without_the_page

    # Whatever else is used finds the page informed: the second digit is in the link.
    clear(page)
    draw(page, SEVEN, scale=0.4, x=20)
    draw(page, ONE, scale=0.4, x=200)
    page.locator(".st-key-icon-share button").first.click()
    link = page.get_by_test_id("stCode").inner_text().strip()
    other = open_page("/draw" + link.split("/draw")[1], as_another=True)
    expect(other.locator(".answer")).to_contain_text("2 digits")


@pytest.mark.fresh_server
def test_in_a_crowd_the_answer_to_the_last_stroke_stays(crowd, open_page):
    page = open_page("/draw")
    draw_without_the_page(page, THREE, "3")
    page.evaluate(EARLIER)  # as if the page had answered an earlier stroke
    expect(page.locator(".answer")).to_have_text(begins_with("3"))
    expect(page.locator(".bars")).to_have_attribute("aria-label", re.compile("3: over"))


@pytest.mark.fresh_server
def test_a_drawing_that_the_page_was_not_told_of_survives_a_reload_and_another_page(crowd, open_page):
    page = open_page("/draw")
    draw_without_the_page(page, SEVEN, "7")
    page.reload()
    expect(page.locator(".answer")).to_have_text(begins_with("7"))
    clear(page)
    expect(page.locator(".answer")).to_have_text(begins_with("–"))
    draw_without_the_page(page, THREE, "3")
    page.get_by_role("link", name="Gallery").dispatch_event("click")  # as screen readers do, without a pointer
    expect(page.get_by_role("heading", name="Gallery")).to_be_visible()
    page.wait_for_timeout(1000)  # until the last of what the click has caused is there
    expect(page.get_by_role("heading", name="Gallery")).to_be_visible()
    page.get_by_role("link", name="Draw").click()
    expect(page.locator(".answer")).to_have_text(begins_with("3"))


@pytest.mark.fresh_server
def test_in_a_crowd_an_example_can_be_undone_and_the_reasons_are_of_what_is_seen(crowd, open_page):
    page = open_page("/draw")
    answer, reasons = page.locator(".answer"), page.locator(".st-key-judge")
    draw_without_the_page(page, SEVEN, "7")
    page.locator(".st-key-examples button").first.click()
    expect(answer).to_have_text(begins_with("2"))
    for _ in range(2):  # its stroke, then the example itself
        page.locator(".st-key-undo button").click()
    expect(answer).to_have_text(begins_with("7"))
    page.locator(".st-key-see-why button").click()  # without waiting
    expect(reasons).to_contain_text("Yes, it is 7")
    expect(page.get_by_text("Evidence for")).to_be_visible()
    clear(page)
    expect(answer).to_have_text(begins_with("–"))
    page.get_by_role("link", name="Gallery").click()
    page.get_by_role("link", name="Draw").click()
    expect(answer).to_have_text(begins_with("–"))
