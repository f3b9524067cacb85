"""The app as a visitor meets it."""

import os
import re
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import replace

import numpy as np
import psutil
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from mnist_core.my_digits import MyDigits
from mnist_core.preprocess import from_strokes
from mnist_core.run import Run, write_json
from tests.conftest import MNIST_DIR
from tests.e2e.conftest import pen

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


def clear(page: Page) -> None:
    page.get_by_role("button", name="Clear").click()
    expect_empty(page)


def expect_empty(page: Page) -> None:
    expect(page.locator(".st-key-answer")).to_have_text(begins_with("–"))
    # The canvas follows the answer: a stroke begun before would be cut.
    page.wait_for_function(NO_INK, arg=page.locator("canvas.dc-canvas.lower-canvas").element_handle())


def begins_with(word: str) -> re.Pattern:
    return re.compile(rf"^\s*{word}")


def no_sideways_scrolling(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def start(page: Page, recipe: str, epochs: int | None = None) -> None:
    page.get_by_text(recipe, exact=True).first.click()
    expect(page.get_by_role("heading", name=recipe)).to_be_visible()
    if epochs:
        number = page.get_by_label("Epochs", exact=True)
        expect(number).not_to_have_count(2)  # that of the recipe before is still there for a moment
        if not number.is_visible():
            page.get_by_text("Settings", exact=True).click()
        number.fill(str(epochs))
        number.press("Enter")
        expect(number).to_have_value(str(epochs))
    page.get_by_role("button", name="Start training").click()


def test_digits_drawn_with_the_mouse_are_read_wherever_they_stand(open_page):
    page = open_page("/")
    answer = page.locator(".st-key-answer")
    for digit, strokes in (("7", SEVEN), ("4", FOUR), ("3", THREE), ("1", ONE)):
        for scale, x, y in ((1.0, 80, 60), (0.4, 20, 190), (1.5, 60, 20)):
            draw(page, strokes, scale, x, y)
            expect(answer).to_have_text(begins_with(digit))
            clear(page)


def test_the_drawing_can_be_undone_cleared_and_outlives_a_visit_to_another_page(open_page):
    page = open_page("/draw")
    answer = page.locator(".st-key-answer")
    draw(page, ONE)
    expect(answer).to_have_text(begins_with("1"))
    draw(page, [[(-50, 0), (50, 0)]])
    expect(answer).not_to_have_text(begins_with("1"))
    page.locator(".st-key-undo button").click()
    expect(answer).to_have_text(begins_with("1"))
    page.get_by_role("link", name="Gallery").click()
    expect(page.get_by_role("heading", name="Errors")).to_be_visible()
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
    draw(page, SEVEN)
    expect(answer).to_have_text(begins_with("7"))
    page.get_by_role("link", name="Gallery").click()
    expect(page.get_by_role("heading", name="Errors")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Errors")).to_be_visible()
    page.get_by_role("link", name="Draw").click()
    expect(answer).to_have_text(begins_with("7"))


def test_what_was_undone_can_be_done_again_by_button_and_by_key(open_page):
    page = open_page("/draw")
    answer = page.locator(".st-key-answer")
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


def test_a_drawing_goes_with_a_link_and_a_spoilt_link_is_told_in_words(open_page):
    page = open_page("/draw")
    draw(page, SEVEN)
    draw(page, ONE, 0.9, 230, 70)
    expect(page.locator(".st-key-answer")).to_have_text(begins_with("71"))
    page.locator(".st-key-share button").first.click()
    link = page.get_by_test_id("stCode").inner_text().strip()
    other = open_page("/draw" + link.split("/draw")[1])
    expect(other.locator(".st-key-answer")).to_have_text(begins_with("71"))
    spoilt = open_page("/draw?drawing=garbage%00")
    expect(spoilt.get_by_text("The drawing in this link cannot be read")).to_be_visible()
    expect_empty(spoilt)


def test_a_finger_draws_and_the_page_stays_where_it_is(open_page):
    page = open_page("/draw", width=390)
    canvas = page.locator("canvas.upper-canvas").first
    canvas.scroll_into_view_if_needed()
    box, scrolled = canvas.bounding_box(), page.evaluate("document.querySelector('.stMain').scrollTop")
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    touch = page.context.new_cdp_session(page)
    x, y = box["x"] + 140, box["y"] + 50
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 21):
        points = [{"x": x, "y": y + 8 * step}]
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator(".st-key-answer")).to_have_text(begins_with("1"))
    assert page.evaluate("document.querySelector('.stMain').scrollTop") == scrolled


