"""The lessons' files: a test over the table, so that a new lesson is covered the day it is added."""

from pathlib import Path
from string import Formatter

import numpy as np
import pytest

from mnist_core.language.catalogues import languages, using
from mnist_core.language.texts import Text
from mnist_core.lessons import lesson as module
from mnist_core.lessons.answer_readings import shifted
from mnist_core.lessons.glossary import linked
from mnist_core.lessons.lesson import ALWAYS, LESSONS, TUTORIALS, Step
from mnist_core.lessons.readings import READINGS

STEPS = [(lesson, step) for lesson in LESSONS.values() for step in lesson.steps]
NAMES = [f"{lesson.name}-{step.name}" for lesson, step in STEPS]


def texts(step: Step) -> list[Text]:
    asked = [step.question.text, *step.question.options.values()] if step.question else []
    return [step.title, step.text, *asked, *step.says.values()]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_lesson_file_is_in_the_table():
    files = {path.stem for path in Path(module.__file__).parent.glob("*.toml")}
    assert files == {*LESSONS, "glossary"}


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_a_lesson_has_named_steps_in_a_sensible_number(lesson):
    names = [step.name for step in lesson.steps]
    assert len(set(names)) == len(names)
    assert 5 <= len(names) <= 9 if lesson.name in TUTORIALS else 2 <= len(names) <= 9
    assert {name for step in lesson.steps for name in step.runs} == set(lesson.trainings)


@pytest.mark.parametrize(("lesson", "step"), STEPS, ids=NAMES)
def test_a_step_says_everything_in_every_language_with_the_same_numbers(lesson, step):
    own = [lesson.title, lesson.about, *(t.label for t in lesson.trainings.values() if t.label), *texts(step)]
    for text in own:
        if len(text.in_languages) > 1:  # an option such as 784 is the same in every language
            assert set(text.in_languages) == set(languages())
        assert len({frozenset(placeholders(said)) for said in text.in_languages.values()}) == 1
        for language in languages():
            with using(language):
                linked(str(text))


@pytest.mark.parametrize(("lesson", "step"), STEPS, ids=NAMES)
def test_a_step_asks_what_it_can_answer(lesson, step):
    options = set(step.question.options) if step.question else set()
    assert step.reading in ("", *READINGS)
    assert not step.answer or step.answer in options
    if step.question:
        assert step.answer or step.reading
        assert step.says
        assert ALWAYS in step.says or step.answer or options <= set(step.says)


def test_an_image_is_moved_by_whole_pixels_and_black_comes_in():
    image = np.arange(784, dtype=np.uint8).reshape(1, 28, 28) | 1
    moved = shifted(image, -2, 3)[0]
    assert (moved[:26, 3:] == image[0, 2:, :25]).all()
    assert not moved[26:].any()
    assert not moved[:, :3].any()


def test_a_lesson_with_labels_at_random_gives_the_images_each_others_labels(small):
    from mnist_core.training.fill import split_validation

    recipe = LESSONS["shuffled"].trainings["lot"].recipe
    train, validation, _ = split_validation(recipe, small)
    assert (train.images == small.train.images[:1000]).all()
    assert (train.labels != small.train.labels[:1000]).mean() > 0.8
    assert (np.bincount(train.labels) == np.bincount(small.train.labels[:1000])).all()
    assert (validation.labels == small.test.labels).all()
