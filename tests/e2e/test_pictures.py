"""Pictures on the Draw page, as a visitor uploads them."""

import io

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from mnist_core.preprocessing.preprocess import from_strokes
from tests.e2e.steps import SEVEN, begins_with
from tests.pictures import KINDS, sheet_of_marks


def test_a_picture_is_read_and_another_file_is_refused_in_words(open_page, tmp_path):
    image = np.kron(255 - from_strokes(SEVEN), np.ones((9, 9), np.uint8))
    Image.fromarray(image).save(tmp_path / "seven.png")
    (tmp_path / "renamed.png").write_bytes(b"%PDF-1.7")
    page = open_page("/draw")
    expect(page.locator("canvas.upper-canvas").first).to_be_visible()
    page.get_by_text("Picture", exact=True).click()
    upload = page.locator("input[type=file]")
    upload.set_input_files(tmp_path / "seven.png")
    answer = page.locator(".answer")
    expect(answer).to_have_text(begins_with("7"))
    page.get_by_text("From drawing to input", exact=True).click()
    expect(page.get_by_text("The picture's ink, shrunk to 28 × 28")).to_be_visible()
    upload.set_input_files(tmp_path / "renamed.png")
    expect(answer).to_contain_text("renamed.png: This is not a picture that can be read")


def test_found_digits_have_boxes_that_can_be_removed_and_added_and_the_picture_turned(open_page, tmp_path):
    page = open_page("/draw")
    expect(page.locator("canvas.upper-canvas").first).to_be_visible()
    page.get_by_text("Picture", exact=True).click()
    picture = tmp_path / "ruled.png"
    KINDS["ruled paper"][0].save(picture)
    page.locator("input[type=file]").set_input_files(picture)
    answer, boxes = page.locator(".answer"), page.locator(".boxes button")
    expect(answer).to_have_text(begins_with("561"))
    expect(boxes).to_have_count(3)
    page.get_by_text("Show what was removed").click()
    page.get_by_role("button", name="Remove the box around the 6").click()
    expect(answer).to_have_text(begins_with("51"))
    place = page.locator(".boxes img").bounding_box()
    left, top = place["x"] + 0.34 * place["width"], place["y"] + 0.2 * place["height"]
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left + 0.16 * place["width"], top + 0.62 * place["height"], steps=5)
    page.mouse.up()
    expect(answer).to_have_text(begins_with("561"))
    page.get_by_role("button", name="Find the digits again").click()
    expect(boxes).to_have_count(3)
    page.get_by_role("button", name="Rotate left").click()
    expect(answer).not_to_have_text(begins_with("561"))
    page.get_by_role("button", name="Rotate right").click()
    expect(answer).to_have_text(begins_with("561"))


def test_a_picture_is_pasted_and_a_page_of_marks_is_said_to_be_too_many(open_page, tmp_path):
    page = open_page("/draw")
    expect(page.locator("canvas.upper-canvas").first).to_be_visible()
    page.get_by_text("Picture", exact=True).click()
    expect(page.locator("input[type=file]")).to_be_attached()
    answer = page.locator(".answer")
    on_its_side = KINDS["lying on its side"][0]
    for sheet, words in ((KINDS["two rows"][0], "123"), (on_its_side, "837"), (sheet_of_marks(), "–")):
        file = io.BytesIO()
        sheet.save(file, "PNG")
        paste(page, file.getvalue())
        expect(answer).to_have_text(begins_with(words))
        if sheet is on_its_side:
            shown = page.locator(".boxes img").bounding_box()
            assert shown["width"] > shown["height"], "it is shown as it was read"
    expect(answer).to_contain_text("at most 30 digits are read at a time")


def paste(page: Page, picture: bytes) -> None:
    """Simulates Ctrl+V with a picture in the clipboard, which a headless browser does not have."""
    page.evaluate(
        """bytes => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "pasted.png", { type: "image/png" }));
            document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data }));
        }""",
        list(picture),
    )
