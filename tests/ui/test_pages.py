"""The pages as scripts, without a browser: what they show and what their widgets do."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mnist_core import data, estimate
from mnist_core.evaluation import Evaluation
from mnist_core.recipes import RECIPES
from mnist_core.run import write_json
from mnist_core.selection import Selection
from pages.components import live, resources


@pytest.fixture(autouse=True)
def fresh_server(home) -> Iterator[None]:
    """Each test meets a server that has just been started."""
    st.cache_resource.clear()
    yield
    resources.worker().close()
    st.cache_resource.clear()


def open_page(name: str, **session: object) -> AppTest:
    app = AppTest.from_file("../../app.py", default_timeout=8)
    for key, value in session.items():
        app.session_state[key.replace("_", "-")] = value
    app.run()
    app.switch_page(f"pages/{name}.py").run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    kinds = (
        app.title,
        app.header,
        app.subheader,
        app.markdown,
        app.caption,
        app.info,
        app.warning,
        app.error,
        app.success,
    )
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def ended_run(store, probabilities, labels, name="softmax", **changes):
    """A finished run with these answers on the test set."""
    run = store.create(replace(RECIPES[name], **changes))
    answers = Evaluation(probabilities.astype(np.float32), labels)
    answers.save(run.evaluation_path)
    run.lite_path.write_bytes(store.get("starter").lite_path.read_bytes())
    write_json(
        run.folder / "result.json",
        {"status": "finished", "test_accuracy": answers.accuracy, "test_loss": answers.loss, "seconds": 5.0,
         "epochs": 20, "steps": 100, "seconds_per_step": 0.01, "is_mnist": False},
    )  # fmt: skip
    return run


@pytest.mark.parametrize("name", ["draw", "mine", "train", "gallery", "data"])
def test_every_page_opens_and_says_that_the_digits_are_not_mnist(name):
    app = open_page(name)
    for _ in range(2):
        resources.loader().wait(30)  # Draw itself does not wait
        app.run()
        assert not app.exception and "The images here are not MNIST" in words(app)
        assert "put `mnist.npz`" in words(app)
        app.button(key="retry-data").click().run()


@pytest.mark.parametrize("name", ["draw", "mine", "train", "gallery", "data"])
def test_every_page_works_when_its_file_is_run_alone(name):
    app = AppTest.from_file(f"../../pages/{name}.py", default_timeout=8).run()
    assert not app.exception and app.title


def test_a_spoilt_file_is_named_on_the_page(tmp_path, monkeypatch):
    (tmp_path / "mnist.npz").write_bytes(b"spoilt")
    monkeypatch.setenv("MNIST_DIR", str(tmp_path))
    assert "mnist\\.npz is damaged" in words(open_page("train")) or "mnist.npz is damaged" in words(
        open_page("train")
    )


def test_an_empty_canvas_is_no_digit_and_says_so():
    app = open_page("draw")
    bodies = [html.proto.body for html in app.get("html")]
    assert any(">–<" in body and "Draw a digit" in body for body in bodies)


def test_the_settings_begin_with_the_recipes_and_stay_in_bounds():
    app = open_page("train")
    app.radio(key="recipe").set_value("chollet-cnn").run()
    assert app.selectbox(key="optimizer-chollet-cnn").value == "rmsprop"
    assert app.number_input(key="epochs-chollet-cnn").value == 5
    assert app.selectbox(key="validation-chollet-cnn").value is None
    assert app.number_input(key="epochs-chollet-cnn").max == 200
    app.selectbox(key="optimizer-chollet-cnn").set_value("sgd").run()
    assert app.number_input(key="rate-sgd-chollet-cnn").value == 0.01


def test_start_trains_the_recipe_with_the_visitors_settings_and_a_second_click_queues(store):
    app = open_page("train")
    app.radio(key="recipe").set_value("softmax").run()
    app.number_input(key="epochs-softmax").set_value(2).run()
    app.number_input(key="seed-softmax").set_value(5).run()
    app.button(key="start-training").click().run()
    app.button(key="start-training").click().run()
    assert not app.exception
    runs = store.list()
    assert len(runs) == 2 and all(run.recipe == replace(RECIPES["softmax"], epochs=2, seed=5) for run in runs)
    deadline = time.monotonic() + 60
    while any(run.result is None for run in runs):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    app.run()
    assert "**finished** · Softmax regression" in words(app)
    assert [metric.label for metric in app.metric][:2] == ["Test accuracy", "Published"]


def test_a_run_in_the_queue_can_be_cancelled_from_the_page(store):
    open_page("train")
    first = resources.worker().submit(replace(RECIPES["mlp"], epochs=200))
    second = resources.worker().submit(RECIPES["softmax"])
    deadline = time.monotonic() + 60
    while first.status != "training":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    app = open_page("train")
    app.button(key=f"cancel-{second.id}").click().run()
    assert second.status == "stopped"
    app.button(key=f"stop-{first.id}").click().run()
    assert first.stop_asked and not app.exception


def test_a_failed_run_shows_the_end_of_its_log(store):
    run = store.create(RECIPES["softmax"])
    write_json(run.folder / "attempt.json", {"pid": 1, "created": 0.0})
    (run.folder / "log.txt").write_text("it went so well\nuntil it did not\n")
    app = open_page("train")
    assert "**failed** · Softmax regression" in words(app)
    assert "until it did not" in "".join(code.value for code in app.code)


def run_with_errors(store):
    """Five fours are read as nines, and all else rightly."""
    test = data.load().test
    answers = np.full((300, 10), 0.01)
    answers[np.arange(300), test.labels] = 0.91
    answers[np.flatnonzero(test.labels == 4)[:5]] = np.eye(10)[9]
    return ended_run(store, answers, test.labels)


def test_the_gallery_shows_the_errors_that_pass_the_filters(store):
    app = open_page("gallery", chosen_run=run_with_errors(store).id)
    assert [metric.value for metric in app.metric][:2] == ["98.33%", "5"]
    assert "95 % interval: 96.16% to 99.29%" in words(app)
    assert "1 to 5 of 5 errors" in words(app)
    app.selectbox(key="Selection-true").set_value(3).run()
    assert "No image passes these filters" in words(app)
    app.button(key="reset").click().run()
    assert "1 to 5 of 5 errors" in words(app)
    app.button(key="pair-4-9").click().run()
    assert app.selectbox(key="Selection-predicted").value == 9 and "1 to 5 of 5 errors" in words(app)


def test_precision_and_recall_are_explained_with_the_runs_own_numbers(store):
    run = run_with_errors(store)
    num_nines = int((data.load().test.labels == 9).sum())
    app = open_page("gallery", chosen_run=run.id, Selection=Selection(view="digits"))
    app.segmented_control(key="explained").set_value(9).run()
    said = words(app)
    assert f"of the {num_nines + 5} images that the model called a 9, {num_nines} are one" in said
    app.button(key="false-positives").click().run()
    assert "1 to 5 of 5 errors" in words(app)


def test_saying_not_sure_is_counted_and_its_images_are_shown(store):
    app = open_page("gallery", chosen_run=run_with_errors(store).id, Selection=Selection(view="confidence"))
    app.slider(key="threshold").set_value(95).run()
    assert "**0 of 5 errors** would go, and with them 295 right answers" in words(app)
    app.button(key="show-unsure").click().run()
    assert "1 to 24 of 295 images" in words(app)


def test_two_runs_are_compared_in_words_and_their_images_shown(store):
    first, test = run_with_errors(store), data.load().test
    second = ended_run(store, np.eye(10)[test.labels], test.labels)
    app = open_page("gallery", chosen_run=first.id, Selection=Selection(view="compare"))
    assert "Choose a second run" in words(app)
    app.selectbox(key="other-run").set_value(second.id).run()
    assert "reads **5** images rightly that this one does not" in words(app)
    assert "6.2% of such comparisons: **it may well be chance" in words(app)
    app.button(key="versus-fixed").click().run()
    assert "1 to 5 of 5 images" in words(app)
    app.selectbox(key="other-run").set_value("starter").run()
    assert "the two runs were tested on other images" in words(app)


def test_a_run_without_a_map_offers_to_make_one(store):
    app = open_page("gallery", chosen_run=run_with_errors(store).id, Selection=Selection(view="map"))
    assert app.button(key="make-map").label == "Make the map" and not app.exception


def test_the_data_page_shows_what_the_tutorials_do_with_the_numbers_of_an_image():
    app, train = open_page("data"), data.load().train
    arrays = app.dataframe[0].value
    assert arrays["shape"].tolist() == ["(1200, 28, 28)", "(1200,)", "(300, 28, 28)", "(300,)"]
    app.slider(key="row").set_value(10).run()
    assert f"`{train.images[0, 10].tolist()}`" in words(app)
    one_hot = ", ".join("**1**" if digit == train.labels[0] else "0" for digit in range(10))
    assert f"[{one_hot}]" in words(app) and "becomes the numbers 280 to 307" in words(app)


def test_a_perfect_run_gets_a_friendly_word(store):
    test = data.load().test
    run = ended_run(store, np.eye(10)[test.labels], test.labels)
    assert "Not one error in 300 test images" in words(open_page("gallery", chosen_run=run.id))


def test_a_run_tested_on_other_images_says_so_instead_of_showing_wrong_ones():
    assert "tested on other images" in words(open_page("gallery", chosen_run="starter"))


def test_a_run_whose_results_are_damaged_says_what_to_do(store):
    test = data.load().test
    run = ended_run(store, np.eye(10)[test.labels], test.labels)
    run.evaluation_path.write_bytes(b"damaged")
    assert "train the recipe again" in words(open_page("gallery", chosen_run=run.id))


def test_a_model_that_is_damaged_is_said_on_the_draw_page(store):
    test = data.load().test
    run = ended_run(store, np.eye(10)[test.labels], test.labels)
    run.lite_path.write_bytes(b"damaged")
    assert "is damaged: train it again" in words(open_page("draw", chosen_run=run.id))


def test_a_run_that_is_gone_falls_back_to_the_starter():
    app = open_page("gallery", chosen_run="20200101-000000000-gone-0000")
    assert app.selectbox(key="chosen-run").value == "starter"


def test_a_run_whose_recipe_was_spoilt_by_hand_is_named_on_the_page(store):
    run = store.create(RECIPES["softmax"])
    (run.folder / "recipe.json").write_text('{"name": "softmax"}')
    said = words(open_page("train"))
    assert run.id in said and "delete its folder" in said


def test_what_a_run_shows_is_said_beside_its_curves(store):
    run = store.create(RECIPES["tuning-d"])
    write_json(run.folder / "attempt.json", {"pid": 1, "created": 0.0})
    row = {"epoch": 1, "step": 1200, "epochs_done": 1.0, "seconds": 2.0, "loss": 2.3026, "accuracy": 0.11}
    (run.folder / "metrics.jsonl").write_text(json.dumps(row) + "\n")
    assert "Vanishing gradient: each of 11 layers" in words(open_page("train"))


def test_a_look_at_a_run_that_trains_has_what_its_curves_need_and_what_else_the_page_says(store):
    run = store.create(RECIPES["tuning-d"], os.getpid())
    empty = live.look_at(run, "training", {})
    assert empty["words"][2].startswith("preparing") and empty["fraction"] == 0
    row = {"epoch": 1, "step": 1200, "epochs_done": 1.0, "seconds": 2.0, "loss": 2.3026, "accuracy": 0.11}
    lost = {**row, "step": 1300, "epochs_done": 1.1, "loss": None}
    (run.folder / "metrics.jsonl").write_text(f"{json.dumps(row)}\n{json.dumps(lost)}\n")
    look = json.loads(json.dumps(live.look_at(run, "training", {}), allow_nan=False))
    assert look["series"] == {"training": [[1.0, 2.3026, 0.11]], "validation": []}
    assert look["page"] != empty["page"] and "no longer a number" in look["page"]
    assert f"epoch 1 of {run.recipe.epochs}" in look["words"]


def test_what_moves_with_every_row_does_not_let_the_page_run_again(store):
    run, next_one = store.create(RECIPES["tuning-d"], os.getpid()), store.create(RECIPES["mlp"])
    row = {"epoch": 1, "step": 1200, "epochs_done": 1.0, "seconds": 2.0, "loss": 2.3026, "accuracy": 0.11}
    pages = []
    for step in (1200, 1300):
        with (run.folder / "metrics.jsonl").open("a") as file:
            file.write(json.dumps({**row, "step": step}) + "\n")
        line = f"next in line · begins in about {step} s"
        pages.append(live.look_at(run, "training", {next_one: line})["page"])
    assert pages[0] == pages[1] and "nothing is learnt" in pages[0] and next_one.id in pages[0]
    assert live.look_at(run, "training", {})["page"] != pages[0]


def test_what_would_take_the_whole_day_cannot_be_started(monkeypatch):
    monkeypatch.setattr(estimate, "slowness", lambda: 3.0)  # times the machine that the constants are from
    app = open_page("train")
    app.radio(key="recipe").set_value("dropout-cnn").run()
    app.number_input(key="epochs-dropout-cnn").set_value(200).run()
    app.select_slider(key="batch_size-dropout-cnn").set_value(16).run()
    assert app.button(key="start-training").disabled is False, "the stand-in set is small"
    resources.loader().dataset = data.Dataset(
        data.Split(np.zeros((60_000, 28, 28), np.uint8), np.zeros(60_000, np.uint8)), data.load().test, "test"
    )
    app.run()
    assert app.button(key="start-training").disabled
    assert "At most 3 h" in words(app)
