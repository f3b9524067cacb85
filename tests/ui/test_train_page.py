"""The Train page as a script, without a browser: what it shows and what its widgets do."""

import json
import os
import time
from dataclasses import replace

import numpy as np

from mnist_core.data import sources
from mnist_core.data.mnist import Dataset, Split
from mnist_core.files import write_json
from mnist_core.jobs import estimate
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.attempt import Attempt, _signs
from mnist_core.runs.snapshot import snapshot_of, snapshots_of
from pages.components import resources
from pages.components.training import live
from pages.components.training.start import DOUBLE
from tests.ui.conftest import PATIENCE, open_page, words


def test_the_settings_begin_with_the_recipes_and_stay_in_bounds():
    app = open_page("train", {"recipe": "chollet-cnn"})
    assert app.selectbox(key="optimizer-chollet-cnn").value == "rmsprop"
    assert app.number_input(key="epochs-chollet-cnn").value == 5
    assert app.selectbox(key="validation-chollet-cnn").value == "", "no validation, rather than no choice"
    assert app.number_input(key="epochs-chollet-cnn").max == 200
    app.selectbox(key="optimizer-chollet-cnn").set_value("sgd").run()
    assert app.number_input(key="rate-sgd-chollet-cnn").value == 0.01


def test_start_trains_the_recipe_with_the_visitors_settings_and_a_later_click_queues(store):
    app = open_page("train")
    app.number_input(key="epochs-softmax").set_value(2).run()
    app.number_input(key="seed-softmax").set_value(5).run()
    begun = time.monotonic()
    app.button(key="start-training").click().run()
    assert begun + DOUBLE <= app.session_state["training-started"] <= time.monotonic() + DOUBLE
    app.session_state["training-started"] += PATIENCE  # however slow the machine is
    app.button(key="start-training").click().run()
    assert len(store.list()) == 1, "the second click of a double click"
    app.session_state["training-started"] = 0.0
    app.button(key="start-training").click().run()
    assert not app.exception
    runs = store.list()
    assert len(runs) == 2 and all(run.recipe == replace(RECIPES["softmax"], epochs=2, seed=5) for run in runs)
    deadline = time.monotonic() + 60
    while any(run.result is None for run in runs):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    app.run()
    assert "**finished**" in words(app) and "Last run: Softmax regression" in words(app)
    assert [metric.label for metric in app.metric][:2] == ["Test accuracy", "Published"]


def test_a_run_in_the_queue_can_be_cancelled_from_the_page(store):
    open_page("train")
    first = resources.worker().submit(replace(RECIPES["mlp"], epochs=200))
    second = resources.worker().submit(RECIPES["softmax"])
    deadline = time.monotonic() + 60
    while snapshot_of(first).status != "training":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    app = open_page("train")
    app.button(key=f"cancel-{second.id}").click().run()
    assert snapshot_of(second).status == "stopped"
    app.button(key=f"stop-{first.id}").click().run()
    assert first.stop_asked and not app.exception


def test_a_failed_run_shows_the_end_of_its_log(store):
    run = store.create(RECIPES["softmax"])
    write_json(run.folder / "attempt.json", {"pid": 1, "created": 0.0})
    (run.folder / "log.txt").write_text("it went so well\nuntil it did not\n")
    app = open_page("train")
    assert "**failed**" in words(app) and "Last run: Softmax regression" in words(app)
    assert "until it did not" in "".join(code.value for code in app.code)


def test_a_run_that_does_not_respond_says_so_with_its_machine_and_can_be_stopped(store):
    run = store.create(RECIPES["softmax"])
    Attempt(1, 1.0, "ada-2").claim(run.folder)
    os.utime(run.folder / "attempt.json", (1, 1))
    assert snapshot_of(run).status == "failed", "its machine has been away for long"
    (run.folder / "heartbeat").write_text("7")
    a_while_ago = time.time() - 40
    os.utime(run.folder / "heartbeat", (a_while_ago, a_while_ago))
    _signs.clear()
    app = open_page("train")
    assert "The training process on ada-2 does not respond" in words(app)
    assert live.poll_of(snapshots_of(store))["words"][0] == "not responding"
    app.button(key=f"stop-{run.id}").click().run()
    assert run.stop_asked and not app.exception


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


