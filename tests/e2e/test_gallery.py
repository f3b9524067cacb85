"""Exploring errors in the gallery: by click, by key and by link."""

import csv
import io
import re
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from mnist_core.data import sources
from mnist_core.evaluation.crowd import doubtful
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.runs.run import Run
from tests.e2e.conftest import Server, pen
from tests.e2e.steps import begins_with, ended_run, expect_soon, no_sideways_scrolling, settle

GRID = ".st-key-grid button"
# As shares of the chart's width and height; null if nothing is drawn there. The legend is above.
MIDDLE_OF_THE_UPPER_RIGHT = """canvas => {
    const {width, height} = canvas, above = Math.round(0.12 * height), left = Math.round(0.6 * width);
    const pixels = canvas.getContext("2d").getImageData(left, above, width - left, Math.round(0.35 * height));
    const ink = pixels.data;
    const differs = (i) => [0, 1, 2].some((band) => Math.abs(ink[4 * i + band] - ink[band]) > 60);
    let number = 0, across = 0, down = 0;
    for (let i = 0; i < pixels.width * pixels.height; i++)
        if (differs(i)) {
            number++;
            across += i % pixels.width;
            down += Math.floor(i / pixels.width);
        }
    return number ? [(left + across / number) / width, (above + down / number) / height] : null;
}"""


@pytest.fixture
def labels(server: Server, monkeypatch) -> np.ndarray:
    """The labels of the server's test images."""
    monkeypatch.setenv("MNIST_HOME", str(server.store.home))
    monkeypatch.setenv("KERAS_HOME", str(server.store.home))
    return sources.load(download=False).test.labels


@pytest.fixture
def run(server, labels) -> Run:
    """A run that reads three fours as nines and two sevens as ones."""
    fours, sevens = np.flatnonzero(labels == 4), np.flatnonzero(labels == 7)
    wrong = {int(i): 9 for i in fours[:3]} | {int(i): 1 for i in sevens[:2]}
    return ended_run(server, labels, wrong, "With errors")


def cell(page: Page, true: int, predicted: int):
    return page.locator(f'.st-key-matrix path[aria-label^="read as: {predicted}; true digit: {true};"]').last


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()


def numbers(page: Page) -> list[int]:
    return page.locator(GRID).evaluate_all("tiles => tiles.map(tile => Number(tile.dataset.index))")


def test_a_click_on_a_cell_shows_its_images_and_a_click_on_one_shows_it_closely(open_page, run, labels):
    page = open_page(f"/gallery?run={run.id}")
    expect(page.locator(GRID)).to_have_count(5)
    cell(page, 4, 9).click()
    expect(page.locator(GRID)).to_have_count(3)
    fours = np.flatnonzero(labels == 4)[:3].tolist()
    assert sorted(numbers(page)) == fours
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(GRID)).to_have_count(5)
    cell(page, 4, 9).click()  # the same cell again
    expect(page.locator(GRID)).to_have_count(3)
    first, second = numbers(page)[:2]
    page.locator(GRID).first.click()
    expect(page.get_by_role("heading", name="4, read as 9")).to_be_visible()
    expect(page.get_by_text(f"Test image {first}, 28 × 28")).to_be_visible()
    settle(page)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text(f"Test image {second}, 28 × 28")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(GRID)).to_have_count(3)


def test_a_link_shows_the_same_view_and_its_invalid_values_are_named(open_page, run, labels):
    page = open_page(f"/gallery?run={run.id}&show=all&true=7&order=index&size=48&view=digits&judged=none")
    expect(page.locator(GRID)).to_have_count(min(48, int((labels == 7).sum())))
    shown = numbers(page)
    assert shown == sorted(shown)
    expect(page.get_by_text("How these are calculated")).to_be_visible()
    again = open_page(page.url.removeprefix(re.match(r"http://[^/]+", page.url)[0]))
    expect(again.locator(GRID)).to_have_count(len(shown))
    assert numbers(again) == shown
    absurd = open_page(f"/gallery?run={run.id}&true=eleven&size=1e9&page=-3&image=abc&box=1")
    expect(absurd.get_by_text("has parts that are not understood")).to_be_visible()
    expect(absurd.get_by_text("There is no image abc")).to_be_visible()
    expect(absurd.locator(GRID)).to_have_count(5)


