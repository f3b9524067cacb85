"""What a run can be taken away as: the table of formats, and the files that need no TensorFlow."""

import ast
import csv
import io
import json
import os

import pytest

from mnist_core import export
from mnist_core.exchange import formats, scripts
from mnist_core.exchange.formats import FORMATS
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.run import RunError
from mnist_core.runs.store import STARTER

AT_ONCE = [name for name, kind in FORMATS.items() if not kind.needs_tensorflow]


@pytest.fixture
def starter(store):
    return store.get(STARTER)


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_made_at_once_or_by_the_program(name, store, small):
    kind = FORMATS[name]
    assert kind.name == name
    assert kind.suffix.lstrip("-").count(".") == 1
    assert (name in export.MAKERS) == kind.needs_tensorflow
    waiting = store.create(RECIPES["softmax"])
    assert formats.file_name(waiting, name) == f"{waiting.id}{kind.suffix}"
    assert scripts.has_script(name) == (name in ("keras", "tflite", "tflite-int8", "onnx"))


def test_models_are_the_runs_own_files(starter, small):
    assert formats.content("keras", starter, small) == starter.model_path.read_bytes()
    assert formats.content("tflite", starter, small) == starter.lite_path.read_bytes()


@pytest.mark.parametrize("name", ["keras", "tflite", "card", "card-markdown"])
def test_a_run_without_a_model_says_so(name, store, small):
    with pytest.raises(RunError, match=r"has no model yet|is not complete"):
        formats.content(name, store.create(RECIPES["softmax"]), small)


def test_script_and_notebook_are_those_of_the_recipe(starter, small):
    ast.parse(formats.content("script", starter, small).decode())
    assert json.loads(formats.content("notebook", starter, small))["nbformat"] == 4


def test_the_table_of_metrics_holds_every_number(store, small):
    run = store.create(RECIPES["softmax"])
    rows = [
        {"epoch": 1, "step": 3, "epochs_done": 0.3, "seconds": 0.5, "loss": 2.25, "accuracy": 0.125},
        {"note": "the disk is nearly full"},
        {"epoch": 1, "step": 9, "epochs_done": 1.0, "seconds": 1.5, "loss": None, "accuracy": 0.5, "end": True}
        | {"val_loss": 1.5, "val_accuracy": 0.75},
    ]
    (run.folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    told = list(csv.DictReader(io.StringIO(formats.content("csv", run, small).decode())))
    for row, found in zip((rows[0], rows[2]), told, strict=True):
        assert {name: value for name, value in found.items() if value} == {
            name: str(value) for name, value in row.items() if value is not None
        }


def test_a_kept_file_is_fresh_until_the_model_changes(store, home):
    run = store.create(RECIPES["softmax"])
    run.model_path.write_bytes(b"a model")
    path = formats.made_path(home, run, "onnx")
    assert path == home / "exports" / run.id / "model.onnx"
    assert not formats.is_fresh(run, path)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"made of it")
    later = run.model_path.stat().st_mtime + 5
    os.utime(path, (later, later))
    assert formats.is_fresh(run, path)
    os.utime(run.model_path, (later + 5, later + 5))
    assert not formats.is_fresh(run, path)


@pytest.mark.parametrize("name", [name for name, kind in FORMATS.items() if kind.needs_curves])
@pytest.mark.parametrize("rows", ["", '{"note": "the disk is nearly full"}\n'])
def test_a_run_without_curves_says_so(name, rows, store, starter, small, tmp_path):
    run = store.create(RECIPES["softmax"])
    if rows:
        (run.folder / "metrics.jsonl").write_text(rows)
    assert formats.lacking(name, starter) is None
    assert str(formats.lacking(name, run)) == "No curves are known of this run."
    for make in (
        lambda: formats.content(name, run, small),
        lambda: export.in_a_process(run, name),
        lambda: export.write(run, name, tmp_path / "made"),
    ):
        with pytest.raises(RunError, match="No curves"):
            make()
    assert not (tmp_path / "made").exists()


def test_a_missing_package_is_named_with_the_command_that_installs_it(monkeypatch):
    assert all(formats.missing(name) is None for name in FORMATS)
    monkeypatch.setattr(formats.importlib.util, "find_spec", lambda name: None)
    assert str(formats.missing("onnx")).endswith("not installed here: pip install tf2onnx onnx")
    assert formats.missing("tflite-int8") is None