def test_a_poll_of_a_run_that_trains_has_what_its_curves_need_and_what_else_the_page_says(store):
    run = store.create(RECIPES["tuning-d"], os.getpid())
    empty = live.poll_of(snapshots_of(store))
    assert empty["words"][1].startswith("preparing") and empty["fraction"] == 0
    row = {"epoch": 1, "step": 1200, "epochs_done": 1.0, "seconds": 2.0, "loss": 2.3026, "accuracy": 0.11}
    lost = {**row, "step": 1300, "epochs_done": 1.1, "loss": None}
    (run.folder / "metrics.jsonl").write_text(f"{json.dumps(row)}\n{json.dumps(lost)}\n")
    poll = json.loads(json.dumps(live.poll_of(snapshots_of(store)), allow_nan=False))
    lines = {line["name"]: line["points"] for line in poll["picture"]["series"]}
    own = {name: points for name, points in lines.items() if "published" not in name}
    assert own == {"training data": [[0.5, 2.3026, 0.11]], "validation data": []}
    assert poll["key"] != empty["key"] and "not a number" in poll["key"]
    assert f"epoch 1 of {run.recipe.epochs}" in poll["words"]


def test_values_that_change_with_every_row_do_not_rerun_the_page(store):
    run, next_one = store.create(RECIPES["tuning-d"], os.getpid()), store.create(RECIPES["mlp"])
    row = {"epoch": 1, "step": 1200, "epochs_done": 1.0, "seconds": 2.0, "loss": 2.3026, "accuracy": 0.11}
    keys = []
    for step, seconds in ((1200, 2.0), (1300, 3.0), (1400, 12.0)):
        with (run.folder / "metrics.jsonl").open("a") as file:
            file.write(json.dumps({**row, "step": step, "seconds": seconds}) + "\n")
        keys.append(live.poll_of(snapshots_of(store))["key"])
    assert keys[0] == keys[1] and "vanishing gradient" in keys[0] and next_one.id in keys[0]
    assert keys[2] != keys[1], "figures in words are said anew every ten seconds"
    next_one.ask_to_stop()
    assert live.poll_of(snapshots_of(store))["key"] != keys[2]


def test_what_would_take_the_whole_day_cannot_be_started(monkeypatch):
    monkeypatch.setattr(estimate, "slowness", lambda: 3.0)  # three times as slow as the reference machine
    app = open_page("train", {"recipe": "dropout-cnn"})
    app.number_input(key="epochs-dropout-cnn").set_value(200).run()
    app.select_slider(key="batch_size-dropout-cnn").set_value(16).run()
    assert app.button(key="start-training").disabled is False, "the stand-in set is small"
    resources.dataset_thread().dataset = Dataset(
        Split(np.zeros((60_000, 28, 28), np.uint8), np.zeros(60_000, np.uint8)), sources.load().test, "test"
    )
    app.run()
    assert app.button(key="start-training").disabled
    assert "at most 3 h" in words(app)


def test_a_resumed_run_prepares_until_its_first_own_step(store):
    run = store.create(RECIPES["softmax"])
    row = {"epoch": 3, "step": 1400, "epochs_done": 3.0, "seconds": 2.0, "loss": 0.3, "accuracy": 0.9}
    before = {**row, "step": 1000, "epochs_done": 2.1, "seconds": 1.0}
    (run.folder / "metrics.jsonl").write_text(f"{json.dumps(before)}\n{json.dumps(row)}\n")
    os.utime(run.folder / "metrics.jsonl", (1, 1))
    run.claim(os.getpid())
    assert live.poll_of(snapshots_of(store))["words"][1].startswith("preparing")
    with (run.folder / "metrics.jsonl").open("a") as file:
        file.write(json.dumps({**row, "step": 1500}) + "\n")
    assert live.poll_of(snapshots_of(store))["words"][1] == "epoch 3 of 20"


