"""The curves on the Train page, as a visitor sees them."""

import os
import re
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import expect

from mnist_core.recipes.table import RECIPES
from tests.conftest import MNIST_DIR
from tests.e2e.steps import (
    begins_with,
    no_sideways_scrolling,
    start,
)

# A server for each test: after a training it keeps a process warm, which would slow down the next tests.
pytestmark = pytest.mark.fresh_server


# At every frame: the positions of the charts and of the past runs below, and the texts on the axes.
WATCH = """() => {
    const charts = [...document.querySelectorAll(".curves .chart")], seen = new Set(), axes = new Set();
    const past = [...document.querySelectorAll("h2")].find((heading) => heading.innerText === "Past runs");
    const top = (element) => element.getBoundingClientRect().top + document.querySelector(".stMain").scrollTop;
    const watch = () => {
        seen.add(JSON.stringify([...charts, past].map(top)));
        const words = charts.flatMap((chart) => [...chart.querySelectorAll("text")]);
        axes.add(words.map((text) => text.textContent).join());
        requestAnimationFrame(watch);
    };
    watch();
    window.seen = () => ({
        places: [...seen].map(JSON.parse), axes: [...axes],
        areThere: [...charts, past].every((element) => element.isConnected),
    });
}"""


def test_the_browser_redraws_a_run_that_trains_and_the_page_does_if_the_polls_find_nothing(open_page):
    page = open_page("/train", width=390)
    start(page, "Chollet's convnet", 200)  # long enough on any data
    status, line = page.locator(".st-key-status"), page.locator(".curves .chart path.training").first
    expect(status).to_have_text(re.compile(r"^training.*step"))
    expect(line).to_have_attribute("d", re.compile(r"(L.*){20}"))
    page.locator(".curves .chart > svg").last.hover()
    expect(page.locator(".curves .tip")).to_have_text(re.compile(r"^(training|validation) data\s+epoch .*%$"))
    assert no_sideways_scrolling(page)
    page.route("**/live/*", lambda route: route.fulfill(body="<html>", content_type="text/html"))
    page.wait_for_timeout(1500)  # a response may still have been on its way
    expect(line).not_to_have_attribute("d", line.get_attribute("d"))
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(status).to_have_text(begins_with("stopped"))
    expect(page.locator(".curves .chart")).to_have_count(2)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_runs_charts_and_axes_do_not_move_from_its_first_point_to_its_end(open_page, width):
    page = open_page("/train", width=width)
    status, line = page.locator(".st-key-status"), page.locator(".curves .chart path.training").first
    start(page, "Softmax regression", 1)
    expect(status).to_have_text(begins_with("finished"))
    expect(page.get_by_role("heading", name="Past runs")).to_be_visible()
    # On the small stand-in set `fast` stays below its axis for longer than half an epoch.
    start(page, *(("Fast convnet", 2) if MNIST_DIR else ("Tuning d: ten hidden layers", 100)))
    expect(status).to_have_text(re.compile("^training.*step"))
    expect(line).to_have_attribute("d", re.compile("^M"))
    page.evaluate(WATCH)
    expect(status).to_have_text(begins_with("finished"), timeout=120_000)
    expect(page.get_by_role("button", name="Draw with this model")).to_be_enabled()
    page.wait_for_timeout(1000)  # so that any further movement is noticed
    seen = page.evaluate("window.seen()")
    assert len(seen["axes"]) == 1 and seen["axes"][0].startswith(("0.005,", "0.2,")) and seen["areThere"]
    moved = [max(tops) - min(tops) for tops in zip(*seen["places"])]
    # For a run on the stand-in set a note below the charts says that this is not MNIST.
    assert max(moved if MNIST_DIR else moved[:2]) <= 2


def test_the_charts_have_a_legend_and_can_be_zoomed_and_downloaded(open_page, tmp_path):
    page = open_page("/train", dark=True)
    start(page, "Softmax regression")
    expect(page.locator(".st-key-status")).to_have_text(begins_with("finished"))
    names = ["training data", "validation data", "published, training data", "published, validation data"]
    expect(page.locator(".curves .legend i")).to_have_text(names)
    chart, reset = page.locator(".curves .chart > svg").first, page.get_by_role("button", name="Whole run")
    whole = chart.locator("text").all_text_contents()
    expect(reset).to_be_hidden()
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 120, steps=4)
    page.mouse.up()
    expect(reset).to_be_visible()
    assert not {"0", "20"} & {*chart.locator("text").all_text_contents()}
    for kind in ("SVG", "PNG"):
        with page.expect_download() as download:
            page.get_by_role("button", name=kind, exact=True).click()
        download.value.save_as(tmp_path / kind)
    drawn = (tmp_path / "SVG").read_text("utf-8")
    assert all(name in drawn for name in names) and "var(" not in drawn and "#10141d" in drawn
    ElementTree.fromstring(drawn)
    with Image.open(tmp_path / "PNG") as picture:
        assert picture.width > 1000 and picture.getpixel((0, 0))[:3] == (16, 20, 29)
    chart.dblclick()
    expect(reset).to_be_hidden()
    assert chart.locator("text").all_text_contents() == whole


def test_curves_are_drawn_where_the_tutorial_printed_no_losses(open_page, server):
    run = server.store.create(RECIPES["dropout-cnn"], os.getpid())
    curves = server.store.get("starter").folder / "metrics.jsonl"
    (run.folder / "metrics.jsonl").write_bytes(curves.read_bytes())
    page = open_page("/train")
    labels = page.locator(".curves .chart svg")
    expect(labels).to_have_count(2)
    expect(labels.last).to_have_attribute("aria-label", re.compile("published, validation data 99.10%"))
