"""What a lesson is, and where it is read from: one TOML file a lesson, listed in LESSONS.

title.en = "…"                      every text stands there in all languages
about.en = "…"
minutes = 10
source = "OSCA, …"                  the tutorial it follows; "" without one

[runs.main]                         a training that steps use: a recipe, and what differs from it
recipe = "softmax"
label.en = "…"                      what it is called beside others; by default the recipe's title
epochs = 5

[[steps]]
name = "train"
title.en = "…"
text.en = "…"                       Markdown; [[loss]] links to the glossary
code = '''…'''                      the lines of Keras
runs = ["main"]                     trained by this step if they have not been yet
image = 8                           the image that the step begins with, or "surest_error"
show = ["curves"]                   what is shown then: pages/components/learn/views.py
reading = "val_loss"                what is read from it: readings.py
answer = "784"                      the right option, where no reading decides

[steps.question]
text.en = "…"
options = [{name = "falls", en = "…", ja = "…"}, {name = "784"}]

[steps.says]                        what was read, for each outcome; "always" for the others
falls.en = "… {lowest:.4f} …"
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mnist_core.language.texts import Text
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.recipes.words import title

TUTORIALS = ("softmax", "perceptron", "tuning", "convnet", "dropout")
FURTHER = ("learning-rate", "shifted", "few-images", "shuffled", "zeros", "handwriting")
ALWAYS = "always"


@dataclass(frozen=True)
class Question:
    """A question with its options by name, to be answered before the step is run."""

    text: Text
    options: Mapping[str, Text]


@dataclass(frozen=True)
class Training:
    """A training of a lesson, and what it is called beside others; None for the recipe's title."""

    recipe: Recipe
    label: Text | None = None

    @property
    def name(self) -> str:
        """In the reader's language."""
        return title(self.recipe) if self.label is None else str(self.label)


@dataclass(frozen=True)
class Step:
    """One step: what to expect, the Keras code, a guess, what to run and show, and what is read from it.

    `runs` names trainings of the lesson. `says` has a text for each outcome of the reading.
    """

    name: str
    title: Text
    text: Text
    code: str = ""
    question: Question | None = None
    runs: tuple[str, ...] = ()
    image: int | str | None = None
    show: tuple[str, ...] = ()
    reading: str = ""
    answer: str = ""
    says: Mapping[str, Text] = field(default_factory=dict)

    def says_of(self, outcome: str) -> Text:
        """The text for this outcome. KeyError if there is none."""
        return self.says[outcome] if outcome in self.says else self.says[ALWAYS]


@dataclass(frozen=True)
class Lesson:
    """A lesson with its trainings by name and its steps in order."""

    name: str
    title: Text
    about: Text
    minutes: int
    steps: tuple[Step, ...]
    source: str = ""
    trainings: Mapping[str, Training] = field(default_factory=dict)

    def step(self, name: str | None) -> Step:
        """The step of this name, else the first one."""
        return next((step for step in self.steps if step.name == name), self.steps[0])


def _lesson(name: str) -> Lesson:
    data = tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text("utf-8"))
    return Lesson(
        name=name,
        title=Text(data.pop("title")),
        about=Text(data.pop("about")),
        trainings={key: _training(**of) for key, of in data.pop("runs", {}).items()},
        steps=tuple(map(_step, data.pop("steps"))),
        **data,
    )


def _step(data: dict[str, Any]) -> Step:
    asked = data.pop("question", None)
    return Step(
        title=Text(data.pop("title")),
        text=Text(data.pop("text")),
        question=Question(Text(asked["text"]), dict(map(_option, asked["options"]))) if asked else None,
        says={outcome: Text(of) for outcome, of in data.pop("says", {}).items()},
        **{key: tuple(of) if isinstance(of, list) else of for key, of in data.items()},
    )


def _option(data: dict[str, str]) -> tuple[str, Text]:
    name = data.pop("name")
    return name, Text(data or {"en": name})


def _training(recipe: str, label: Mapping[str, str] | None = None, **changes: Any) -> Training:
    """The recipe with the changes, in the JSON form of recipes; changed, it has no published figures."""
    planned = RECIPES[recipe]
    if changes:
        planned = Recipe.from_json({**planned.to_json(), "published": None, **changes})
    return Training(planned, Text(label) if label else None)


LESSONS: dict[str, Lesson] = {name: _lesson(name) for name in (*TUTORIALS, *FURTHER)}


def lesson_of(recipe: str) -> Lesson | None:
    """The lesson of the tutorial that this recipe is from; None without one."""
    lessons = (LESSONS[name] for name in TUTORIALS)
    return next(
        (found for found in lessons if recipe in {t.recipe.name for t in found.trainings.values()}), None
    )
