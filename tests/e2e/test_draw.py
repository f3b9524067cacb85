"""Draw and My digits, as a visitor sees them."""

import os
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import expect

from mnist_core.data.my_digits import MyDigits
from mnist_core.preprocessing.preprocess import from_strokes
from mnist_core.recipes.table import RECIPES
from mnist_core.training.fill import train_run
from tests.conftest import small_standin
from tests.e2e.steps import (
    FOUR,
    NO_INK,
    ONE,
    SEVEN,
    THREE,
    begins_with,
    clear,
    draw,
    draw_with_a_finger,
    expect_empty,
    expect_soon,
    lower_canvas,
    no_sideways_scrolling,
    reopened,
)
from tests.session import Session, run

NEVER_AFTER_200_MS = """
    const after = window.setTimeout;
    window.setTimeout = (task, delay, ...rest) => delay === 200 ? 0 : after(task, delay, ...rest);
"""
NO_STORAGE = """Object.defineProperty(window, "localStorage", {
    get() { throw new DOMException("blocked", "SecurityError"); },
})"""
LEAVE_WHEN_ANSWERED = """() => {
    new MutationObserver((_, observer) => {
        if (!/^\\s*7/.test(document.querySelector(".answer").innerText)) return;
        observer.disconnect();
        document.querySelector("a[href$=gallery]").click();
    }).observe(document.querySelector(".st-key-ink"), {childList: true, subtree: true, characterData: true});
}"""

UNDO_AND_SHARE = (
    """for (const key of ["undo", "icon-share"]) document.querySelector(`.st-key-${key} button`).click()"""
)
LEAVE_AND_UNDO = """() => {
    document.querySelector("a[href$=gallery]").click();
    document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "z", ctrlKey: true, bubbles: true}));
}"""


def test_digits_drawn_with_the_mouse_are_read_wherever_they_stand(open_page):
    page = open_page("/")
    answer = page.locator(".answer")
    for digit, strokes in (("7", SEVEN), ("4", FOUR), ("3", THREE), ("1", ONE)):
        for scale, x, y in ((1.0, 80, 60), (0.4, 20, 190), (1.5, 60, 20)):
            draw(page, strokes, scale, x, y)
            expect(answer).to_have_text(begins_with(digit))
            clear(page)


