"""The network made visible: a click on a value of each kind of layer, by mouse, keyboard and finger."""

import os
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.explain.backward import backward
from mnist_core.explain.inside import Inside
from mnist_core.preprocessing.image_text import to_text
from mnist_core.recipes.layers import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from mnist_core.recipes.table import RECIPES
from mnist_core.runs import weights
from mnist_core.runs.run import Run
from mnist_core.training.fill import train_run
from pages.components.network.rounding import number_words
from pages.components.network.sums import place_words
from tests.conftest import small_standin
from tests.e2e.steps import SEVEN, begins_with, draw, settle

KINDS = (
    Conv2D(4, 5, strides=2),
    BatchNormalization(),
    Activation("relu"),
    MaxPooling2D(2),
    Conv2D(20, 3, padding="same", activation="tanh"),
    AveragePooling2D(2),
    Flatten(),
    Dropout(0.2),
    Dense(70, "sigmoid"),
    Dense(10, "softmax"),
)


def trained(server, layers=KINDS, epochs=1, recipe="softmax", **changes) -> Run:
    """A run that this process trains; the server must not take it out of its queue."""
    recipe = replace(RECIPES[recipe], name="kinds", layers=layers, epochs=epochs, **changes)
    run = server.store.create(recipe, os.getpid())
    train_run(run, small_standin())
    return run


def inside_of(run: Run, image: np.ndarray) -> Inside:
    return Inside(run.recipe, weights.final(run.model_path, run.recipe.layers), image)


def plate(page: Page, layer: int) -> Locator:
    return page.locator(f'.network [data-layer="{layer}"]')


def expect_worked_out(page: Page, inside: Inside, layer: int) -> None:
    """The chosen value of this layer is named and has its own number at the end of the sum."""
    title = page.locator(".network .title")
    expect(title).to_have_text(re.compile(f"^{type(inside.rows[layer - 1].layer).__name__} · "))
    numbers = [int(number) for number in re.findall(r"\d+", title.text_content().partition("·")[2])]
    cell = (numbers[1], numbers[2], numbers[0]) if len(numbers) == 3 else tuple(numbers)
    assert title.text_content().endswith(place_words(cell))
    value = number_words(inside.values[layer][cell])
    expect(page.locator(".network .equation tr").last.locator("td")).to_have_text(value)
    expect(page.locator(".network .spoken")).to_contain_text(place_words(cell))


@pytest.mark.parametrize(("width", "touch"), [(1280, False), (390, True)])
def test_a_value_of_each_kind_of_layer_is_worked_out_by_a_click(open_page, server, width, touch):
    run, image = trained(server), small_standin().test.images[3]
    inside = inside_of(run, image)
    page = open_page(f"/network?run={run.id}&pixels={to_text(image)}", width=width)
    best = int(inside.softmax.probabilities.argmax())
    expect(page.locator(".network .title")).to_have_text(begins_with(f"Why {best}"))
    for number, row in enumerate(inside.rows[:-1], 1):
        if row.layer.shows_something:
            canvas = plate(page, number)
            box = canvas.bounding_box()
            canvas.click(position={"x": box["width"] * 0.2, "y": box["height"] * 0.3})
            expect_worked_out(page, inside, number)
            expect(page.locator(".network .marks .cell")).to_have_count(1)
    page.locator('.network [data-layer="10-4"]').click()
    expect(page.locator(".network .title")).to_have_text(begins_with("Why 4"))
    expect(page.locator(".network .softmax .chosen th")).to_have_text("4")
    plate(page, 0).click(position={"x": 87, "y": 87})
    expect(page.locator(".network .title")).to_have_text("The pixel in row 14, column 14")
    page.get_by_role("button", name="Back to the answer").click()
    expect(page.locator(".network .title")).to_have_text(begins_with(f"Why {best}"))
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, "nothing is cut off"