def test_order_and_filters_are_in_the_address_and_survive_a_reload_and_opening_an_image(open_page, run, labels):
    page = open_page(f"/gallery?run={run.id}")
    expect(page.locator(GRID)).to_have_count(5)
    surest = [*np.flatnonzero(labels == 4)[:3].tolist(), *np.flatnonzero(labels == 7)[:2].tolist()]
    choose(page, "Order", "smallest gap to the second guess first")
    expect_soon(lambda: numbers(page) == surest[::-1])
    choose(page, "True digit", "7")
    expect_soon(lambda: numbers(page) == surest[:2:-1])
    expect(page).to_have_url(re.compile("true=7.*order=margin"))
    page.locator(GRID).last.click()
    expect(page.get_by_role("heading", name="7, read as 1")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="7, read as 1")).to_be_visible()
    page.get_by_role("button", name="All images").click()
    expect_soon(lambda: numbers(page) == surest[:2:-1])
    page.get_by_role("button", name="Reset").click()
    expect_soon(lambda: numbers(page) == surest[::-1])


def test_a_click_on_a_point_of_the_map_and_a_box_show_those_images(open_page, run, labels):
    with run.map_path.open("wb") as file:
        # One error is alone in the upper right, all others are in the lower left.
        points = np.full((len(labels), 2), -0.5, np.float16) + np.linspace(0, 0.2, len(labels))[:, None]
        alone = int(np.flatnonzero(labels == 4)[0])
        points[alone] = 0.5
        np.savez(file, points=points)
    page = open_page(f"/gallery?run={run.id}&view=map")
    chart = page.locator(".st-key-map canvas")
    expect(chart).to_be_visible()

    def place() -> tuple[float, float]:
        """The screen position of the isolated point: the middle of what is drawn there."""
        chart.scroll_into_view_if_needed()
        across, down = page.wait_for_function(
            MIDDLE_OF_THE_UPPER_RIGHT, arg=chart.element_handle()
        ).json_value()
        box = chart.bounding_box()
        return box["x"] + across * box["width"], box["y"] + down * box["height"]

    def drag() -> None:
        across, down = place()
        page.mouse.move(across - 45, down - 45)
        page.mouse.down()
        page.mouse.move(across + 45, down + 45, steps=6)
        page.mouse.up()

    def until(address: str, act) -> None:
        """Repeat `act` until the address changes: Vega ignores events for a moment after drawing."""
        for _ in range(5):
            act()
            with suppress(AssertionError):
                expect(page).to_have_url(re.compile(address), timeout=5000)
                return
        raise AssertionError(page.url)

    until("box=", drag)
    expect(page.get_by_text("Only: chosen on the map")).to_be_visible()
    expect(page.locator(GRID)).to_have_count(1)
    assert numbers(page) == [alone]
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(GRID)).to_have_count(5)
    until(f"points={alone}", lambda: page.mouse.click(*place()))
    expect(page.locator(GRID)).to_have_count(1)


def test_two_runs_are_compared_and_the_errors_that_the_other_fixes_are_shown(open_page, server, run, labels):
    fours = np.flatnonzero(labels == 4)
    other = ended_run(server, labels, {int(fours[0]): 9, int(fours[5]): 6}, "The other")
    page = open_page(f"/gallery?run={run.id}&other={other.id}&view=compare")
    expect(page.get_by_text("Only With errors reads 1 images correctly, only The other 4.")).to_be_visible()
    page.get_by_role("button", name="Only The other is right: 4").click()
    expect(page.locator(GRID)).to_have_count(4)
    expect(page.locator(f"{GRID}.second")).to_have_count(4)
    page.get_by_role("button", name="Only With errors is right: 1").click()
    expect(page.locator(GRID)).to_have_count(1)
    expect(page.locator(f"{GRID}.first")).to_contain_text("The other: 6")
    assert numbers(page) == [int(fours[5])] and "versus=brought" in page.url
    page.locator(GRID).click()
    expect(page.get_by_role("img", name="The other: probabilities 6: 81.0%")).to_be_visible()


@pytest.mark.parametrize("way", ["back", "button", "button after a reload"])
def test_from_an_image_to_the_canvas_and_back_to_the_same_place(open_page, server, run, labels, way):
    other = ended_run(server, labels, {0: 3}, "The other")
    seven = int(np.flatnonzero(labels == 7)[1])
    page = open_page(f"/gallery?run={run.id}&other={other.id}&view=compare&versus=fixed&show=all")
    page.locator(f'{GRID}[data-index="{seven}"]').press("Enter")
    over = page.get_by_role("link", name="Draw over this image")
    over.focus()
    over.press("Enter")
    expect(page.get_by_text(f"Test image {seven}, which shows 7")).to_be_visible()
    if way == "back":
        page.go_back()
    else:
        if way == "button after a reload":
            page.reload()
        page.get_by_role("link", name="Back to this image").click()
    expect(page.get_by_text(f"Test image {seven}, 28 × 28 grey levels")).to_be_visible()
    page.get_by_role("button", name="All images").click()
    expect(page.get_by_text("only The other is right").first).to_be_visible()
    assert {"view=compare", "versus=fixed", f"run={run.id}", f"other={other.id}"} <= set(
        page.url.partition("?")[2].split("&")
    )


