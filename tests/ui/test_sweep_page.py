"""The Sweep page as a script, without a browser: the plan, the limits, and what it says of the results."""

import json
import os
from dataclasses import replace

import pytest

from mnist_core.files import write_json
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.limits import Limits
from mnist_core.runs.snapshot import snapshots_of
from mnist_core.sweeps.store import SweepStore
from mnist_core.sweeps.sweep import Axis, Sweep, seeds_from
from mnist_core.visitors import cookie
from mnist_core.visitors.hidden import Hidden
from mnist_core.visitors.visitor import Request
from tests.ui.conftest import asked_by, open_page, words

PLAN = Sweep(RECIPES["mlp"], (Axis("learning_rate", (0.001, 0.01)), Axis("units", (8, 16)), seeds_from(0, 3)))


@pytest.fixture(autouse=True)
def busy(store):
    """A training of another program, for which the runs of sweeps wait."""
    return store.create(RECIPES["softmax"], os.getpid())


def queued(store) -> list:
    return [snapshot.run for snapshot in snapshots_of(store).waiting]


def start(store, sweep=PLAN, num_finished: int = 0):
    saved = SweepStore(store.home).create(sweep, "My sweep", "", store.create)
    for number, run_id in enumerate(saved.runs[:num_finished]):
        finish(store.get(run_id), 0.8 + 0.01 * number)
    return saved


def finish(run, val_accuracy: float) -> None:
    row = {"epoch": 1, "step": 10, "epochs_done": 1.0, "seconds": 1.0, "loss": 1.0, "accuracy": 0.9}
    last = {**row, "val_loss": 1.0, "val_accuracy": val_accuracy, "end": True, "last": True}
    (run.folder / "metrics.jsonl").write_text(f"{json.dumps(row)}\n{json.dumps(last)}\n")
    write_json(
        run.folder / "result.json",
        {"status": "finished", "test_accuracy": 0.5, "seconds": 1.0, "epochs": 1, "is_mnist": False},
    )


def fill(app, **values) -> None:
    for name, value in values.items():
        app.text_input(key=f"sweep-{name}-mlp").set_value(value).run()


def test_the_number_of_runs_and_their_time_are_said_before_all_of_them_are_queued_together(store):
    app = open_page("sweep")
    assert "**9 runs** (3 × 3) · about" in words(app), (
        "three learning rates around the recipe's own, three seeds"
    )
    fill(app, learning_rate="0.001, 0.01, 0.1", units="8,16", name="Mine")
    app.number_input(key="sweep-seeds-mlp").set_value(2).run()
    app.number_input(key="sweep-epochs-mlp").set_value(1).run()
    assert "**12 runs** (3 × 2 × 2)" in words(app) and "20% of the training images" in words(app)
    app.button(key="start-sweep").click().run()
    assert not app.exception
    (saved,) = SweepStore(store.home).list()
    assert saved.name == "Mine" and len(saved.runs) == len(queued(store)) == 12
    assert {run.recipe.epochs for run in queued(store)} == {1}
    assert "**0 of 12 runs done** · 12 wait · about" in words(app)
    app.button(key="stop-sweep").click().run()
    assert queued(store) == [] and "12 ended early" in words(app)
    assert "9 more · It was stopped by hand" in words(app)
    app.button(key="resume-sweep").click().run()
    assert len(queued(store)) == 12


def test_a_plan_that_cannot_be_started_says_why_and_what_a_recipe_does_not_have_is_not_asked_for(store):
    app = open_page("sweep")
    for values, said in (
        ({"learning_rate": "fast"}, "learning rate: fast is not a list of numbers"),
        ({"learning_rate": "0.01, 20"}, "learning rate: 20 is not possible; 1e-05 to 10"),
        (
            {"learning_rate": "1,2,3", "units": ",".join(map(str, range(1, 40)))},
            "351 runs, and 200 are the most",
        ),
    ):
        fill(app, **values)
        assert said in app.error[0].value.replace("\\", "")
        assert not any(button.key == "start-sweep" for button in app.button)
    app.selectbox(key="sweep-base").set_value("softmax").run()
    assert "no hidden dense layer" in words(app) and "No layer of this network but the last" in words(app)
    assert app.text_input(key="sweep-no-units").disabled and "**9 runs** (3 × 3)" in words(app)
    assert queued(store) == []