def test_a_scribble_is_no_digit_and_each_reason_can_be_seen(open_page):
    page = open_page("/draw")
    answer = page.locator(".st-key-answer")
    star = [(140 + 100 * np.sin(2.513 * i), 140 - 100 * np.cos(2.513 * i)) for i in range(6)]
    draw(page, [star], x=0, y=0)
    expect(answer).to_contain_text("This does not look like a digit")
    clear(page)
    draw(page, SEVEN)
    expect(answer).to_have_text(begins_with("7"))
    for view, seen in (
        ("The way of the ink", "the centre of mass in the middle"),
        ("What it looks at", "speaks for a 7"),
        ("What it sees inside", "Conv2D"),
        ("The nearest it has learnt", "pixels are nearest to this one"),
        ("How it came to know", "after epoch"),
    ):
        page.get_by_text(view, exact=True).click()
        expect(page.get_by_text(seen).first).to_be_visible()
        assert no_sideways_scrolling(page)
    page.get_by_role("button", name="Play it again").click()
    expect(page.get_by_text("after epoch 1:")).to_be_visible()


def test_my_digits_are_kept_taught_and_measured_and_can_go(open_page, server):
    page = open_page("/draw")
    answer = page.locator(".st-key-answer")
    draw(page, SEVEN)
    expect(answer).to_have_text(begins_with("7"))
    page.get_by_role("button", name="Yes, a 7").click()
    page.get_by_role("button", name="No, it is").click()
    page.get_by_test_id("stPopoverBody").get_by_text("1", exact=True).click()
    page.get_by_role("button", name="Keep it as a 1").click()
    mine = MyDigits(server.store.home)
    expect_soon(lambda: [digit.label for digit in mine.list()] == [7, 1], 10)
    assert len(mine.list()[0].strokes[0]) > 2
    page.get_by_role("link", name="My digits").click()
    tiles = page.locator('[class*="st-key-mine-2"]')
    expect(tiles).to_have_count(2)
    expect(page.get_by_text("At least 10 digits are needed: draw 8 more")).to_be_visible()
    page.locator('[class*="st-key-drop-"] button').first.click()
    expect(tiles).to_have_count(1)
    for shift in range(11):
        mine.add(7, from_strokes([[(0, 0), (60 + shift, 0), (20, 100)]]))
    page.reload()
    page.get_by_role("button", name="Teach it my digits").click()
    expect(page.get_by_text("My digits, held back")).to_be_visible(timeout=120_000)
    (run,) = server.store.list()
    assert run.result["held_back_after"] == 1.0 and "test_before" in run.result


def test_a_picture_is_read_and_a_file_that_is_none_is_refused_in_words(open_page, tmp_path):
    image = np.kron(255 - from_strokes(SEVEN), np.ones((9, 9), np.uint8))
    Image.fromarray(image).save(tmp_path / "seven.png")
    (tmp_path / "renamed.png").write_bytes(b"%PDF-1.7")
    page = open_page("/draw")
    expect(page.locator("canvas.upper-canvas").first).to_be_visible()
    page.get_by_text("Picture", exact=True).click()
    upload = page.locator("input[type=file]")
    upload.set_input_files(tmp_path / "seven.png")
    answer = page.locator(".st-key-answer")
    expect(answer).to_have_text(begins_with("7"))
    upload.set_input_files(tmp_path / "renamed.png")
    expect(answer).to_contain_text("renamed.png: this is not a picture that can be read")


