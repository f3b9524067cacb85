"""The way in from Python: each line of docs/api.md runs, and says what the page says."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mnist_core import api, export
from mnist_core.jobs.tasks import Task
from mnist_core.preprocessing.preprocess import DrawingError
from mnist_core.runs.run import Run, RunError
from mnist_core.runs.snapshot import snapshot_of
from mnist_core.runs.store import STARTER
from mnist_core.training import fill
from tests.pictures import paper, write

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


def do_here(task: Task, report: Any) -> dict[str, Any]:
    """What the program would do, in this process, which has TensorFlow already."""
    order = json.loads(task.line)
    return export.write(Run(Path(order["run"])), order["format"], Path(order["into"]), report)


@pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")  # as in test_agreement.py
def test_every_line_of_the_page_runs(home, small, tmp_path, monkeypatch):
    write(paper(), "27").save(tmp_path / "picture.png")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(export, "do", do_here)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 7
    names: dict = {}
    values = {}
    for block in blocks:
        for line in ast.parse(block).body:
            source = ast.unparse(line)
            if isinstance(line, ast.Expr):
                values[source] = eval(source, names)
            else:
                exec(source, names)
    assert values["(dataset.train.images.shape, dataset.test.labels.shape)"] == ((1200, 28, 28), (300,))
    assert [run.id for run in values["api.runs()"]] == [names["run"].id]
    assert values["api.load(run.id)"] == names["run"]
    assert values["run.metrics()[-1]"]["val_accuracy"] == pytest.approx(values["run.result['test_accuracy']"])
    assert values["api.probabilities(starter, seven).argmax()"] == 7
    assert values["api.probabilities(starter, digits).argmax(1)"].tolist() == [2, 7]
    assert len(values["[digit.box for digit in found.digits]"]) == 2
    small_model = values["api.export(run, 'tflite-int8', 'small.tflite')"]
    assert small_model["bytes"] == (tmp_path / "small.tflite").stat().st_size
    assert small_model["float_accuracy"] == pytest.approx(names["evaluation"].accuracy)
    assert "<h1>" in (tmp_path / "card.html").read_text("utf-8")
    assert [path.name for path in tmp_path.glob("small*")] == ["small.tflite"]
    assert names["small"].recipe.title == "Eight filters"


@pytest.mark.parametrize(
    ("error", "raised", "status"),
    [(KeyboardInterrupt, KeyboardInterrupt, "stopped"), (MemoryError, RunError, "failed")],
)
def test_a_training_that_is_interrupted_has_ended_though_its_program_lives_on(
    error, raised, status, store, small, monkeypatch
):
    def interrupted(row, epochs):
        if row["epoch"] == 2:
            raise error

    with monkeypatch.context() as patched, pytest.raises(raised):
        patched.setattr(fill, "epoch_line", interrupted)
        api.train("softmax", epochs=3)
    (run,) = api.runs()
    snapshot = snapshot_of(run)
    assert (snapshot.status, snapshot.is_under_way, snapshot.can_resume) == (status, False, True)
    assert [path.name for path in run.folder.glob("heartbeat*")] == []
    fill.train_run(run.resume(), small)
    assert snapshot_of(run).status == "finished"
    store.delete(run)


def test_one_image_has_one_answer_and_a_run_may_be_named(home, small):
    many = api.probabilities(STARTER, small.test.images[:2])
    one = api.probabilities(api.load(), small.test.images[0])
    assert (many.shape, one.shape) == ((2, 10), (10,))
    assert np.allclose(many[0], one, atol=1e-5)


def test_pictures_are_read_from_files_and_from_memory(home, tmp_path):
    page = write(paper(), "3")
    page.save(tmp_path / "three.png")
    assert (api.from_image(page) == api.from_image(tmp_path / "three.png")).all()
    assert api.from_image(Image.new("L", (50, 50), 255)).shape == (0, 28, 28)


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: api.train("magic"), ValueError, "There is no recipe 'magic'; there are fast"),
        (lambda: api.train("fast", epochs=0), ValueError, "epochs is 0"),
        (lambda: api.load("nope"), RunError, "There is no run nope"),
        (lambda: api.from_strokes([]), DrawingError, "There are no strokes"),
        (lambda: api.from_image(__file__), DrawingError, "not a picture that can be read"),
        (lambda: api.export(STARTER, "gif", "x"), ValueError, "There is no format 'gif'; there are keras"),
    ],
)
def test_a_mistake_is_said_in_words(home, call, kind, words):
    with pytest.raises(kind, match=words):
        call()
