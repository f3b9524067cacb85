"""Recipes and lessons as notebooks: each is valid and its code runs, one of them in a real kernel."""

import json
import re
from dataclasses import replace

import keras
import matplotlib
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from mnist_core.exchange.notebook import lesson_names, lesson_notebook, notebook_of, recipe_notebook
from mnist_core.language.catalogues import languages, using
from mnist_core.lessons.lesson import LESSONS
from mnist_core.recipes.table import RECIPES

NAMES = (*RECIPES, *lesson_names())
every_notebook = pytest.mark.parametrize("name", NAMES)


def cells_of(content: bytes, kind: str) -> list[str]:
    return [cell["source"] for cell in json.loads(content)["cells"] if cell["cell_type"] == kind]


@pytest.fixture
def quick(monkeypatch, small) -> None:
    """Few images, one epoch, no compiling and no windows."""
    train, test = small.train[:160], small.test[:40]
    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: (tuple(train), tuple(test)))
    fit, compile_ = keras.Model.fit, keras.Model.compile
    once = {"epochs": 1, "verbose": 0}
    monkeypatch.setattr(keras.Model, "fit", lambda self, *data, **given: fit(self, *data, **given | once))
    monkeypatch.setattr(keras.Model, "compile", lambda self, **given: compile_(self, **given, run_eagerly=True))
    matplotlib.use("agg")


def test_recipes_and_lessons_have_names_of_their_own():
    assert len(NAMES) == len(set(NAMES)) == len(RECIPES) + len(LESSONS)
    assert notebook_of("softmax") == recipe_notebook(RECIPES["softmax"])
    assert notebook_of("lesson-softmax") == lesson_notebook(LESSONS["softmax"])
    with pytest.raises(ValueError, match="There is no recipe and no lesson 'magic'"):
        notebook_of("magic")


@every_notebook
def test_a_notebook_is_valid_in_every_language_and_its_links_are_plain_words(name):
    for language in languages():
        with using(language):
            content = notebook_of(name)
        nbformat.validate(nbformat.reads(content.decode(), 4))
        texts = cells_of(content, "markdown")
        assert texts[0].startswith("# ")
        assert "Colab" in texts[0]
        assert not any(re.search(r"\[\[|words\?term=", text) for text in texts)
        for code in cells_of(content, "code"):
            imported = set(re.findall(r"^(?:import|from) (\w+)", code, re.MULTILINE))
            assert imported <= {"keras", "numpy", "matplotlib"}


@every_notebook
def test_the_code_of_a_notebook_runs(name, quick, capsys):
    import matplotlib.pyplot as plt

    names: dict = {"__name__": "notebook"}
    for number, code in enumerate(cells_of(notebook_of(name), "code"), 1):
        code = code.replace("range(15, 60)", "range(24, 26)")  # temperatures: each is an evaluation
        exec(compile(code, f"{name}, cell {number}", "exec"), names)
    figures = len(plt.get_fignums())
    plt.close("all")
    if name in RECIPES:
        assert figures == 2
        assert f"test accuracy {names['test_accuracy']:.4f}" in capsys.readouterr().out
    else:
        lesson = LESSONS[name.removeprefix("lesson-")]
        assert figures == sum(bool(step.runs) for step in lesson.steps)
        assert names.get("histories", {}).keys() == lesson.trainings.keys()


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_a_lesson_keeps_its_texts_its_code_and_its_questions(lesson):
    texts = "\n".join(cells_of(lesson_notebook(lesson), "markdown"))
    for step in lesson.steps:
        assert f" {step.title}\n" in texts
        assert step.code.strip() in texts
        if step.question:
            assert all(
                f"- {option}" in texts for option in step.question.options.values() if "[[" not in str(option)
            )


def test_a_title_in_odd_letters_stays_a_title():
    odd = replace(RECIPES["softmax"], title="<b>*mine*</b> [x](javascript:y)")
    content = recipe_notebook(odd)
    assert cells_of(content, "markdown")[0].startswith(r"# \<b\>\*mine\*\</b\> \[x\](javascript:y)")
    compile(cells_of(content, "code")[0], "cell", "exec")


def test_a_kernel_runs_a_notebook_from_top_to_bottom(small, tmp_path, monkeypatch):
    monkeypatch.delenv("MPLBACKEND", raising=False)  # Streamlit sets it when it is imported
    np.savez(tmp_path / "few.npz", *small.train[:500], *small.test[:100])
    notebook = nbformat.reads(notebook_of("softmax").decode(), 4)
    few = (
        "import keras, numpy\n"
        f"few = list(numpy.load({str(tmp_path / 'few.npz')!r}).values())\n"
        "keras.datasets.mnist.load_data = lambda: (tuple(few[:2]), tuple(few[2:]))"
    )
    notebook.cells.insert(0, nbformat.v4.new_code_cell(few))
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("test accuracy" in output.get("text", "") for output in outputs)
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 2