def test_a_judgement_is_kept_counted_found_and_exported(open_page, run):
    page = open_page(f"/gallery?run={run.id}")
    expect(page.locator(GRID)).to_have_count(5)
    first = numbers(page)[0]
    page.locator(GRID).first.click()
    doubtful = page.locator(".st-key-judge-label button")
    doubtful.click()
    expect(doubtful).to_have_attribute("kind", "primary")
    page.reload()
    expect(doubtful).to_have_attribute("kind", "primary")
    settle(page)
    page.keyboard.press("ArrowRight")
    expect(doubtful).to_have_attribute("kind", "secondary")
    page.keyboard.press("Escape")
    expect(page.locator(GRID).first).to_contain_text("judged: label doubtful")
    page.get_by_role("button", name="Download", exact=True).click()
    expect(page.get_by_text("Visitors judged 1 image (")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="All judgements (CSV)").click()
    rows = list(csv.DictReader(download.value.path().open(newline="")))
    assert [(row["index"], row["judgement"]) for row in rows] == [(f"{first}", "label")]
    judged = open_page(f"/gallery?run={run.id}&judged=label")
    expect(judged.locator(GRID)).to_have_count(1)


def test_the_images_are_downloaded_as_a_table_as_pictures_and_as_a_sheet(open_page, run):
    page = open_page(f"/gallery?run={run.id}&true=4")
    expect(page.locator(GRID)).to_have_count(3)
    page.get_by_role("button", name="Download", exact=True).click()
    taken = {}
    for name in ("CSV", "ZIP", "Contact sheet"):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        taken[name] = download.value.path().read_bytes()
    assert len(list(csv.DictReader(io.StringIO(taken["CSV"].decode())))) == 3
    assert len(zipfile.ZipFile(io.BytesIO(taken["ZIP"])).namelist()) == 3
    assert Image.open(io.BytesIO(taken["Contact sheet"])).size == (3 * 90 + 6, 104 + 6)


def test_an_image_is_sent_to_the_canvas_and_drawn_over_until_the_answer_changes(open_page, run):
    page = open_page(f"/gallery?run={run.id}")
    page.locator(GRID).first.click()
    page.get_by_role("link", name="Draw over this image").click()
    expect(page.get_by_text("Draw until the answer changes")).to_be_visible()
    answer = page.locator(".answer")
    expect(answer).not_to_have_text(begins_with("–"))
    tool = page.locator(".st-key-tool")
    tool.get_by_text("Eraser").click()
    expect(tool.get_by_role("radio", name="Eraser")).to_be_checked()
    with pen(page) as stroke:
        for y in range(6, 280, 12):
            stroke([(2, y), (278, y)])
    expect(answer).to_contain_text("There is nothing left to read")
    tool.get_by_text("Pen").click()
    expect(tool.get_by_role("radio", name="Pen")).to_be_checked()
    with pen(page) as stroke:
        stroke([(145, 50), (140, 230)])
    expect(answer).to_have_text(begins_with("1"))
    expect(page.get_by_text("The answer changed from")).to_be_visible()
    page.get_by_role("button", name="Remove the image").click()
    expect(answer).to_have_text(begins_with("–"))
    expect(page.get_by_text("Draw until the answer changes")).to_have_count(0)


def test_the_gallery_fits_a_phone(open_page, run):
    page = open_page(f"/gallery?run={run.id}", width=390)
    for view in ("Digits", "Map", "Confidence", "Compare", "Confusion"):
        page.get_by_role("radio", name=view).click()
        expect(page.get_by_role("radio", name=view)).to_be_checked()
        assert no_sideways_scrolling(page)
    page.locator(GRID).first.click()
    expect(page.get_by_role("heading", name="read as")).to_be_visible()
    page.get_by_text("The value of each pixel").click()
    assert no_sideways_scrolling(page)


def test_the_starters_errors_show_the_crowds_votes_and_the_answer_after_each_epoch(open_page, mnist, server):
    page = open_page("/gallery?image=2130")
    expect(
        page.get_by_text(
            "The label is doubtful. Votes of 5 people: 2 for digit 4, 2 for digit 9, 1 for neither."
        )
    ).to_be_visible()
    page.get_by_role("radio", name="How it learnt this").click()
    expect(page.get_by_text(re.compile("Never read correctly|^Learnt|correctly from epoch"))).to_be_visible()
    page.get_by_role("radio", name="Nearest training images").click()
    expect(page.get_by_text("training images whose pixels are nearest")).to_be_visible()
    page.get_by_role("button", name="All images").click()
    answers = Evaluation.load(server.store.get("starter").evaluation_path)
    doubted = np.isin(np.flatnonzero(answers.predictions != answers.labels), doubtful(mnist)).sum()
    expect(page.get_by_text(f"{doubted} of the errors are among 15 images with doubted labels")).to_be_visible()
