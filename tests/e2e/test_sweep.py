"""A sweep in a browser: planned, watched to its end, read; on a phone, too."""

import re

import pytest
from playwright.sync_api import Page, expect

from mnist_core.runs.snapshot import snapshots_of
from mnist_core.sweeps.store import SweepStore
from tests.e2e.steps import ended_sweep, no_sideways_scrolling, select


def fill(page: Page, label: str, value: str) -> None:
    field = page.get_by_label(label, exact=True).last
    field.fill(value)
    field.press("Enter")


@pytest.mark.fresh_server(mnist_dir=None)
def test_a_sweep_is_planned_watched_to_its_end_and_read(open_page, server):
    page = open_page("/sweep")
    plan = page.locator("[class*=st-key-new-sweep]")
    select(page, "Recipe", "Softmax regression")
    expect(plan).to_contain_text("This network has no hidden dense layer")
    for label, value in {
        "Learning rate": "0.001, 0.01",
        "Batch size": "64, 256",
        "Seeds": "1",
        "Epochs": "1",
    }.items():
        fill(page, label, value)
    expect(plan).to_contain_text(re.compile(r"4 runs \(2 × 2\) · about .* one after another"))
    page.get_by_role("button", name="Start the sweep").dblclick()
    status = page.locator(".st-key-sweep-status")
    expect(status).to_contain_text("of 4 runs done")
    expect(page.locator(".curves .chart svg").first).to_be_visible()
    expect(status).to_contain_text("4 of 4 runs done")
    assert len(server.store.list()) == 4, "a double click starts one sweep"
    numbers = page.locator("[data-testid=stVegaLiteChart]").first.locator(".mark-text text")
    expect(numbers.filter(has_text=re.compile(r"^\d\d\.\d\d%$"))).to_have_count(4)
    expect(page.get_by_role("heading", name="Best setting")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="All runs as CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == 5 and lines[0].startswith("run,learning_rate,batch_size,") and ",finished," in lines[1]


def test_stop_all_removes_the_others_from_the_queue_and_go_on_queues_them_again(open_page, server):
    page = open_page("/sweep")
    page.get_by_role("button", name="Start the sweep").click()
    page.get_by_role("button", name="Stop all").click()
    status = page.locator(".st-key-sweep-status")
    expect(status).to_contain_text("9 ended early")
    assert not any(of.is_active for of in snapshots_of(server.store).all)
    page.get_by_role("button", name="Go on").click()
    expect(status).not_to_contain_text("ended early")
    page.get_by_role("button", name="Stop all").click()
    expect(status).to_contain_text("9 ended early")


def test_the_results_are_read_on_a_phone_and_the_best_models_errors_are_opened(open_page, server, tmp_path):
    saved = ended_sweep(server, tmp_path)
    page = open_page(f"/sweep?sweep={saved.id}", width=390)
    expect(page.locator(".st-key-sweep-best")).to_contain_text("90.10%")
    expect(page.locator(".st-key-sweep-best")).to_contain_text("95% interval over 3 seeds")
    expect(page.locator("[data-testid=stVegaLiteChart] .mark-text text").first).to_be_visible()
    assert no_sideways_scrolling(page)
    page.locator("[class*=st-key-sweep-errors] button").click()
    expect(page).to_have_url(re.compile("/gallery"))
    assert SweepStore(server.store.home).list() == [saved]
