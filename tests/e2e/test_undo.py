"""Undo, redo and clear, as fast as possible."""

import re

from playwright.sync_api import expect

from mnist_core.preprocessing.drawings import to_text
from tests.e2e.steps import (
    FOUR,
    NO_INK,
    ONE,
    SEVEN,
    THREE,
    begins_with,
    clear,
    draw,
    expect_empty,
    expect_no_ink_at,
    lower_canvas,
)


def test_undo_right_after_a_stroke_removes_only_it_and_after_clear_restores_all(open_page):
    page = open_page("/draw")
    answer = page.locator(".answer")
    draw(page, ONE)
    expect(answer).to_have_text(begins_with("1"))
    for y, undo in (
        (0, lambda: page.keyboard.press("Control+z")),
        (20, page.locator(".st-key-undo button").click),
    ):
        draw(page, [[(-50, y), (50, y)]])
        undo()  # the server does not know the stroke yet
        page.wait_for_timeout(1000)
        expect(answer).to_have_text(begins_with("1"))
        page.locator(".st-key-redo button").click()
        expect(answer).not_to_have_text(begins_with("1"))
        undo()
        expect(answer).to_have_text(begins_with("1"))
        expect_no_ink_at(page, 120, 60 + y)
    clear(page)
    page.locator(".st-key-undo button").click()
    expect(answer).to_have_text(begins_with("1"))
    clear(page)
    page.wait_for_timeout(2000)  # until then the canvas might send its earlier content again
    draw(page, ONE)  # exactly the same points as the cleared stroke
    expect(answer).to_have_text(begins_with("1"))


def test_quick_clicks_all_take_effect_in_order(open_page):
    page = open_page("/draw")
    answer = page.locator(".answer")
    undo, redo = (page.locator(f".st-key-{name} button") for name in ("undo", "redo"))
    draw(page, [*ONE, [(-50, 0), (50, 0)], [(-50, 20), (50, 20)]])
    for button in (undo, undo, redo):
        button.click()
    page.keyboard.press("Control+z")
    expect(answer).to_have_text(begins_with("1"))
    undo.dblclick()  # the second has nothing to undo
    expect_empty(page)
    for button in (redo, redo, redo, undo, undo):
        button.click()
    expect(answer).to_have_text(begins_with("1"))
    page.wait_for_timeout(1000)
    expect(answer).to_have_text(begins_with("1"))


def test_a_digit_drawn_right_after_clear_is_read_and_undo_brings_back_no_more_than_was_cleared(open_page):
    page = open_page("/draw")
    answer = page.locator(".answer")
    clear_button, undo = (page.locator(f".st-key-{name} button") for name in ("clear", "undo"))
    page.keyboard.press("Delete")  # on an empty canvas
    for strokes, digit, clear_it in (
        (SEVEN, "7", clear_button.click),
        (THREE, "3", lambda: page.keyboard.press("Delete")),
        (FOUR, "4", clear_button.dblclick),
        (ONE, "1", lambda: None),
    ):
        draw(page, strokes)
        expect(answer).to_have_text(begins_with(digit))
        clear_it()
    draw(page, [[(-50, 0), (50, 0)]])
    clear_button.click()  # the server does not know the last stroke yet
    expect_empty(page)
    undo.click()
    expect(answer).not_to_have_text(begins_with("–"))
    undo.click()
    expect(answer).to_have_text(begins_with("1"))
    undo.click()
    expect_empty(page)
    undo.click()  # cleared strokes are restored only once
    page.wait_for_timeout(1000)
    expect_empty(page)


def test_quick_strokes_are_cleared_at_once_again_and_again(open_page):
    page = open_page("/draw")
    expect_empty(page)
    page.wait_for_timeout(1000)
    box, clear_button = (
        page.locator(where).first.bounding_box() for where in ("canvas.upper-canvas", ".st-key-clear button")
    )

    def strokes(x: int) -> None:
        for y in (60, 120, 180):  # so fast that the server receives several at once
            page.mouse.move(box["x"] + x, box["y"] + y)
            page.mouse.down()
            page.mouse.move(box["x"] + x + 20, box["y"] + y, steps=4)
            page.mouse.up()

    for _ in range(3):
        strokes(60)
        page.mouse.click(clear_button["x"] + 20, clear_button["y"] + 15)
        strokes(200)
        page.wait_for_timeout(1500)
        page.mouse.click(clear_button["x"] + 20, clear_button["y"] + 15)
        page.wait_for_timeout(1000)
    draw(page, SEVEN)
    expect(page.locator(".answer")).to_have_text(begins_with("7"))