def test_fast_trained_from_the_page_reaches_its_accuracy_and_its_errors_are_in_the_gallery(open_page, server):
    page = open_page("/train")
    start(page, "Fast convnet", None if MNIST_DIR else 200)
    status = page.locator(".st-key-status")
    expect(status).to_have_text(re.compile(r"^training.*epoch [0-9]+ of"))
    page.reload()
    expect(status).to_have_text(begins_with("training"))
    other_tab = open_page("/train")
    expect(other_tab.locator(".st-key-status")).to_have_text(begins_with("training"))
    for tab in (page, other_tab):
        expect(tab.locator(".st-key-status")).to_have_text(begins_with("finished"), timeout=120_000)
        expect(tab.get_by_test_id("stMetric").first).to_be_visible()
    (run,) = server.store.list()
    if MNIST_DIR:
        assert run.result["is_mnist"] and run.result["test_accuracy"] >= 0.985
    page.get_by_role("button", name="See its errors").click()
    expect(page.get_by_role("heading", name="Errors")).to_be_visible()
    expect(page.get_by_text(f"{run.result['test_accuracy']:.2%}").first).to_be_visible()
    tiles = page.locator('[class*="st-key-error-"]')
    expect(tiles.first).to_be_visible()
    shown = [int(re.search(r"st-key-error-(\d+)", tile.get_attribute("class"))[1]) for tile in tiles.all()]
    assert len(set(shown)) == len(shown) > 0
    page.get_by_role("link", name="Train").click()
    page.get_by_role("button", name="Draw with it").click()
    draw(page, SEVEN)
    expect(page.locator(".st-key-answer")).not_to_have_text(begins_with("–"))


def test_a_second_click_queues_stop_keeps_what_was_learnt_and_a_killed_training_has_failed(open_page, server):
    page = open_page("/train")
    start(page, "Chollet's convnet", 200)
    status = page.locator(".st-key-status")
    expect(status).to_have_text(begins_with("training"))
    page.get_by_role("button", name="Start training").click()
    expect(status).to_contain_text("queued")
    expect(status).to_have_text(re.compile(r"^training.*step"), timeout=30_000)
    second, first = server.store.list()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect_soon(lambda: first.status == "stopped" and first.result and first.has_model, 20)
    expect_soon(lambda: len(second.metrics()) > 2, 30)
    os.kill(second.attempt["pid"], signal.SIGKILL)
    expect(status).to_have_text(begins_with("failed"), timeout=5_000)
    expect(page.get_by_text("The training process ended with signal 9").first).to_be_visible()
    start(page, "Softmax regression")
    expect(status).to_have_text(re.compile("^(training.*step|finished)"), timeout=60_000)


def expect_soon(condition, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_stop_says_stopped_at_once_and_past_runs_can_be_seen_again_and_overlaid(open_page, server):
    page = open_page("/train")
    status = page.locator(".st-key-status")
    start(page, "Chollet's convnet", 200)
    expect(status).to_have_text(re.compile(r"^training.*step"), timeout=30_000)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(status).to_have_text(begins_with("stopped"), timeout=3_000)
    expect(page.get_by_role("button", name="Draw with it")).to_be_visible()
    (run,) = server.store.list()
    reached = run.result["steps"]
    shutil.copytree(run.folder, run.folder.with_name("20200101-000000000-chollet-cnn-0000"))
    page.get_by_role("button", name="Resume").click()
    expect_soon(lambda: run.metrics()[-1].get("step", 0) > reached, 60)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("button", name="Draw with it")).to_be_visible()
    assert run.result["steps"] > reached
    expect(page.get_by_role("heading", name="Past runs")).to_be_visible()
    table = page.get_by_test_id("stDataFrame")
    expect(table.locator("table")).to_have_attribute("aria-rowcount", "3")  # the heading and both runs
    charts = page.get_by_test_id("stVegaLiteChart")
    expect(charts).to_have_count(2)
    table.click(position={"x": 15, "y": 52})
    expect(charts).to_have_count(4)
    table.click(position={"x": 15, "y": 87})
    expect(page.get_by_role("button", name="Delete these 2 runs")).to_be_visible()
    expect(charts).to_have_count(4)


def select(page: Page, label: str, option: str) -> None:
    """Choose from a list; one that was opened while the page was still being drawn closes again."""
    wanted = page.get_by_role("option", name=option, exact=True)
    deadline = time.monotonic() + 30
    while not wanted.is_visible() and time.monotonic() < deadline:
        page.get_by_role("combobox", name=label).click()
        with suppress(PlaywrightTimeoutError):
            wanted.wait_for(timeout=3000)
    wanted.click()