def test_a_contribution_leads_to_the_value_that_it_came_from(open_page, server):
    run, image = trained(server), small_standin().test.images[3]
    inside = inside_of(run, image)
    page = open_page(f"/network?run={run.id}&pixels={to_text(image)}")
    page.locator(".network .contributions button").first.click()
    expect_worked_out(page, inside, 9)
    page.locator(".network .contributions button").first.click()
    expect_worked_out(page, inside, 6)
    expect(page.locator(".network .grid span").first).to_be_visible()
    expect(page.locator(".network .marks .field")).to_have_count(1)
    channel = page.locator(".network .enlarged canvas").first
    channel.click(position={"x": 5, "y": 5})
    expect(page.locator(".network .title")).to_contain_text("row 0, column 0")


def test_the_network_is_walked_through_with_the_keyboard(open_page, server):
    run, image = trained(server), small_standin().test.images[3]
    inside = inside_of(run, image)
    page = open_page(f"/network?run={run.id}&pixels={to_text(image)}")
    title = page.locator(".network .title")
    plate(page, 1).focus()
    page.keyboard.press("Enter")
    expect(title).to_have_text("Conv2D · channel 0, row 0, column 0")
    for key, place in (
        ("ArrowDown", "channel 0, row 1, column 0"),
        ("ArrowRight", "channel 0, row 1, column 1"),
        ("PageDown", "channel 1, row 1, column 1"),
        ("ArrowLeft", "channel 1, row 1, column 0"),
        ("ArrowLeft", "channel 1, row 1, column 0"),
    ):
        page.keyboard.press(key)
        expect(title).to_have_text(f"Conv2D · {place}")
    expect_worked_out(page, inside, 1)
    expect(plate(page, 1)).to_be_focused()


def test_quick_keys_lose_no_step(open_page, server):
    run, image = trained(server), small_standin().test.images[3]
    page = open_page(f"/network?run={run.id}&pixels={to_text(image)}")
    plate(page, 0).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".network .title")).to_have_text("The pixel in row 0, column 0")
    for key in ("ArrowRight", "ArrowDown"):
        for _ in range(20):
            page.keyboard.press(key)
    expect(page.locator(".network .title")).to_have_text("The pixel in row 20, column 20")


def test_the_frames_lie_on_their_values_from_the_first_moment(open_page, server):
    run, image = trained(server), small_standin().test.images[3]
    page = open_page(
        f"/network?run={run.id}&pixels={to_text(image)}", as_another=True
    )  # with its fonts to fetch
    best = int(inside_of(run, image).softmax.probabilities.argmax())
    expect(page.locator(".network .title")).to_have_text(begins_with(f"Why {best}"))
    apart = """digit => {
        const box = (part) => document.querySelector(part).getBoundingClientRect();
        const [frame, row] = [box(".network .marks .cell"), box(`.network [data-layer="10-${digit}"]`)];
        return Math.max(...["left", "top", "bottom"].map((side) => Math.abs(frame[side] - row[side])));
    }"""
    page.wait_for_function(f"({apart})({best}) < 3")
    page.evaluate("document.fonts.ready")
    assert page.evaluate(apart, best) < 3


def test_leaving_the_page_with_a_chosen_value_leaves_no_errors(open_page, server):
    run, image = trained(server), small_standin().test.images[3]
    page = open_page(f"/network?run={run.id}&pixels={to_text(image)}")
    plate(page, 5).click(position={"x": 20, "y": 20})
    expect_worked_out(page, inside_of(run, image), 5)
    page.get_by_role("link", name="Gallery", exact=True).click()
    expect(page.get_by_role("heading", name="Gallery")).to_be_visible()


def test_a_run_that_was_deleted_meanwhile_says_so(open_page, server):
    run, image = trained(server), small_standin().test.images[3]
    page = open_page(f"/network?run={run.id}&pixels={to_text(image)}")
    expect(page.locator(".network .title")).to_have_text(begins_with("Why"))
    shutil.rmtree(run.folder)
    plate(page, 1).click(position={"x": 20, "y": 20})
    expect(page.get_by_text("This run is no longer here.")).to_be_visible()


