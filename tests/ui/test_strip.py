"""The five steps of the tuning tutorial side by side."""

import base64
import json
import re

import pytest

from mnist_core.recipes.table import RECIPES
from mnist_core.runs.run import Run
from pages.components.training.choice import TUNING
from tests.ui.conftest import open_page, words


def finished(store, name) -> Run:
    run = store.create(RECIPES[name])
    row = {"step": 1, "loss": 1.0, "accuracy": 0.5, "val_loss": 1.0, "end": True}
    values = (0.5, 0.6, 0.55)
    rows = [{**row, "epoch": e, "epochs_done": e, "val_accuracy": of} for e, of in enumerate(values, 1)]
    (run.folder / "metrics.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    result = {"status": "finished", "test_accuracy": 0.55, "test_loss": 1.0, "seconds": 1.0, "epochs": 3}
    run.complete({**result, "is_mnist": True})
    return run


def panels(app) -> list[str]:
    """The HTML of each step's chart, with its drawing as text."""
    shown = [element.proto.body for element in app.get("html") if 'strip-panel"' in element.proto.body]
    return [re.sub(r"base64,([\w+/=]+)", lambda of: base64.b64decode(of[1]).decode(), one) for one in shown]


@pytest.mark.parametrize("recipe", ["tuning-a", "tuning-e"])
def test_a_step_that_was_not_trained_yet_has_a_button_and_one_that_was_its_curve(store, recipe):
    finished(store, "tuning-b")
    app = open_page("train", {"recipe": recipe})
    keys = {button.key for button in app.button}
    assert {name for name in TUNING if f"train-train-{name}" in keys} == {*TUNING} - {"tuning-b"}
    shown = panels(app)
    assert len(shown) == 5 and all("stroke-dasharray" in one and "published" in one for one in shown)
    assert [one.count("<circle") for one in shown] == [0, 3, 0, 0, 0]
    assert "here 55.00%" in shown[1] and "not trained yet" in shown[0]
    assert "3 of 10 seeds" in words(app)


def test_its_button_trains_a_step_once(store):
    app = open_page("train", {"recipe": "tuning-a"})
    app.button(key="train-train-tuning-d").click().run()
    (run,) = store.list()
    assert run.recipe == RECIPES["tuning-d"]
    assert "train-train-tuning-d" not in {button.key for button in app.button} or run.result


def test_other_recipes_do_not_show_it(store):
    assert panels(open_page("train", {"recipe": "mlp"})) == []
