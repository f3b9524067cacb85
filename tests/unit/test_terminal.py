"""`python -m mnist_core` as a user runs it."""

import gzip
import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from mnist_core.__main__ import main
from mnist_core.preprocessing.preprocess import from_strokes
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.snapshot import snapshot_of
from mnist_core.runs.store import RunStore
from mnist_core.training.fill import train_run
from tests.pictures import KINDS
from tests.unit.strokes import FOUR, ONE, SEVEN

ROOT = Path(__file__).parents[2]


def core(*arguments: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "mnist_core", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)


def last_json(done: subprocess.CompletedProcess) -> dict:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def seven(tmp_path) -> Path:
    path = tmp_path / "seven.png"
    ink = from_strokes([[(0, 0), (60, 0), (20, 100)]])
    Image.fromarray(255 - np.kron(ink, np.ones((6, 6), np.uint8))).save(path)
    return path


def test_train_then_evaluate_then_runs(home):
    trained = last_json(core("train", "softmax", "--seed", 3, "--epochs", 2, "--json"))
    assert set(trained) == {"run", "recipe", "seed", "epochs", "test_accuracy", "test_loss", "seconds"}
    assert (trained["recipe"], trained["seed"], trained["epochs"]) == ("softmax", 3, 2)
    run = RunStore(home).get(trained["run"])
    assert snapshot_of(run).status == "finished" and "epoch 2/2" in run.log_tail()
    evaluated = last_json(core("evaluate", "--run", run.id, "--json"))
    assert evaluated["accuracy"] == trained["test_accuracy"]
    assert np.sum(evaluated["confusion_matrix"]) == 300 and len(evaluated["per_digit"]) == 10
    assert [row["run"] for row in last_json(core("runs", "--json"))["runs"]] == ["starter", run.id]
    assert run.id in core("runs").stdout


def test_it_says_when_the_digits_are_not_mnist(home):
    assert "stand-in digits that the program draws itself, not MNIST" in core("evaluate").stderr


def test_predict_reads_pictures_and_goes_on_after_a_bad_one(home, seven, tmp_path):
    answer = last_json(core("predict", seven, "--json"))
    assert (
        answer["file"] == str(seven)
        and answer["digit"] == 7
        and sum(answer["probabilities"]) == pytest.approx(1, abs=1e-4)
    )
    done = core("predict", tmp_path / "no such.png", seven, "--json")
    assert done.returncode == 1 and json.loads(done.stdout)["digit"] == 7
    assert done.stderr.splitlines()[-1] == f"error: {tmp_path / 'no such.png'}: No such file or directory"


def test_predict_prints_a_line_a_digit_in_the_order_of_reading(home, tmp_path):
    for name, kind in (("rows", "two rows"), ("plus", "no digit among them")):
        KINDS[kind][0].save(tmp_path / f"{name}.png")
    done = core("predict", tmp_path / "rows.png", tmp_path / "plus.png", "--json")
    lines = list(map(json.loads, done.stdout.splitlines()))
    assert [(of["row"], of["place"], of["digit"]) for of in lines[:6]] == [
        (1, 1, 1), (1, 2, 2), (1, 3, 3), (2, 4, 4), (2, 5, 5), (2, 6, 6),
    ]  # fmt: skip
    assert [of["is_digit"] for of in lines[6:]] == [True, False, True]