def test_a_recipe_set_on_the_train_page_is_taken_along():
    app = open_page("train")
    app.number_input(key="epochs-softmax").set_value(3).run()
    app.button(key="to-sweep").click().run()
    app.switch_page("pages/sweep.py").run()
    assert not app.exception
    taken = replace(RECIPES["softmax"], epochs=3)
    assert app.session_state["recipe-to-sweep"] == taken
    assert app.selectbox(key="sweep-base").value == "recipe-to-sweep", "it is chosen at once"
    assert app.number_input(key=f"sweep-epochs-train-{hash(taken)}").value == 3


def test_the_results_name_the_best_setting_with_its_interval_and_the_test_accuracy_beside_it(store):
    start(store, num_finished=12)
    app = open_page("sweep")
    said = words(app)
    assert "**learning rate 0\\.01 · units 16**" in said.replace("0.01", "0\\.01")
    assert [metric.value for metric in app.metric] == ["87.00%", "50.00%"]
    assert "95% interval over 3 seeds: 77.06% to 96.94%" in said and "it was not used to choose" in said
    assert "3 other settings may be as good" in said
    table = app.dataframe[0].value
    assert table.accuracy.tolist() == ["87.00%", "86.00%", "85.00%", "84.00%"]
    assert table.seeds.tolist() == ["3 / 3"] * 4


def test_a_sweep_in_progress_and_one_with_gaps_say_so(store):
    saved = start(store, num_finished=2)
    store.delete(store.get(saved.runs[0]))
    app = open_page("sweep")
    assert "**1 of 12 runs done** · 10 wait · 1 is missing" in words(app) and "Best setting so far" in words(
        app
    )


def test_a_click_counts_although_a_run_has_ended_since_the_page_was_drawn(store):
    saved = start(store)
    app = open_page("sweep")
    finish(store.get(saved.runs[0]), 0.8)
    app.button(key="stop-sweep").click().run()
    assert queued(store) == [] and "**1 of 12 runs done** · 11 ended early" in words(app)


def test_what_ended_early_is_named_with_its_reason_and_goes_on_while_others_wait(store):
    saved = start(store)
    stopped, failed = map(store.get, saved.runs[:2])
    stopped.ask_to_stop()
    write_json(failed.folder / "attempt.json", {"pid": 1, "created": 0.0})
    (failed.folder / "log.txt").write_text("The training process ended with signal 9.\n")
    app = open_page("sweep")
    said = words(app).replace("\\", "")
    assert "**stopped** · learning rate 0.001 · units 8 · seed 0 · It was stopped by hand." in said
    assert "units 16 · seed 0 · The training process ended with signal 9." in said
    assert any(button.key == "stop-sweep" for button in app.button), "the others still wait"
    app.button(key="resume-sweep").click().run()
    assert len(queued(store)) == 12 and "ended early" not in words(app)


def test_a_button_of_a_sweep_that_another_window_has_deleted_says_so(store):
    saved = start(store)
    for run in queued(store):
        run.ask_to_stop()
    app = open_page("sweep")
    SweepStore(store.home).delete(saved)
    app.button(key="resume-sweep").click().run()
    assert "was deleted in another window" in app.toast[0].value and queued(store) == []