def test_undone_strokes_can_be_redone_by_button_and_by_key(open_page):
    page = open_page("/draw")
    answer = page.locator(".answer")
    draw(page, FOUR[:1])
    expect(answer).not_to_have_text(begins_with("–"))
    draw(page, FOUR[1:])
    expect(answer).to_have_text(begins_with("4"))
    page.locator(".st-key-undo button").click()
    expect(answer).not_to_have_text(begins_with("4"))
    page.locator(".st-key-redo button").click()
    expect(answer).to_have_text(begins_with("4"))
    page.keyboard.press("Control+z")
    expect(answer).not_to_have_text(begins_with("4"))
    page.keyboard.press("Control+y")
    expect(answer).to_have_text(begins_with("4"))
    page.keyboard.press("Delete")
    expect_empty(page)
    page.locator(".st-key-redo button").click()
    expect(answer).not_to_have_text(begins_with("–"))
    page.locator(".st-key-redo button").click()
    expect(answer).to_have_text(begins_with("4"))


def test_keys_work_while_the_page_lacks_its_buttons(open_page):
    page = open_page("/draw")
    answer = page.locator(".answer")
    draw(page, ONE)
    expect(answer).to_have_text(begins_with("1"))
    page.evaluate("document.querySelectorAll('.st-key-undo, .st-key-redo').forEach((one) => one.remove())")
    page.keyboard.press("Control+z")
    expect_empty(page)
    page.keyboard.press("Control+y")
    expect(answer).to_have_text(begins_with("1"))


def test_a_linked_drawing_can_be_undone_redone_and_cleared_like_one_drawn_here(open_page):
    link = to_text([[(120, 60), (120, 220)], [(70, 60), (170, 60)], [(70, 80), (170, 80)]])
    page = open_page(f"/draw?drawing={link}")
    answer = page.locator(".answer")
    undo, redo = (page.locator(f".st-key-{name} button") for name in ("undo", "redo"))
    expect(answer).not_to_have_text(begins_with("–"))
    undo.dblclick()
    expect(answer).to_have_text(begins_with("1"))
    undo.click()
    expect_empty(page)
    redo.click()
    expect(answer).to_have_text(begins_with("1"))
    page.keyboard.press("Delete")
    expect_empty(page)
    undo.click()
    expect(answer).to_have_text(begins_with("1"))


def test_a_button_pressed_before_the_canvas_is_there_acts_as_soon_as_it_is(open_page):
    link = to_text([[(120, 60), (120, 220)], [(70, 60), (170, 60)], [(70, 80), (170, 80)]])
    page = open_page("/words")
    front_end, held = re.compile(r"streamlit_drawable_canvas/.*\.js$"), []
    page.route(front_end, lambda route: held.append(route))
    with page.expect_request(front_end):
        page.goto(page.url.replace("/words", f"/draw?drawing={link}"))
    answer = page.locator(".answer")
    expect(answer).not_to_have_text(begins_with("–"))
    for _ in range(2):
        page.locator(".st-key-undo button").press("Enter")
    held[0].continue_()
    expect(answer).to_have_text(begins_with("1"))
    page.keyboard.press("Control+z")  # of what the canvas shows now, which is what was read
    expect_empty(page)


def test_undo_while_drawing_removes_the_current_stroke_when_the_pen_is_lifted(open_page):
    page = open_page("/draw")
    answer = page.locator(".answer")
    draw(page, ONE)
    expect(answer).to_have_text(begins_with("1"))
    box = page.locator("canvas.upper-canvas").first.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 60, steps=5)
    page.keyboard.press("Control+z")
    page.mouse.move(box["x"] + 220, box["y"] + 60, steps=5)
    page.mouse.up()
    expect_no_ink_at(page, 160, 60)
    page.wait_for_function(f"canvas => !({NO_INK})(canvas)", arg=lower_canvas(page))
    expect(answer).to_have_text(begins_with("1"))
    page.keyboard.press("Control+y")
    expect(answer).not_to_have_text(begins_with("1"))


def test_what_was_undone_twice_while_drawing_does_not_come_back(open_page):
    page = open_page("/draw")
    answer = page.locator(".answer")
    for stroke in (ONE, [[(-50, 0), (50, 0)]]):
        draw(page, stroke)
    expect(answer).not_to_have_text(begins_with("[1–]"))
    box = page.locator("canvas.upper-canvas").first.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 100, steps=5)
    for _ in range(2):
        page.keyboard.press("Control+z")
    page.mouse.up()
    expect(answer).to_have_text(begins_with("1"))
    page.keyboard.press("Control+z")
    expect_empty(page)
