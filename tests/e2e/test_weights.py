"""The weights as pictures, and an image that is watched while a network learns."""

import os
import re
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from mnist_core.recipes.table import RECIPES
from mnist_core.runs import weights
from mnist_core.runs.run import Run
from tests.e2e.conftest import Server
from tests.e2e.steps import SEVEN, begins_with, draw, expect_soon, no_sideways_scrolling

SECTION = "While it learns"


def open_section(page: Page) -> None:
    page.locator("summary").filter(has_text=SECTION).click()
    expect(page.get_by_text("The weights", exact=True)).to_be_visible()


def learnt(server: Server, epochs: int = 3) -> Run:
    """A finished run of softmax regression whose weights grow with every epoch."""
    run = server.store.create(replace(RECIPES["softmax"], epochs=epochs), os.getpid())
    pattern = np.random.default_rng(0).normal(size=(784, 10))
    for epoch in range(1, epochs + 1):
        weights.save(run.weights_path, epoch, [epoch * pattern, np.eye(10)[epoch]])
    run.lite_path.write_bytes(server.store.get("starter").lite_path.read_bytes())
    result = {"status": "finished", "test_accuracy": 0.5, "test_loss": 1.0, "seconds": 5.0, "epochs": epochs}
    run.complete({**result, "is_mnist": True})
    return run


@pytest.mark.parametrize("width", [1280, 390])
def test_the_slider_moves_the_templates_and_the_bars_to_another_epoch(open_page, server, width):
    learnt(server)
    page = open_page("/train", width=width)
    open_section(page)
    templates = page.locator(".plates.ten img")
    expect(templates).to_have_count(10)
    expect(templates.nth(7)).to_have_attribute("alt", "the weights of digit 7")
    expect(page.get_by_text("After epoch 3 of 3:")).to_be_visible()
    last = templates.nth(7).get_attribute("src")
    page.get_by_role("slider", name="Weights after epoch").press("ArrowLeft")
    expect(page.get_by_text("After epoch 2 of 3:")).to_be_visible()
    expect(templates.nth(7)).not_to_have_attribute("src", last)
    page.get_by_label("Test image, 0 to").fill("5")
    page.get_by_label("Test image, 0 to").press("Enter")
    expect(page.get_by_text("Test image 5: a")).to_be_visible()
    expect(page.get_by_text("After epoch 2 of 3:")).to_be_visible()
    assert no_sideways_scrolling(page)


@pytest.mark.fresh_server
def test_the_drawings_bars_and_the_weights_move_while_a_run_trains(open_page, server):
    page = open_page("/draw")
    draw(page, SEVEN)
    expect(page.locator(".answer")).to_have_text(begins_with("7"))
    page.get_by_role("link", name="Train").click()
    page.get_by_text("Settings, layers and Keras code").click()
    number = page.locator(".st-key-epochs-softmax input")
    number.fill("200")
    number.press("Enter")
    expect(number).to_have_value("200")
    page.get_by_role("button", name="Start training").click()
    expect(page.locator(".st-key-status")).to_have_text(re.compile("^training.*epoch [0-9]+ of"))
    open_section(page)
    expect(page.get_by_role("radio", name="My last drawing")).to_be_checked()
    expect(page.get_by_alt_text("Your drawing")).to_be_visible()
    (run,) = server.store.list()
    said, first = page.get_by_text(re.compile("^After epoch [0-9]+ of 200:")), page.locator(".plates img").first
    expect(said).to_be_visible()
    before, picture = said.inner_text(), first.get_attribute("src")
    expect(said).not_to_have_text(before)
    expect(first).not_to_have_attribute("src", picture)
    run.ask_to_stop()
    expect(page.locator(".st-key-status")).to_have_text(begins_with("stopped"))
    expect_soon(lambda: run.result)
    expect(page.get_by_text(f"After epoch {run.result['epochs']} of 200:")).to_be_visible()
    assert len(weights.load(run.weights_path)) <= weights.MOST_EPOCHS