def test_train_takes_pen_digits_but_none_of_the_writers_held_out_and_ships_none(home, tmp_path):
    kinds = ((1, ONE), (4, FOUR), (7, SEVEN))
    digits = [
        {"label": label, "writer": f"{writer}", "source": "here", "strokes": strokes}
        for writer in range(5)
        for label, strokes in kinds
    ]
    (tmp_path / "pen").mkdir()
    with gzip.open(tmp_path / "pen" / "here.json.gz", "wt") as file:
        json.dump(digits, file)
    command = ["train", "softmax", "--epochs", "1", "--pen", tmp_path / "pen"]
    done = core(*command, "--into", tmp_path / "shipped")
    assert done.returncode == 0 and "12 pen digits of 4 writers" in done.stderr
    assert json.loads((tmp_path / "shipped" / "result.json").read_text())["pen_digits"] == 12
    assert not (tmp_path / "shipped" / "pen.npz").exists()
    refused = core("train", "softmax", "--pen", tmp_path)
    assert refused.returncode == 1 and "holds no *.json.gz with pen digits" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "magic"], "There is no recipe 'magic'; there are fast, sharp, long, best"),
        (["train", "softmax", "--epochs", "0"], "epochs is 0; it must be a number from 1 to 200"),
        (["train", "softmax", "--seed", "-1"], "seed is -1"),
        (["evaluate", "--run", "../x"], "not the name of a run"),
        (["evaluate", "--run", "nope"], "There is no run nope"),
        (["predict", __file__], "not a picture that can be read"),
        (["train", "softmax", "--into", str(ROOT / "tests")], "is not empty"),
        (
            ["export", "starter", "--format", "gif", "-o", "x"],
            "There is no format 'gif'; there are keras",
        ),
        (["export", "nope", "--format", "keras", "-o", "x"], "There is no run nope"),
        (
            ["export", "starter", "--format", "csv", "-o", "/no/such/x.csv"],
            "/no/such/x.csv cannot be written: No",
        ),
        (["export", "starter", "--format", "onnx", "-o", str(ROOT)], "cannot be written: Is a directory"),
        (["notebook", "magic", "-o", "x"], "There is no recipe and no lesson 'magic'"),
    ],
)
def test_an_error_is_one_clear_line(home, arguments, message, capsys):
    assert main(arguments) == 1
    said = capsys.readouterr()
    lines = [line for line in said.err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1 and message in lines[0] and "Traceback" not in said.err and said.out == ""


def test_ctrl_c_keeps_what_was_learnt_and_is_not_a_success(home):
    command = [sys.executable, "-m", "mnist_core", "train", "mlp", "--epochs", "200"]
    with subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        store, deadline = RunStore(home), time.monotonic() + 60
        while not any(run.metrics() for run in store.list()) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    (run,) = store.list()
    assert process.returncode == 1 and f"python -m mnist_core resume {run.id}" in errors
    assert snapshot_of(run).status == "stopped" and run.has_model


def test_the_list_of_recipes_is_complete(home):
    listed = last_json(core("recipes", "--json"))["recipes"]
    assert {"fast", "best", "softmax", "mlp", "chollet-cnn", "dropout-cnn", "tuning-a", "tuning-e"} <= {
        r["name"] for r in listed
    }
    assert "0.9273" in core("recipes").stdout


def test_the_three_layer_perceptron_is_on_its_way_to_the_published_figure_after_an_epoch(
    home, mnist, monkeypatch
):
    monkeypatch.setenv("MNIST_DIR", mnist.source)
    assert last_json(core("train", "mlp", "--epochs", 1, "--json"))["test_accuracy"] >= 0.91


def test_an_interrupted_training_is_resumed_and_a_finished_one_takes_more_epochs(store, small):
    run = store.create(replace(RECIPES["softmax"], epochs=2))
    train_run(run, small)
    assert "more than 2 adds epochs" in core("resume", run.id).stderr
    assert last_json(core("resume", run.id, "--epochs", 4, "--json"))["epochs"] == 4
    assert [row["epoch"] for row in run.metrics() if "end" in row] == [1, 2, 3, 4]
    assert "There is no run gone" in core("resume", "gone").stderr


def test_a_run_whose_recipe_was_spoilt_by_hand_is_named_and_the_others_are_listed(home):
    store = RunStore(home)
    good, spoilt = (store.create(RECIPES["softmax"]) for _ in range(2))
    path = spoilt.folder / "recipe.json"
    path.write_text(path.read_text().replace('"epochs": 20', '"epochs": -3'))
    done = core("runs", "--json")
    assert (
        f"Run {spoilt.id} has no readable recipe.json: delete its folder. The reason: epochs is -3"
        in done.stderr
    )
    starter, waiting = last_json(done)["runs"]
    assert (starter["run"], starter["status"], starter["place"]) == ("starter", "finished", None)
    assert (waiting["run"], waiting["status"], waiting["place"]) == (good.id, "queued", 1)
    assert f"{good.id:40} softmax      queued         number 1 in line" in core("runs").stdout


def test_a_model_is_exported_with_the_script_that_reads_it(home, seven, tmp_path):
    done = core("export", "starter", "--format", "onnx", "-o", tmp_path / "model.onnx", "--json")
    answer = last_json(done)
    assert answer["bytes"] == (tmp_path / "model.onnx").stat().st_size > 1_000_000
    assert answer["script"] == str(tmp_path / "model_onnx.py")
    read = subprocess.run([sys.executable, "-I", answer["script"], seven], capture_output=True, text=True)
    assert read.stdout.startswith("7 ")
    assert sorted(path.name for path in tmp_path.glob("model*")) == ["model.onnx", "model_onnx.py"]


def test_an_export_that_fails_leaves_the_older_file_as_it_was(home, tmp_path):
    store = RunStore(home)
    run = store.create(RECIPES["softmax"])
    run.model_path.write_bytes(b"not a model")
    (tmp_path / "small.tflite").write_bytes(b"older")
    done = core("export", run.id, "--format", "tflite-int8", "-o", tmp_path / "small.tflite")
    assert done.returncode == 1
    assert len([line for line in done.stderr.splitlines() if line.startswith("error: ")]) == 1
    assert (tmp_path / "small.tflite").read_bytes() == b"older"
    assert not list(tmp_path.glob("*.tmp"))


def test_a_notebook_and_a_card_are_written_and_said(home, tmp_path):
    done = core("notebook", "lesson-softmax", "-o", tmp_path / "lesson.ipynb")
    assert f"{tmp_path / 'lesson.ipynb'}: " in done.stdout
    assert json.loads((tmp_path / "lesson.ipynb").read_text())["nbformat"] == 4
    done = core("export", "starter", "--format", "card", "-o", tmp_path / "card.html")
    assert done.stdout.startswith(f"{tmp_path / 'card.html'}: ") and done.stdout.count("\n") == 1


def test_a_format_whose_packages_are_missing_says_how_to_install_them(home, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["export", "starter", "--format", "onnx", "-o", str(tmp_path / "model.onnx")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert line.endswith("pip install tf2onnx onnx")
    assert not list(tmp_path.glob("*.onnx"))


def test_a_model_is_imported_as_a_run_and_a_file_that_is_none_is_refused(store, tmp_path):
    model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10)])
    model.save(tmp_path / "mine.keras")
    done = core("import", tmp_path / "mine.keras", "--pixels", "raw", "--json")
    answer = last_json(done)
    run = store.get(answer["run"])
    assert run.recipe.title == "mine" and not run.recipe.scaling and answer["accuracy"] == answer["raw"]
    assert "note: The model ended with logits; softmax was added." in done.stderr
    refused = core("import", __file__)
    assert refused.returncode == 1 and "neither a bundle nor a .keras" in refused.stderr
    assert list((store.home / "incoming").iterdir()) == []


def test_weights_are_imported_for_the_network_of_a_recipe_or_a_run(store, tmp_path):
    model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, "softmax")])
    model.save_weights(tmp_path / "mine.weights.h5")
    run = store.create(RECIPES["softmax"])
    answer = last_json(core("import", tmp_path / "mine.weights.h5", "--like", run.id, "--json"))
    assert store.get(answer["run"]).recipe.layers == run.recipe.layers
    for like, words in (
        ([], "choose the recipe or the run whose network it belongs to"),
        (["--like", "mlp"], "dense"),
        (["--like", "magic"], "There is no run magic"),
    ):
        refused = core("import", tmp_path / "mine.weights.h5", *like)
        assert refused.returncode == 1 and words in refused.stderr.splitlines()[-1]


def test_nothing_is_imported_on_a_shared_server(home, monkeypatch):
    monkeypatch.setenv("MNIST_SHARED", "1")
    refused = core("import", __file__)
    assert refused.returncode == 1 and "switched off on this server" in refused.stderr