def test_hidden_runs_are_not_called_missing_and_nothing_final_is_said_while_they_train(store, monkeypatch):
    saved = start(store, num_finished=10)
    Hidden(frozenset(saved.runs[9:])).save(store.home)
    monkeypatch.setenv("MNIST_SHARED", "1")
    asked_by(monkeypatch, Request("127.0.0.1", cookie=cookie.fresh(store.home)))
    said = words(open_page("sweep"))
    assert "**9 of 12 runs done** · 3 are hidden · about" in said and "missing" not in said
    assert "Best setting so far" in said
    for run_id in saved.runs[10:]:
        finish(store.get(run_id), 0.9)
    assert "Best of the settings that you can see" in words(open_page("sweep"))


def test_ties_and_too_few_seeds_are_said(store):
    saved = start(store, Sweep(RECIPES["softmax"], (Axis("batch_size", (32, 64, 128)),)))
    for run_id, accuracy in zip(saved.runs, (0.8, 0.9, 0.9)):
        finish(store.get(run_id), accuracy)
    said = words(open_page("sweep")).replace("\\", "")
    assert "Exactly as accurate: batch size 128." in said
    assert "With fewer than 3 seeds for each setting, chance may decide" in said


def test_a_sweep_with_one_setting_that_varies_and_one_with_seeds_only_are_shown(store):
    seeds = start(store, Sweep(RECIPES["softmax"], (seeds_from(0, 3),)), num_finished=3)
    rates = start(store, Sweep(RECIPES["softmax"], (Axis("learning_rate", (0.01, 0.1)),)), num_finished=2)
    for saved in (seeds, rates):
        app = open_page("sweep", {"sweep": saved.id})
        assert not app.exception and app.metric[0].label == "Validation accuracy"


def test_a_sweep_is_chosen_by_its_link_and_deleted_and_restored_with_its_runs(store, busy):
    first, second = start(store), start(store)
    for run in queued(store):
        run.ask_to_stop()
    app = open_page("sweep", {"sweep": first.id})
    assert app.selectbox(key="which-sweep").value == first.id
    yes = app.button(key=f"delete-{first.id}")
    assert "The sweep My sweep and its runs will be deleted" in words(app)
    yes.click().run()
    assert "The sweep My sweep was deleted. Below, it can be restored" in app.toast[0].value
    assert not app.warning and "sweep" not in app.query_params, "the page does not look for what was deleted"
    assert [button.key for button in app.button if button.key.startswith("delete-2")] == [f"delete-{second.id}"]
    assert SweepStore(store.home).list() == [second] and {run.id for run in store.list()} == {
        busy.id,
        *second.runs,
    }
    (restore,) = [button for button in app.button if button.label == "Restore"]
    restore.click().run()
    assert len(SweepStore(store.home).list()) == 2 and len(store.list()) == 25
    assert "sweep gone is not here" in words(open_page("sweep", {"sweep": "gone"}))


def test_the_runs_of_a_sweep_do_not_fill_the_lists_of_runs(store):
    saved = start(store, num_finished=12)
    for run_id in saved.runs:
        (store.get(run_id).folder / "model.tflite").write_bytes(b"")
    app = open_page("train")
    assert "12 more runs belong to sweeps" in words(app) and not app.dataframe
    gallery = open_page("gallery")
    assert len(gallery.selectbox(key="chosen-run").options) == 1


def test_the_runs_of_a_sweep_that_wait_are_a_number_on_the_train_page(store):
    start(store)
    app = open_page("train")
    assert "12 runs of [sweeps](sweep) wait" in words(app)
    assert not any("cancel" in (button.key or "") for button in app.button)


def test_a_limit_that_a_sweep_breaks_is_said_and_nothing_starts(store, monkeypatch):
    monkeypatch.setenv("MNIST_SHARED", "1")
    asked_by(monkeypatch, Request("127.0.0.1", cookie=cookie.fresh(store.home)))
    Limits(waiting=5).save(store.home)
    app = open_page("sweep")
    app.button(key="start-sweep").click().run()
    assert any("at most 5 runs that train or wait" in error.value for error in app.error)
    assert queued(store) == []