def test_the_drawing_can_be_undone_and_cleared_and_survives_a_visit_to_another_page(open_page):
    page = open_page("/draw")
    answer = page.locator(".answer")
    draw(page, ONE)
    expect(answer).to_have_text(begins_with("1"))
    draw(page, [[(-50, 0), (50, 0)]])
    expect(answer).not_to_have_text(begins_with("1"))
    page.locator(".st-key-undo button").click()
    expect(answer).to_have_text(begins_with("1"))
    page.get_by_role("link", name="Gallery").click()
    expect(page.get_by_role("heading", name="Gallery")).to_be_visible()
    page.get_by_role("link", name="Draw").click()
    expect(answer).to_have_text(begins_with("1"))
    draw(page, [[(-50, 0), (50, 0)]])
    expect(answer).not_to_have_text(begins_with("1"))
    page.locator(".st-key-undo button").click()
    expect(answer).to_have_text(begins_with("1"))
    page.locator(".st-key-undo button").click()
    expect_empty(page)
    for strokes, digit in ((SEVEN, "7"), (THREE, "3")):
        draw(page, strokes)
        expect(answer).to_have_text(begins_with(digit))
        clear(page)
    page.evaluate(LEAVE_WHEN_ANSWERED)
    draw(page, SEVEN)
    expect(page.get_by_role("heading", name="Gallery")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Gallery")).to_be_visible()
    page.get_by_role("link", name="Draw").click()
    expect(answer).to_have_text(begins_with("7"))


def test_a_stroke_survives_leaving_the_page_just_as_the_pen_is_lifted(open_page):
    page = open_page("/draw")
    expect_empty(page)
    box = page.get_by_role("link", name="Gallery").bounding_box()
    draw(page, SEVEN)
    page.mouse.click(box["x"] + 20, box["y"] + 10)
    expect(page.get_by_role("heading", name="Gallery")).to_be_visible()
    page.get_by_role("link", name="Draw").click()
    expect(page.locator(".answer")).to_have_text(begins_with("7"))
    page.locator(".st-key-undo button").click()
    expect_empty(page)


def test_undo_right_after_the_click_on_another_page_neither_keeps_nor_empties_that_page(open_page):
    page = open_page("/draw")
    draw(page, SEVEN)
    expect(page.locator(".answer")).to_have_text(begins_with("7"))
    page.evaluate(LEAVE_AND_UNDO)
    heading = page.get_by_role("heading", name="Gallery")
    expect(heading).to_be_visible()
    page.wait_for_timeout(1000)  # until the last of what was done is there
    expect(heading).to_be_visible()
    page.get_by_role("link", name="Draw").click()
    expect_empty(page)


def test_share_opens_also_in_the_moment_in_which_a_drawing_is_sent(open_page):
    page = open_page("/draw")
    draw(page, SEVEN)
    expect(page.locator(".answer")).to_have_text(begins_with("7"))
    expect(page.get_by_text("Was that right?")).to_be_visible()
    page.evaluate(UNDO_AND_SHARE)
    expect(page.get_by_test_id("stPopoverBody").get_by_text("Draw something first")).to_be_visible()


def test_a_stroke_that_is_sent_after_the_click_on_another_page_does_not_empty_that_page(server):
    async def begun() -> list[str]:
        session = Session(server.address)
        await session.open("draw")
        await session.draw([[(80, 60), (180, 60), (115, 220)]])
        heard = await session.leave("gallery")
        await session.close()
        return [each.new_session.page_script_hash for each in heard if each.HasField("new_session")]

    assert len(run(begun())) == 1


def test_a_tab_without_a_new_stroke_does_not_change_the_browsers_drawing(open_page):
    first = open_page("/draw")
    draw(first, SEVEN)
    expect(first.locator(".answer")).to_have_text(begins_with("7"))
    expect(first.get_by_text("Was that right?")).to_be_visible()
    second = first.context.new_page()
    second.goto(first.url)
    expect(second.locator(".answer")).to_have_text(begins_with("7"))
    clear(second)
    draw(second, THREE)
    expect(second.locator(".answer")).to_have_text(begins_with("3"))
    for name in ("Data", "Draw"):
        first.get_by_role("link", name=name).click()
        expect(first.get_by_role("heading", name="The data" if name == "Data" else "Draw")).to_be_visible()
    expect(first.locator(".answer")).to_have_text(begins_with("7"))
    expect(first.get_by_text("Was that right?")).to_be_visible()
    second.reload()
    expect(second.locator(".answer")).to_have_text(begins_with("3"))


def test_a_drawing_over_an_image_survives_opening_the_empty_canvas(open_page):
    page = open_page("/draw?behind=5")
    expect(page.get_by_text("Test image 5, ")).to_be_visible()
    draw(page, [[(-50, 0), (50, 0)]])
    page = reopened(page, "/draw")
    expect_empty(page)
    page = reopened(page, "/draw?behind=5")
    expect(page.get_by_text("Test image 5, ")).to_be_visible()
    page.wait_for_function(f"canvas => !({NO_INK})(canvas)", arg=lower_canvas(page))


def test_a_link_holds_the_drawing_and_a_damaged_link_is_reported(open_page):
    page = open_page("/draw")
    draw(page, SEVEN)
    draw(page, ONE, 0.9, 230, 70)
    expect(page.locator(".answer")).to_have_text(begins_with("71"))
    expect(page.get_by_alt_text("where each of the digits was found")).to_be_visible()
    page.locator(".st-key-icon-share button").first.click()
    link = page.get_by_test_id("stCode").inner_text().strip()
    other = open_page("/draw" + link.split("/draw")[1], as_another=True)
    expect(other.locator(".answer")).to_have_text(begins_with("71"))
    spoilt = open_page("/?drawing=garbage%00", as_another=True)
    expect(spoilt.get_by_text("The drawing in this link cannot be read")).to_be_visible()
    expect_empty(spoilt)


def test_the_answer_does_not_wait_for_the_canvass_own_delay(open_page):
    page = open_page("/train", as_another=True)  # a separate tab, because the script stays in it
    page.add_init_script(NEVER_AFTER_200_MS)
    reopened(page, "/draw")
    draw(page, SEVEN)
    expect(page.locator(".answer")).to_have_text(begins_with("7"))
    clear(page)
    draw_with_a_finger(page, ONE[0])
    expect(page.locator(".answer")).to_have_text(begins_with("1"))


def test_a_browser_that_blocks_its_storage_can_draw_all_the_same(open_page):
    page = open_page("/train", as_another=True)  # the script stays in its tab
    page.add_init_script(NO_STORAGE)
    reopened(page, "/draw")
    draw(page, SEVEN)
    expect(page.locator(".answer")).to_have_text(begins_with("7"))
    page.keyboard.press("Control+z")
    expect_empty(page)


def test_a_finger_draws_and_the_page_stays_where_it_is(open_page):
    page = open_page("/draw", width=390)
    canvas = page.locator("canvas.upper-canvas").first
    canvas.scroll_into_view_if_needed()
    box, scrolled = canvas.bounding_box(), page.evaluate("document.querySelector('.stMain').scrollTop")
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    draw_with_a_finger(page, ONE[0])
    expect(page.locator(".answer")).to_have_text(begins_with("1"))
    assert page.evaluate("document.querySelector('.stMain').scrollTop") == scrolled


def test_with_two_fingers_only_the_first_draws_one_stroke(open_page):
    page = open_page("/draw", width=390)
    canvas = page.locator("canvas.upper-canvas").first
    canvas.scroll_into_view_if_needed()
    box, touch = canvas.bounding_box(), page.context.new_cdp_session(page)

    def feel(event: str, *points: tuple[float, float]) -> None:
        at = [{"x": box["x"] + x, "y": box["y"] + y, "id": finger} for finger, (x, y) in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": event, "touchPoints": at})

    feel("touchStart", (140, 60))
    for y in range(60, 130, 10):
        feel("touchMove", (140, y))
    feel("touchStart", (140, 130), (240, 320))
    for y in range(130, 220, 10):
        feel("touchMove", (140, y), (240, 320))
    feel("touchEnd", (140, 220))
    feel("touchEnd")
    expect(page.locator(".answer")).to_have_text(begins_with("1"))
    page.locator(".st-key-undo button").click()
    expect_empty(page)


def test_a_scribble_is_not_a_digit_and_each_view_of_the_reasons_opens(open_page):
    page = open_page("/draw")
    answer = page.locator(".answer")
    star = [(140 + 100 * np.sin(2.513 * i), 140 - 100 * np.cos(2.513 * i)) for i in range(6)]
    draw(page, [star], x=0, y=0)
    expect(answer).to_contain_text("This does not look like a digit")
    clear(page)
    draw(page, SEVEN)
    expect(answer).to_have_text(begins_with("7"))
    for view, seen in (
        ("From drawing to input", "Centre of mass in the middle"),
        ("Which pixels matter", "speaks for 7"),
        ("Inside the network", "Conv2D"),
        ("Nearest training images", "pixels are nearest to this one"),
        ("Place on the map", "The cross is this image"),
        ("How it learnt this", "after epoch"),
    ):
        page.get_by_text(view, exact=True).click()
        expect(page.get_by_text(seen).first).to_be_visible()
        assert no_sideways_scrolling(page)
    page.get_by_role("button", name="Play it again").click()
    expect(page.get_by_text("After epoch 1:")).to_be_visible()


@pytest.mark.fresh_server
def test_my_digits_are_saved_taught_measured_and_deleted(open_page, server):
    page = open_page("/draw")
    answer = page.locator(".answer")
    draw(page, SEVEN)
    expect(answer).to_have_text(begins_with("7"))
    mine = MyDigits(server.store.home)

    def expect_kept(*labels: int) -> None:
        expect_soon(lambda: [digit.label for digit in mine.list()] == list(labels))

    page.get_by_role("button", name="No, it is").click()
    page.get_by_test_id("stPopoverBody").get_by_text("1", exact=True).click()
    page.get_by_role("button", name="Save as 1").click()
    expect_kept(1)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Yes, it is 7").click()
    expect_kept(7)  # for the same drawing the last label counts
    clear(page)
    draw(page, ONE)
    expect(answer).to_have_text(begins_with("1"))
    page.get_by_role("button", name="Yes, it is 1").click()
    expect_kept(7, 1)
    assert len(mine.list()[0].strokes[0]) > 2
    page.get_by_role("link", name="My digits").click()
    tiles = page.locator('[class*="st-key-mine-2"]')
    expect(tiles).to_have_count(2)
    expect(page.get_by_text("At least 10 digits are needed. Draw 8 more")).to_be_visible()
    before = mine.list()[-1]
    for _ in range(2):
        page.locator('[class*="st-key-icon-drop-"] button').first.click()
        expect_kept(7)
        undo = page.get_by_role("button", name="Undo: restore the 1")
        undo.click()
        expect_kept(7, 1)
        expect(undo).to_have_count(0)  # it stands after the digits: the page is whole again
        assert np.array_equal(mine.list()[-1].image, before.image)
        assert mine.list()[-1].strokes == before.strokes
        expect(tiles).to_have_count(2)
    page.locator('[class*="st-key-icon-drop-"] button').first.click()
    expect(tiles).to_have_count(1)
    for shift in range(11):
        mine.add(7, from_strokes([[(0, 0), (60 + shift, 0), (20, 100)]]))
    base = server.store.create(
        replace(RECIPES["mlp"], epochs=1), os.getpid()
    )  # faster to teach than the starter
    train_run(base, small_standin())
    reopened(page, f"/mine?run={base.id}")
    page.get_by_role("button", name="Teach my digits").click()
    expect(page.get_by_text("my 3 digits kept for testing")).to_be_visible(timeout=120_000)
    for name in ("Download as NumPy file", "Download as pictures") * 3:
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        assert zipfile.is_zipfile(download.value.path())
    run, _ = server.store.list()
    assert run.result["held_back_after"] == 1.0 and "test_before" in run.result


def test_an_example_is_put_on_the_canvas_can_be_undone_and_stays_after_a_reload(open_page):
    page = open_page("/")
    answer, examples = page.locator(".answer"), page.locator(".st-key-examples button")
    expect(examples).to_have_count(10)
    examples.first.click()
    expect(answer).to_have_text(begins_with("2"))
    examples.nth(1).click()
    expect(answer).to_have_text(begins_with("3"))
    for name, text in (("Undo", "–"), ("Redo", "3"), ("Undo", "–"), ("Undo", "2")):
        page.get_by_role("button", name=name).click()
        expect(answer).to_have_text(begins_with(text))
    page.reload()
    expect(answer).to_have_text(begins_with("2"))
    page.get_by_role("button", name="See why").click()
    expect(page.get_by_role("radio", name="Which pixels matter")).to_be_in_viewport()
    page.get_by_role("button", name="Take a lesson").click()
    expect(page.get_by_role("heading", name="The five tutorials")).to_be_visible()
