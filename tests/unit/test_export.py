"""What the program that makes exported files leaves behind."""

import json

import pytest

from mnist_core import export
from mnist_core.exchange.formats import made_path
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.run import RunError
from mnist_core.runs.store import STARTER


def test_a_run_that_is_deleted_while_its_file_is_made_leaves_nothing(store, home, monkeypatch):
    run = store.create(RECIPES["softmax"])
    monkeypatch.setitem(export.MAKERS, "onnx", lambda run, report: store.delete(run) or b"made")
    with pytest.raises(RunError, match=f"{run.id} was deleted"):
        export.write(run, "onnx", made_path(home, run, "onnx"))
    assert not (home / "exports").exists()


def test_a_smaller_model_is_never_without_its_accuracies(store, home, small, monkeypatch):
    run = store.get(STARTER)
    monkeypatch.setitem(export.MAKERS, "tflite-int8", lambda run, report: run.lite_path.read_bytes())
    path = made_path(home, run, "tflite-int8")

    def killed(into):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(export, "whole", killed)
        export.write(run, "tflite-int8", path)
    kept = json.loads(path.with_name(f"{path.name}.json").read_text("utf-8"))
    assert kept["accuracy"] == kept["float_accuracy"] and not path.exists()
    assert export.write(run, "tflite-int8", path) == kept and path.stat().st_size == kept["bytes"]
