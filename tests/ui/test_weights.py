"""A network from inside, as a script without a browser: its weights, and one step of its training."""

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.recipes.table import RECIPES
from mnist_core.runs import weights
from mnist_core.training.models import build
from pages.components import resources
from tests.ui.conftest import PATIENCE, words

SCRIPT = """
import numpy as np
import streamlit as st

from pages.components.network.backward import show_backward
from pages.components.network.weights import say_there_are_none, show_weights
from pages.components.resources import store, weights_by_epoch

image = np.zeros((28, 28), np.uint8)
image[5:20, 14] = 255
run = store().list()[0]
if copies := weights_by_epoch(run):
    st.fragment(show_weights)(run, copies, max(copies), "here")
    st.fragment(show_backward)(run, copies[max(copies)], image, 4)
else:
    say_there_are_none(run)
"""


def opened() -> AppTest:
    app = AppTest.from_string(SCRIPT, default_timeout=PATIENCE).run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    """Also what is written as HTML."""
    return words(app) + "".join(element.proto.body for element in app.get("html"))


def test_one_weight_is_worked_out_and_the_true_digit_becomes_likelier(store):
    run = store.create(RECIPES["softmax"])
    weights.save(run.weights_path, 1, [np.zeros((784, 10)), np.zeros(10)])
    app = opened()
    assert "Probability of 4: 10.0% → **" in words(app)
    found = said(app)
    assert "error at digit 4 = probability − target" in found and "0.100 − 1 = −0.900" in found
    assert "1.000 × (−0.900) = <b>−0.900</b>" in found and "0.000 − 0.1 × (−0.900) = <b>0.090</b>" in found
    rate = next(box for box in app.selectbox if box.label == "Learning rate")
    rate.set_value(10.0).run()
    assert "0.000 − 10 × (−0.900) = <b>9.000</b>" in said(app)
    column = next(number for number in app.number_input if number.label.startswith("Pixel's column"))
    assert column.value == 14
    column.set_value(3).run()
    assert "0.000 × (−0.900) = <b>0.000</b>" in said(app)


def test_every_layer_of_a_network_has_its_pictures_and_a_way_to_see_the_rest(store):
    recipe = replace(RECIPES["mlp"], epochs=4)
    run, rng = store.create(recipe), np.random.default_rng(0)
    shapes = ((784, 64), (64,), (64, 64), (64,), (64, 10), (10,))
    for epoch in (1, 4):
        weights.save(run.weights_path, epoch, [rng.normal(size=shape) for shape in shapes])
    app = opened()
    assert said(app).count("<figure>") == 32 + 10
    assert "1 to 32 of 64 pictures" in words(app)
    assert "error at digit" in said(app) or "error at unit" in said(app)


@pytest.mark.parametrize("name", ["fast", "chollet-cnn"])
def test_a_convnet_says_which_networks_can_go_backward_and_a_run_without_weights_says_so(store, name):
    run = store.create(RECIPES[name])
    assert "The first copy of the weights comes at the end of the first epoch" in words(opened())
    model = build(run.recipe)
    weights.save(run.weights_path, 1, model.get_weights())
    assert "for networks of dense layers only" in words(opened())


def test_the_last_epochs_weights_are_those_of_the_model_itself(store):
    starter = store.get("starter")
    found, copies = resources.weights_by_epoch(starter), resources.kept_weights(starter)
    assert list(found) == list(copies) and found[1] is copies[1]
    last = max(found)
    assert all(ours is own for ours, own in zip(found[last], resources.final_weights(starter), strict=True))
    assert all(np.allclose(ours, copy, rtol=1e-3, atol=1e-4) for ours, copy in zip(found[last], copies[last]))
