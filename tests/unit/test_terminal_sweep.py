"""`python -m mnist_core sweep`: started, interrupted, resumed, and beside a program that trains, too."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from mnist_core.__main__ import main
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.snapshot import snapshots_of
from mnist_core.sweeps.results import results_of
from mnist_core.sweeps.store import SweepStore
from mnist_core.sweeps.sweep import Sweep, read_values

ROOT = Path(__file__).parents[2]
SOFTMAX = ["sweep", "softmax", "--epochs", "1", "--set", "batch_size=64,128"]


def only(store):
    (saved,) = SweepStore(store.home).list()
    return saved


def test_a_sweep_is_trained_and_its_best_setting_said(store, capsys):
    assert main([*SOFTMAX, "--set", "learning_rate=0.0001,0.01", "--json"]) == 0
    out, err = capsys.readouterr()
    assert "4 runs, about" in err
    said, saved = json.loads(out.splitlines()[-1]), only(store)
    assert said["sweep"] == saved.id and [row["state"] for row in said["runs"]] == ["finished"] * 4
    best = max(said["runs"], key=lambda row: row["val_accuracy"])
    assert said["best"]["values"] == {name: best[name] for name in ("batch_size", "learning_rate")}
    assert said["best"]["test_accuracy"] == best["test_accuracy"]
    assert main(["sweep", "--resume", saved.id]) == 0, "nothing is left to do: it says the results again"
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6 and "Best by validation accuracy: batch size" in lines[-1]
    assert main(["sweep", "--list"]) == 0
    assert f"{saved.id}" in (listed := capsys.readouterr().out) and "4/4  Softmax regression" in listed


def test_ctrl_c_stops_all_of_it_and_resume_goes_on(store, capsys):
    command = [sys.executable, "-m", "mnist_core", "sweep", "mlp", "--epochs", "200", "--set", "units=8,16"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if line.startswith("epoch 1/"):
                process.send_signal(signal.SIGINT)
                break
        said = process.stderr.read()
        process.wait(120)
    saved = only(store)
    results = results_of(saved, store)
    assert process.returncode == 1 and f"--resume {saved.id}" in said
    assert [trial.snapshot.status for trial in results.trials] == ["stopped", "stopped"]
    first = results.trials[0].snapshot.run
    assert first.has_model and first.can_go_on, "what it has learnt is kept"
    assert [trial.run_id for trial in results.can_go_on] == list(saved.runs)


def test_runs_that_another_program_trains_are_waited_for_and_not_trained_twice(store, capsys):
    sweep = Sweep(RECIPES["softmax"], (read_values("batch_size", "64, 128"),))
    saved = SweepStore(store.home).create(sweep, "Shared", "", store.create)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        assert store.get(saved.runs[0]).claim(other.pid)
        killed = []
        timer = threading.Timer(1.0, lambda: (killed.append(time.time()), other.kill()))
        timer.start()
        assert main(["sweep", "--resume", saved.id]) == 1
    timer.join()
    attempts = [store.get(run_id).attempt for run_id in saved.runs]
    assert [attempt.pid for attempt in attempts] == [other.pid, os.getpid()]
    assert "1 run ended early" in capsys.readouterr().err
    assert [of.status for of in snapshots_of(store).all] == ["finished", "failed"]
    assert store.get(saved.runs[1]).begun >= killed[0], "one run at a time on a machine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Name a recipe, or a sweep with --resume"),
        (["magic"], "There is no run magic"),
        (["softmax"], "one run only"),
        (["softmax", "--set", "units=8,16"], "no hidden dense layer"),
        (["softmax", "--set", "learning_rate"], "--set takes NAME=VALUES"),
        (["softmax", "--set", "magic=1,2"], "no setting 'magic'"),
        (["softmax", "--set", "batch_size=32,x"], "batch size: 32,x is not a list of numbers"),
        (["softmax", "--seeds", "0"], "1 to 10 seeds"),
        (["--resume", "nope"], "There is no sweep nope"),
    ],
)
def test_an_error_is_one_clear_line_and_nothing_is_queued(store, capsys, arguments, words):
    assert main(["sweep", *arguments]) == 1
    err = capsys.readouterr().err.splitlines()[-1]
    assert err.startswith("error: ") and words in err
    assert store.list() == []
