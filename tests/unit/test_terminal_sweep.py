"""`python -m mnist_core sweep`: started, interrupted, resumed, and beside a program that trains, too."""

import json
import signal
import subprocess
import sys
import threading
import time
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest

from mnist_core.__main__ import main
from mnist_core.files import write_json
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.snapshot import snapshot_of
from mnist_core.sweeps.results import results_of
from mnist_core.sweeps.store import SweepStore
from mnist_core.sweeps.sweep import Sweep, read_values, seeds_from
from mnist_core.terminal_sweep import _say_results

ROOT = Path(__file__).parents[2]


def only(store):
    (saved,) = SweepStore(store.home).list()
    return saved


def test_ctrl_c_stops_all_of_it_and_keeps_what_was_learnt(store):
    command = [sys.executable, "-m", "mnist_core", "sweep", "mlp", "--epochs", "200", "--set", "units=8,16"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 120
        while not any(run.metrics() for run in store.list()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    saved = only(store)
    results = results_of(saved, store)
    assert process.returncode == 1 and f"--resume {saved.id}" in said
    assert [trial.snapshot.status for trial in results.trials] == ["stopped", "stopped"]
    assert results.trials[0].snapshot.run.has_model, "what it has learnt is kept"
    assert [trial.run_id for trial in results.can_go_on] == list(saved.runs)


def test_a_run_that_another_program_trains_is_waited_for_and_one_that_failed_is_resumed(store, capsys):
    sweep = Sweep(replace(RECIPES["softmax"], epochs=1), (read_values("batch_size", "64, 128"),))
    saved = SweepStore(store.home).create(sweep, "Shared", "", store.create)
    first, second = map(store.get, saved.runs)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        assert first.claim(other.pid)
        killed = []
        timer = threading.Timer(1.0, lambda: (killed.append(time.time()), other.kill()))
        timer.start()
        assert main(["sweep", "--resume", saved.id]) == 1
    assert "1 run ended early" in capsys.readouterr().err
    assert first.attempt.pid == other.pid and snapshot_of(first).status == "failed"
    assert snapshot_of(second).status == "finished"
    assert second.begun >= killed[0], "one run at a time on a machine"
    assert main(["sweep", "--resume", saved.id, "--json"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["sweep"] == saved.id and [row["state"] for row in said["runs"]] == ["finished", "finished"]
    best = max(said["runs"], key=lambda row: row["val_accuracy"])
    assert said["best"]["values"] == {"batch_size": best["batch_size"]}
    assert said["best"]["test_accuracy"] == best["test_accuracy"]
    assert main(["sweep", "--resume", saved.id]) == 0, "nothing is left to do: it says the results again"
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5 and "Best by validation accuracy: batch size" in lines[3]
    assert "chance may decide" in lines[4]
    assert main(["sweep", "--list"]) == 0
    assert f"{saved.id}" in (listed := capsys.readouterr().out) and "2/2  Shared" in listed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Name a recipe, or a sweep with --resume"),
        (["magic"], "There is no recipe and no run magic. The recipes are "),
        (["softmax"], "one run only"),
        (["softmax", "--set", "units=8,16"], "no hidden dense layer"),
        (["softmax", "--set", "learning_rate"], "--set takes NAME=VALUES"),
        (["softmax", "--set", "magic=1,2"], "no setting 'magic'"),
        (["softmax", "--set", "batch_size=32,x"], "batch size: 32,x is not a list of whole numbers"),
        (["softmax", "--seeds", "0"], "1 to 10 seeds"),
        (["softmax", "--set", "learning_rate=-1"], "learning rate: -1 is not possible"),
        (["--resume", "nope"], "There is no sweep nope"),
        (["--resume", "nope", "mlp", "--epochs", "1"], "leave out RECIPE, --epochs."),
        (["--list", "--resume", "nope"], "--list only lists the sweeps: leave out --resume."),
    ],
)
def test_an_error_is_one_clear_line_and_nothing_is_queued(store, capsys, arguments, words):
    assert main(["sweep", *arguments]) == 1
    err = capsys.readouterr().err.splitlines()[-1]
    assert err.startswith("error: ") and words in err
    assert store.list() == []


def test_without_sweeps_the_list_says_so(store, capsys):
    assert main(["sweep", "--list"]) == 0
    assert capsys.readouterr().out == "There are no sweeps yet.\n"


def test_what_is_said_of_one_with_seeds_only_and_of_one_without_results(store, capsys):
    saved = SweepStore(store.home).create(Sweep(RECIPES["softmax"], (seeds_from(0, 2),)), "S", "", store.create)
    for run_id in saved.runs:
        store.get(run_id).ask_to_stop()
    _say_results(Namespace(json=False), saved, results_of(saved, store))
    assert capsys.readouterr().out == "", "no heading without rows"
    for run_id in saved.runs:
        end = {"epoch": 1, "val_accuracy": 0.9, "end": True}
        (store.get(run_id).folder / "metrics.jsonl").write_text(f"{json.dumps(end)}\n")
        write_json(store.get(run_id).folder / "result.json", {"status": "finished", "test_accuracy": 0.5})
    _say_results(Namespace(json=False), saved, results_of(saved, store))
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "Over all seeds: validation accuracy 0.9000; test accuracy 0.5000"