def test_a_network_of_ones_own_is_built_trained_compared_renamed_and_deleted(open_page, server):
    page = open_page("/train")
    page.get_by_text("Your own network", exact=True).click()
    rows = page.locator('[class*="st-key-layer-own-"]')
    button = page.get_by_role("button", name="Start training")
    expect(rows).to_have_count(7)
    select(page, "Begin with", "Softmax regression")
    expect(rows).to_have_count(1)
    select(page, "Add a layer", "Conv2D")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("layer 2, Conv2D: it takes images and gets a vector of 784")).to_be_visible()
    expect(button).to_be_disabled()
    rows.nth(1).get_by_role("button", name="arrow_upward").first.click()
    expect(page.get_by_text("26 × 26 × 16")).to_be_visible()
    rows.nth(0).get_by_test_id("stPopover").get_by_role("button").click()
    page.get_by_label("strides").fill("2")
    page.get_by_label("strides").press("Enter")
    expect(page.get_by_text("13 × 13 × 16")).to_be_visible()
    expect(rows.nth(0)).to_contain_text('Conv2D(16, 3, strides=2, activation="relu")')
    page.keyboard.press("Escape")
    page.get_by_text("Settings", exact=True).click()
    page.get_by_label("Epochs", exact=True).fill("1")
    page.get_by_label("Epochs", exact=True).press("Enter")
    page.get_by_text("As Keras code").click()
    expect(page.get_by_text("epochs=1,")).to_be_visible()
    button.click()
    status = page.locator(".st-key-status")
    expect(status).to_have_text(re.compile("^finished.*My network"), timeout=60_000)
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
    expect_soon(lambda: Run(other.folder).recipe.title == "The older", 10)
    table.click(position={"x": 15, "y": 52})
    expect(page.get_by_text("What differs")).to_be_visible()
    expect(page.get_by_test_id("stTable").last).to_contain_text("seed07")
    page.get_by_role("button", name="Delete these 2 runs").click()
    assert len(server.store.list()) == 2, "it asks first"
    page.get_by_role("button", name="Yes, delete these 2 runs").click()
    expect_soon(lambda: not server.store.list(), 10)
    phone = open_page("/train", width=390)
    phone.get_by_text("Your own network", exact=True).click()
    expect(phone.locator('[class*="st-key-layer-own-"]').first).to_be_visible()
    assert no_sideways_scrolling(phone)


@pytest.mark.parametrize("path", ["/draw", "/mine", "/train", "/gallery"])
def test_every_page_opens_by_its_address_on_a_fresh_server_wide_and_narrow(open_page, path):
    headings = {
        "/draw": "Draw a digit",
        "/mine": "My digits",
        "/train": "Train a network",
        "/gallery": "Errors",
    }
    for width, dark in ((1280, False), (390, True)):
        page = open_page(path, width, dark)
        expect(page.get_by_role("heading", name=headings[path])).to_be_visible()
        expect(page.get_by_text("Page not found")).to_have_count(0)
        assert no_sideways_scrolling(page)
        if width == 1280:
            expect(page.get_by_role("link", name="Gallery")).to_be_visible()


@pytest.mark.parametrize("server", [None], indirect=True, ids=["no MNIST"])
def test_where_there_is_no_mnist_every_page_says_so(open_page):
    for path in ("/draw", "/mine", "/train", "/gallery"):
        page = open_page(path)
        expect(page.get_by_text("These digits are not MNIST")).to_be_visible()
        page.get_by_text("Why, and how to get the real MNIST").click()
        page.get_by_role("button", name="Try to get MNIST again").click()
        expect(page.get_by_text("These digits are not MNIST")).to_be_visible()


def test_the_server_never_loads_tensorflow(open_page, server):
    for path, there in (
        ("/draw", "canvas"),
        ("/train", ".st-key-status"),
        ("/gallery", "[data-testid=stVegaLiteChart]"),
    ):
        expect(open_page(path).locator(there).first).to_be_visible()
    page = open_page("/draw")
    draw(page, SEVEN)
    expect(page.locator(".st-key-answer")).to_have_text(begins_with("7"))
    maps = {mapped.path for mapped in psutil.Process(server.process.pid).memory_maps()}
    assert any("ai_edge_litert" in path for path in maps)
    assert not any("/tensorflow/" in path for path in maps)
