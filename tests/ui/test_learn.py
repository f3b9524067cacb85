"""The Learn page: every step of every lesson is run, with really trained networks."""

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.language.catalogues import languages, using
from mnist_core.lessons.glossary import TERMS
from mnist_core.lessons.lesson import LESSONS, Lesson, Step
from mnist_core.recipes.recipe import Recipe
from pages.components.learn.progress import Progress
from tests.ui.conftest import PATIENCE, ended_run, open_page, words


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


def test_a_guess_of_the_moment_in_which_the_browsers_progress_arrives_is_not_lost():
    def script():
        from types import SimpleNamespace

        import streamlit as st

        from mnist_core.lessons.lesson import LESSONS
        from pages.components.learn.progress import _take_in, progress_in

        found_before = progress_in(LESSONS["softmax"])
        st.session_state["lessons-kept"] = SimpleNamespace(kept={"softmax": {"done": ["shapes"]}})
        _take_in()
        found_before.guesses["scale"] = "1"
        now = progress_in(LESSONS["softmax"])
        st.write(f"{now.done} {now.guesses}")

    app = AppTest.from_function(script, default_timeout=PATIENCE).run()
    assert app.markdown[0].value == "['shapes'] {'scale': '1'}"


def test_a_stopped_training_is_not_read_and_can_be_trained_again(store, small):
    lesson = LESSONS["softmax"]
    answers = np.eye(10, dtype=np.float32)[small.test.labels]
    stopped = ended_run(store, answers, small.test.labels)
    stopped.complete({**stopped.result, "status": "stopped"})
    app = open_lesson(lesson, lesson.step("train"), "en", done=["train"], runs={"main": stopped.id})
    assert "it did not reach its end" in words(app)
    app.button(key="softmax-train-again-main").click().run()
    (new,) = [run for run in store.list() if run != stopped]
    assert new.recipe == lesson.trainings["main"].recipe
    assert app.session_state["lessons"]["softmax"].runs == {"main": new.id}


def test_a_guess_about_one_image_is_not_judged_by_another(store, small):
    lesson = LESSONS["softmax"]
    run = ended_run(store, np.eye(10, dtype=np.float32)[small.test.labels], small.test.labels)
    progress = {"done": ["table"], "guesses": {"table": "right"}, "runs": {"main": run.id}}
    app = open_lesson(lesson, lesson.step("table"), "en", **progress)
    judged = ("Your guess was right", "You guessed")
    assert any(verdict in words(app) for verdict in judged)
    app.query_params["image"] = "3"
    app.run()
    assert "Test image 3" in words(app)
    assert not any(verdict in words(app) for verdict in judged)


def test_a_training_with_other_images_is_not_read(store, small):
    lesson = LESSONS["softmax"]
    other = ended_run(store, np.eye(10, dtype=np.float32)[small.test.labels], small.test.labels)
    other.complete({**other.result, "is_mnist": True})
    app = open_lesson(lesson, lesson.step("table"), "en", done=["table"], runs={"main": other.id})
    assert "it saw other images" in words(app)
    app = open_lesson(lesson, lesson.step("table"), "en")
    assert [button.label for button in app.button if "finished training" in button.label] == []


def test_the_glossary_shows_every_term_of_a_run_tested_on_other_images_and_of_one_without_errors(store, small):
    answers = np.eye(10, dtype=np.float32)[small.test.labels]
    for run_id in ("starter", ended_run(store, answers, small.test.labels).id):
        app = open_page("words", chosen_run=run_id)
        app.run()  # by now the data is there
        assert not app.exception
        assert [heading.value for heading in app.subheader][-1] == str(list(TERMS.values())[-1].word)
