"""Recipes and lessons as Jupyter notebooks, which also run in Colab.

They need only keras, numpy and matplotlib, and get MNIST through keras.datasets. The files are written as JSON
in nbformat 4.5 (https://nbformat.readthedocs.io/en/latest/format_description.html). Texts are in the reader's
language; the plots' labels are in English, since matplotlib's own font has no Japanese letters.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from mnist_core.exchange.keras_code import parts_of
from mnist_core.exchange.markdown import escaped, heading
from mnist_core.language.messages import N_, _, message
from mnist_core.lessons.glossary import plain
from mnist_core.lessons.lesson import LESSONS, Lesson, Step
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.recipes.words import shows, title

Cell = dict[str, Any]
_RUN = N_(
    "Run the cells from top to bottom; in Colab choose Runtime, Run all. Elsewhere run "
    "`pip install tensorflow matplotlib` first."
)
_IN_THE_APP = N_("Its steps are done in the app, MNIST Studio; in Colab there is only its text to read.")
_PLOT = '''\
import matplotlib.pyplot as plt


def plot(histories):
    """{what}"""
    figure, axes = plt.subplots(1, 2, figsize=(12, 4))
    for number, (name, history) in enumerate(histories.items()):
        for axis, measure in zip(axes, ("loss", "accuracy")):
            for key, line in ((measure, "--"), (f"val_{measure}", "-")):
                if key in history:
                    epochs = range(1, len(history[key]) + 1)
                    axis.plot(epochs, history[key], line, color=f"C{number}", marker=".", label=f"{name} {key}")
            axis.set_xlabel("epoch")
            axis.set_title(measure)
            axis.legend()
    plt.show()'''
_CURVES = N_("Loss and accuracy of each training: dashed in training, solid in validation.")
_ERRORS = """\
import numpy as np

probabilities = model.predict(x_test, verbose=0)
predicted, label = probabilities.argmax(1), y_test.argmax(1)
wrong = np.flatnonzero(predicted != label)
print(len(wrong), "of", len(label))
figure, axes = plt.subplots(2, 6, figsize=(12, 4.5))
for axis in axes.flat:
    axis.axis("off")
for axis, index in zip(axes.flat, wrong):
    axis.imshow(x_test[index].reshape(28, 28), cmap="gray")
    axis.set_title(f"{label[index]} > {predicted[index]} ({probabilities[index].max():.0%})")
plt.show()"""


def recipe_notebook(recipe: Recipe) -> bytes:
    """The recipe's script in cells, with its curves and the test images that it gets wrong."""
    parts = parts_of(recipe)
    about = [f"# {escaped(title(recipe))}", escaped(shows(recipe)), _published(recipe), _(_RUN)]
    cells = [
        _text(*filter(None, about)),
        *_section(_("Data"), [*parts.start, "", *parts.data]),
        *_section(_("Network"), parts.model),
        *_section(_("Training"), parts.training),
        *_section(_("Curves"), [_plot(), "", "", f'plot({{"{recipe.name}": history.history}})']),
        *_section(_("Test"), parts.test),
        *_section(_("What it gets wrong"), [_ERRORS]),
    ]
    return _notebook(cells)


def lesson_notebook(lesson: Lesson) -> bytes:
    """The lesson's steps: their texts, their questions, their Keras code, and their trainings to run."""
    about = [f"# {lesson.title}", str(lesson.about)]
    if lesson.source:
        about.append(_("It follows a tutorial: {source}.", source=lesson.source))
    about.append(_(_RUN) if lesson.trainings else _(_IN_THE_APP))
    cells = [_text(*about)]
    if lesson.trainings:
        cells.append(_code(_plot(), "", "", "models, histories = {}, {}"))
    trained: set[str] = set()
    for number, step in enumerate(lesson.steps, 1):
        cells.append(_text(*_step(number, step)))
        for name in [name for name in step.runs if name not in trained]:
            cells += _section(lesson.trainings[name].name, _training(name, lesson.trainings[name].recipe), 3)
            trained.add(name)
        if step.runs:
            cells.append(_code(f"plot({{name: histories[name] for name in {list(step.runs)}}})"))
        if answer := _answer(step):
            cells.append(_text(answer))
    return _notebook(cells)


def notebook_of(name: str) -> bytes:
    """The notebook of the recipe or lesson of this name. ValueError if there is neither."""
    if name in RECIPES:
        return recipe_notebook(RECIPES[name])
    if name.removeprefix(LESSON) in LESSONS:
        return lesson_notebook(LESSONS[name.removeprefix(LESSON)])
    raise ValueError(
        message(
            "There is no recipe and no lesson {name!r}. Recipes: {recipes}. Lessons: {lessons}.",
            name=name,
            recipes=", ".join(RECIPES),
            lessons=", ".join(lesson_names()),
        )
    )


LESSON = "lesson-"  # before the name of a lesson that has a recipe's name


def lesson_names() -> list[str]:
    """The names of the lessons for `notebook_of`: "softmax" is a recipe, its lesson "lesson-softmax"."""
    return [f"{LESSON}{name}" if name in RECIPES else name for name in LESSONS]


def _published(recipe: Recipe) -> str:
    if not recipe.published:
        return ""
    return _(
        "The tutorial reports a test accuracy of {accuracy:.4f} ({tutorial}).",
        accuracy=recipe.published.accuracy,
        tutorial=escaped(recipe.published.tutorial),
    )


def _step(number: int, step: Step) -> Iterator[str]:
    yield f"## {number}. {step.title}"
    yield plain(str(step.text))
    if step.code:
        yield f"```python\n{step.code.strip()}\n```"
    if step.question:
        yield _("**Guess first:** {question}", question=plain(str(step.question.text)))
        yield "\n".join(f"- {plain(str(option))}" for option in step.question.options.values())


def _answer(step: Step) -> str:
    """The right option, folded away, where it does not depend on the training."""
    if not step.question or not step.answer:
        return ""
    shown, right = _("Show the answer"), plain(str(step.question.options[step.answer]))
    return f"<details><summary>{shown}</summary>{right}</details>"


def _training(name: str, recipe: Recipe) -> list[str]:
    """The lines that train a lesson's recipe and keep its model and its history."""
    start, data, model, training, test = parts_of(recipe)
    kept = f'models["{name}"], histories["{name}"] = model, history.history'
    return [*start, "", *data, "", *model, "", *training, *test, kept]


def _plot() -> str:
    return _PLOT.replace("{what}", _(_CURVES))


def _section(words: str, lines: Sequence[str], level: int = 2) -> list[Cell]:
    return [_text(heading(level, words)), _code(*lines)]


def _text(*paragraphs: str) -> Cell:
    return {"cell_type": "markdown", "metadata": {}, "source": "\n\n".join(paragraphs)}


def _code(*lines: str) -> Cell:
    source = "\n".join(lines).strip("\n")
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source}


def _notebook(cells: Sequence[Cell]) -> bytes:
    whole = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        },
        "cells": [{"id": f"cell-{number}", **cell} for number, cell in enumerate(cells, 1)],
    }
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()
