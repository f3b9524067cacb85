"""The Learn page: every step of every lesson is run, with really trained networks."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.language.catalogues import languages, using
from mnist_core.lessons.lesson import LESSONS, Lesson, Step
from mnist_core.recipes.recipe import Recipe
from pages.components.learn.progress import Progress
from tests.ui.conftest import open_page, words


def few(recipe: Recipe) -> Recipe:
    """The recipe with so few epochs that a test can train it, on the few images of the small set."""
    return replace(recipe, epochs=min(recipe.epochs, 2))


def trained(store, lesson: Lesson, data) -> dict[str, str]:
    """All trainings of a lesson, really trained with few images: their ids by the lesson's names."""
    from mnist_core.training.fill import train_run

    runs = {}
    for name, training in lesson.trainings.items():
        run = store.create(few(training.recipe))
        train_run(run, data)
        runs[name] = run.id
    return runs


def open_lesson(lesson: Lesson, step: Step, language: str, **progress: object) -> AppTest:
    """The step as somebody sees it who has this progress in the lesson."""
    app = open_page("learn", lessons={lesson.name: Progress(**progress)}, lessons_known=True)
    app.query_params.update({"lesson": lesson.name, "step": step.name, "lang": language})
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_every_step_runs_shows_something_and_reads_it_back_in_every_language(lesson, store, small):
    runs = trained(store, lesson, small)
    for language in languages():
        app = open_page("learn", lessons_known=True)
        app.query_params.update({"lesson": lesson.name, "lang": language})
        for step in lesson.steps:
            guess = next(iter(step.question.options)) if step.question else ""
            app.session_state["lessons"] = {
                lesson.name: Progress(done=[step.name], guesses={step.name: guess}, runs=runs)
            }
            app.query_params["step"] = step.name
            app.run()
            assert not app.exception, step.name
            assert not app.error, step.name
            with using(language):
                assert f"{step.title}" in words(app)
            read = [box.value for box in (*app.info, *app.success)]
            assert any(read) == bool(step.says), step.name
            assert not any("{" in said for said in read), step.name


def test_a_guess_is_asked_for_before_the_step_is_run_and_judged_after_it(small):
    lesson = LESSONS["softmax"]
    app = open_lesson(lesson, lesson.steps[0], "en")
    app.button_group(key="softmax-shapes-guess").set_value("784").run()
    assert "Your guess was right" not in words(app)
    app.button(key="softmax-shapes-run").click().run()
    assert "Your guess was right" in words(app)
    app.button(key="softmax-shapes-anew").click().run()
    app.button_group(key="softmax-shapes-guess").set_value("28").run()
    app.button(key="softmax-shapes-run").click().run()
    assert "You guessed “28”; it is “784”" in words(app)
