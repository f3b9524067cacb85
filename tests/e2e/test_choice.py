"""Choosing what to train: a recipe, a network of one's own, a past run."""

import re
import shutil
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from mnist_core.files import write_json
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.attempt import Attempt
from mnist_core.runs.run import Run
from tests.e2e.steps import (
    begins_with,
    choose_recipe,
    expect_soon,
    no_sideways_scrolling,
    reopened,
    select,
)

# A server for each test: after a training it keeps a process warm, which would slow down the next tests.
pytestmark = pytest.mark.fresh_server


def test_a_network_of_ones_own_is_built_trained_compared_renamed_and_deleted(open_page, server):
    page = open_page("/train")
    choose_recipe(page, "Your own network")
    rows = page.locator('[class*="st-key-layer-own-"]')
    button = page.get_by_role("button", name="Start training")
    expect(rows).to_have_count(7)
    select(page, "Begin with", "Softmax regression")
    expect(rows).to_have_count(1)
    select(page, "Add a layer", "Conv2D")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(
        page.get_by_text("Layer 2, Conv2D: This layer takes images, but its input is a vector of 784")
    ).to_be_visible()
    expect(button).to_be_disabled()
    rows.nth(1).get_by_role("button", name="Move up").first.click()
    expect(page.get_by_text("26 × 26 × 16")).to_be_visible()
    rows.nth(0).get_by_test_id("stPopover").get_by_role("button").click()
    page.get_by_label("strides").fill("2")
    page.get_by_label("strides").press("Enter")
    expect(page.get_by_text("13 × 13 × 16")).to_be_visible()
    expect(rows.nth(0)).to_contain_text('Conv2D(16, 3, strides=2, activation="relu")')
    page.keyboard.press("Escape")
    page.get_by_text("Settings and Keras code").click()
    page.get_by_label("Epochs", exact=True).fill("1")
    page.get_by_label("Epochs", exact=True).press("Enter")
    page.get_by_role("tab", name="As Keras code").click()
    expect(page.get_by_text("epochs=1,")).to_be_visible()
    button.click()
    status = page.locator(".st-key-status")
    expect(status).to_have_text(begins_with("finished"))
    expect(page.get_by_role("heading", name="Last run: My network")).to_be_visible()
    (run,) = server.store.list()
    assert run.recipe.layers[0].strides == 2 and run.result["epochs"] == 1
    shutil.copytree(run.folder, run.folder.with_name("20200101-000000000-own-0000"))
    other = Run(run.folder.with_name("20200101-000000000-own-0000"))
    write_json(other.folder / "recipe.json", replace(run.recipe, seed=7, title="The other").to_json())
    other.complete(run.result)
    page.reload()
    table = page.get_by_test_id("stDataFrame")
    table.click(position={"x": 15, "y": 87})
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("New name").fill("The older")
    page.get_by_role("button", name="Save").click()
    expect_soon(lambda: Run(other.folder).recipe.title == "The older")
    table.click(position={"x": 15, "y": 52})
    expect(page.get_by_text("What differs")).to_be_visible()
    expect(page.get_by_test_id("stTable").last).to_contain_text("seed07")
    page.get_by_role("button", name="Delete these 2 runs").click()
    assert len(server.store.list()) == 2, "it asks first"
    page.get_by_role("button", name="Yes, delete these 2 runs").click()
    expect_soon(lambda: not server.store.list())
    phone = open_page("/train", width=390)
    phone.get_by_role("combobox", name="Recipe").select_option("own")
    expect(phone.locator('[class*="st-key-layer-own-"]').first).to_be_visible()
    assert no_sideways_scrolling(phone)


def test_the_builder_keeps_its_layers_and_its_name_over_a_reload_and_a_spoilt_link_says_so(open_page):
    page = open_page("/train?recipe=own&begin=softmax")
    rows = page.locator('[class*="st-key-layer-own-"]')
    expect(rows).to_have_count(1)
    select(page, "Add a layer", "Dense")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(rows).to_have_count(2)
    page.get_by_label("Name", exact=True).fill("Ada's network")
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page).to_have_url(re.compile("layers=.*name=Ada"))
    expect(rows.nth(1)).to_contain_text("Dense(")
    written = rows.nth(1).inner_text()
    page.reload()
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_have_text(written, use_inner_text=True)
    expect(page.get_by_label("Name", exact=True)).to_have_value("Ada's network")
    page.get_by_label("Name", exact=True).fill("long " * 20)
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page.get_by_text("The name has 99 characters, and 60 are the most")).to_be_visible()
    reopened(page, "/train?recipe=own&layers=nonsense")
    expect(page.get_by_text("This link has parts that are not understood: layers.")).to_be_visible()
    expect(rows).to_have_count(7)


def test_a_link_chooses_a_recipe_and_a_past_run_can_be_started_from(open_page, server):
    run = server.store.create(replace(RECIPES["tuning-e"], epochs=3, seed=5))
    Attempt(1, 1.0, None).claim(run.folder)
    page = open_page("/train?recipe=tuning-c")
    expect(page.get_by_role("heading", name="Chosen: Tuning c")).to_be_visible()
    choose_recipe(page, "Start from a past run")
    expect(page.locator('[class*="st-key-layer-own-"]')).to_have_count(12)
    page.get_by_text("Settings and Keras code").click()
    expect(page.locator('[class*="st-key-epochs-own-"] input')).to_have_value("3")
    page.reload()
    expect(page.locator('[class*="st-key-layer-own-"]')).to_have_count(12)
    page.get_by_role("button", name="Start training").click()
    expect_soon(lambda: len(server.store.list()) == 2)
    assert server.store.list()[0].recipe == run.recipe