def test_a_run_to_watch_and_a_recipe_to_start_have_headings_of_their_own(store):
    run = store.create(RECIPES["mlp"])
    write_json(run.folder / "attempt.json", {"pid": 1, "created": 0.0})
    app = open_page("train", {"recipe": "tuning-b"})
    assert [heading.value for heading in app.subheader] == ["Chosen: Tuning b: a lower learning rate"]
    assert "Last run: Three-layer perceptron" in [heading.value for heading in app.header]
    app.segmented_control(key="tuning-step").set_value("tuning-e").run()
    assert app.query_params["recipe"] == "tuning-e"
    assert "Chosen: Tuning e: ReLU instead of sigmoid" in words(app)


def test_a_past_run_is_where_ones_own_network_begins(store):
    run = store.create(replace(RECIPES["mlp"], title="Mine", epochs=3, seed=9))
    write_json(run.folder / "attempt.json", {"pid": 1, "created": 0.0})
    app = open_page("train", {"recipe": "past"})
    assert app.text_input(key=f"title-own-{run.id}").value == "Mine"
    assert app.number_input(key=f"epochs-own-{run.id}").value == 3
    app.number_input(key=f"epochs-own-{run.id}").set_value(4).run()
    app.button(key="start-training").click().run()
    assert store.list()[0].recipe == replace(run.recipe, epochs=4)


def test_a_name_that_is_too_long_is_refused_with_its_length():
    app = open_page("train", {"recipe": "own"})
    app.text_input(key="own-title").set_value("x" * 61).run()
    assert "The name has 61 characters, and 60 are the most" in words(app)
    assert app.button(key="start-training").disabled


def test_layers_in_the_address_are_built_and_spoilt_ones_are_not(store):
    stack = '[["Flatten",{}],["Dense",{"units":12}],["Dense",{"units":10,"activation":"softmax"}]]'
    app = open_page("train", {"recipe": "own", "layers": stack})
    assert "1 · `Flatten()`" in words(app) and "2 · `Dense(12)`" in words(app)
    app = open_page("train", {"recipe": "own", "layers": stack.replace("Flatten", "Lambda")})
    assert not app.exception and "2 · `MaxPooling2D(2)`" in words(app)
    assert "layers" in app.toast[0].value


def test_the_published_figures_stand_beside_the_runs_own(store):
    run = store.create(RECIPES["softmax"])
    write_json(run.folder / "attempt.json", {"pid": 1, "created": 0.0})
    end = {"epoch": 1, "step": 469, "epochs_done": 1.0, "seconds": 2.0, "loss": 0.6, "accuracy": 0.85,
           "val_loss": 0.34, "val_accuracy": 0.908, "end": True}  # fmt: skip
    (run.folder / "metrics.jsonl").write_text(json.dumps(end) + "\n")
    app = open_page("train", live_published=True)
    shown = "".join(element.proto.body for element in app.get("html") if "beside" in element.proto.body)
    assert "<td>0.6130</td><td>0.6000</td><td>−0.0130</td>" in shown
    assert "<td>0.9273</td><td>–</td><td>–</td>" in shown, "a test accuracy that is not there yet"


def test_a_start_that_cannot_be_saved_says_why_and_names_no_folder_of_the_server(home):
    app = open_page("train")
    (home / "runs").write_text("a file where the folder should be")
    app.button(key="start-training").click().run()
    assert not app.exception and len(app.error) == 1
    assert str(home) not in words(app)
    (home / "runs").unlink()
    app.button(key="start-training").click().run()
    assert not app.error and (home / "runs").is_dir()
