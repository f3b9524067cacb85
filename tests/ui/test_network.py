"""What the diagram of a network is told, beside the network's own values."""

import base64
import json
from itertools import pairwise

import numpy as np
import pytest

from mnist_core.explain.inside import Inside, receptive_field
from mnist_core.language.numbers import figure
from mnist_core.recipes.network import summary
from mnist_core.recipes.table import RECIPES
from pages.components.network.network import chosen_cell, picture
from pages.components.network.rounding import number_words
from pages.components.network.sums import sum_of
from tests.unit.explain.test_inside import IMAGE, every_stack, made, some_cells


@every_stack
def test_every_cell_of_every_layer_is_worked_out_to_its_value(recipe):
    inside = Inside(recipe, made(recipe)[1], IMAGE, temperature=0.5)
    looks = np.full((4, 10), 0.1) if recipe.test_time_shifts else None
    assert json.dumps(sum_of(inside, 0, (3, 4, 0)))
    for number, row in enumerate(inside.rows, 1):
        if not row.layer.shows_something:
            continue
        for cell in some_cells(row.output_shape)[::3]:
            told = sum_of(inside, number, cell, looks)
            assert json.dumps(told) and told["title"] and told["words"] and told["chosen"]["at"] == cell
            if number < len(inside.rows):
                assert told["lines"][-1][1] == number_words(inside.values[number][cell])
            else:
                probability = inside.softmax.probabilities[cell[0]]
                assert told["softmax"]["rows"][cell[0]][-1] == figure(probability, ".2%") or probability < 5e-5
                assert told["softmax"]["rows"][cell[0]][-1] in [value for _, value in told["lines"]]


@every_stack
def test_the_listed_contributions_and_the_rest_add_up(recipe):
    inside = Inside(recipe, made(recipe)[1], IMAGE)
    last = len(inside.rows)
    told, worked = sum_of(inside, last, (4,)), inside.sum_of(last, (4,))
    products = (worked.inputs * worked.weights).ravel()
    listed = [part["product"] for part in told["contributions"]]
    assert np.abs(listed) == pytest.approx(np.sort(np.abs(products))[::-1][: len(listed)])
    for part in told["contributions"]:
        value = inside.values[part["layer"]][tuple(part["at"])]
        assert part["texts"][0] == number_words(value), "it names the value that it came from"
    if "map" in told:
        assert np.sum(told["map"]["values"]) == pytest.approx(products.sum(), abs=1e-2)


@every_stack
def test_the_browser_finds_the_windows_that_the_network_has(recipe):
    """The browser computes a window's place as stride × index + offset."""
    inside = Inside(recipe, made(recipe)[1], IMAGE)
    layers = picture(inside)["layers"]
    assert json.dumps(layers)
    for before, layer in pairwise(layers):
        for name, of in (("fedBy", before["number"]), ("sees", 0)):
            if not (told := layer[name]):
                continue  # a vector whose values are passed on one by one: it sees what feeds it
            for cell in some_cells(layer["shape"]):
                field = receptive_field(inside.rows, layer["number"], cell, of)
                if told["isFlat"]:
                    shape = layers[0]["shape"] if of == 0 else before["shape"]
                    assert np.unravel_index(cell[0], shape)[:2] == (field.top, field.left)
                    continue
                y, x = cell[:2] if len(cell) == 3 else (0, cell[0])
                (down, right), (top, left) = told["stride"], told["offset"]
                assert (y * down + top, x * right + left) == (field.top, field.left)
                assert told["size"] == (field.height, field.width)
                assert told["channel"] == ("all" if field.channel is None else "own")


def test_the_bytes_are_the_outputs():
    recipe = RECIPES["tuning-e"]
    inside = Inside(recipe, made(recipe)[1], IMAGE)
    for layer in picture(inside)["layers"]:
        levels = np.frombuffer(base64.b64decode(layer["values"]), np.uint8).reshape(layer["shape"])
        step = (layer["high"] - layer["low"]) / 255
        values = layer["low"] + levels * step
        assert values == pytest.approx(inside.values[layer["number"]], abs=step)


@pytest.mark.parametrize(
    "told",
    [
        None, "x", 3, {},
        {"network": "other", "layer": 1, "at": [0, 0, 0]},
        {"network": "n", "layer": 99, "at": [0]},
        {"network": "n", "layer": -1, "at": [0]},
        {"network": "n", "layer": 6, "at": [0]},
        {"network": "n", "layer": [1], "at": None},
        {"network": "n", "layer": 1, "at": [0, 0]},
        {"network": "n", "layer": 1, "at": [0, 0, 32]},
        {"network": "n", "layer": 1, "at": [0, 0, "1"]},
        {"network": "n", "layer": 1, "at": [0.5, 0, 0]},
    ],
)  # fmt: skip
def test_a_browser_that_names_no_cell_of_this_network_is_not_believed(told):
    rows = summary(RECIPES["chollet-cnn"].layers)
    assert chosen_cell(told, "n", 5, rows) is None
    cell = {"network": "n", "image": 5, "layer": 1, "at": [25, 25, 31]}
    assert chosen_cell(cell, "n", 5, rows) == chosen_cell(cell, "n", 6, rows) == (1, (25, 25, 31))
    digit = {"network": "n", "image": 5, "layer": 8, "at": [7]}
    assert chosen_cell(digit, "n", 5, rows) == (8, (7,))
    assert chosen_cell(digit, "n", 6, rows) is None, "another image: its own answer comes first"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0.000"), (-0.0, "0.000"), (1.0, "1.000"), (0.25, "0.250"), (-12.346, "−12.35"), (4321.4, "4321"),
        (0.99984, "0.99984"), (1.00016, "1.00016"),
        (0.00016, "0.00016"), (0.0000048, "0.0000048"), (2.6e-9, "2.6e−09"),
    ],
)  # fmt: skip
def test_a_number_has_as_many_digits_as_its_sum_needs(value, words):
    assert number_words(value) == words