def test_the_weights_of_an_earlier_epoch_give_what_keras_would_have_answered_then(open_page, server):
    run, image = trained(server, RECIPES["softmax"].layers, 3), small_standin().test.images[5]
    copies = weights.load(run.weights_path)
    page = open_page(f"/network?run={run.id}&pixels={to_text(image)}")
    page.get_by_role("slider").press("Home")
    probabilities = Inside(run.recipe, copies[1], image).softmax.probabilities
    best = int(probabilities.argmax())
    expect(page.locator(".network .softmax .chosen td").last).to_have_text(f"{probabilities[best]:.2%}")


def test_a_drawing_moves_through_the_network_and_opens_on_the_whole_window(open_page, server):
    page = open_page("/draw")
    draw(page, SEVEN)
    expect(page.locator(".answer")).to_have_text(begins_with("7"))
    page.get_by_text("Inside the network", exact=True).click()
    expect(page.locator(".network .title")).to_have_text(begins_with("Why 7"))
    before = page.locator(".network .softmax").text_content()
    draw(page, [[(20, 80), (80, 80)]])
    expect(page.locator(".network .softmax")).not_to_have_text(before)
    text = page.locator(".network .softmax").text_content()
    page.get_by_role("link", name="On the whole window").click()
    expect(page.get_by_role("heading", name="Inside the network")).to_be_visible()
    expect(page.locator(".network .softmax")).to_have_text(text)
    page.reload()
    expect(page.locator(".network .softmax")).to_have_text(text)


def test_the_weights_and_one_step_of_training_are_shown_below_the_network(open_page, server):
    run, image = trained(server, RECIPES["softmax"].layers), small_standin().test.images[5]
    page = open_page(f"/network?run={run.id}&pixels={to_text(image)}")
    page.get_by_text("The weights as pictures").click()
    expect(page.get_by_text("The template of each digit.")).to_be_visible()
    # Streamlit closes an expander again that is opened while the server still runs the page for another.
    settle(page)
    page.get_by_text("One step of training with this image").click()
    best = int(inside_of(run, image).softmax.probabilities.argmax())
    gradients = backward(run.recipe, weights.final(run.model_path, run.recipe.layers), image, best)
    expect(page.get_by_text(f"Loss, minus its logarithm: {number_words(gradients.loss)} →")).to_be_visible()
    expect(page.get_by_text("One weight, worked out")).to_be_visible()


@pytest.mark.fresh_server(mnist_dir=None)
def test_a_misread_image_opens_with_its_true_digit_and_a_sure_one_with_nothing(open_page, server):
    run = trained(server, RECIPES["softmax"].layers)
    dataset, answers = small_standin(), Evaluation.load(run.evaluation_path)
    assert len(answers.labels) == len(dataset.test.labels)
    wrong = int(np.flatnonzero(answers.predictions != answers.labels)[0])
    page = open_page(f"/gallery?run={run.id}&image={wrong}")
    expect(page.locator(".network .title")).to_have_text(begins_with(f"Why {answers.labels[wrong]}"))
    sure = int(np.argmax(answers.confidences * (answers.predictions == answers.labels)))
    page.goto(f"{server.address}/gallery?run={run.id}&image={sure}")
    expect(page.get_by_text("Inside the network", exact=True)).to_be_visible()
    if np.sort(answers.probabilities[sure])[-2] < 0.05:
        expect(page.locator(".network")).to_have_count(0)


def test_a_network_that_diverged_says_so(open_page, server):
    run = trained(server, RECIPES["tuning-e"].layers, recipe="tuning-e", learning_rate=10.0)
    page = open_page(f"/network?run={run.id}&pixels={to_text(small_standin().test.images[0])}")
    expect(page.get_by_text("because its training diverged")).to_be_visible()


def test_a_link_without_an_image_or_with_a_damaged_one_says_what_to_do(open_page):
    page = open_page("/network")
    expect(page.get_by_text("Draw a digit first.")).to_be_visible()
    page.goto(page.url.split("?")[0] + "?pixels=damaged")
    expect(page.get_by_text("The image in this link is damaged.")).to_be_visible()
    page.goto(page.url.split("?")[0] + "?image=99999999")
    expect(page.get_by_text("There is no image 99999999.")).to_be_visible()
