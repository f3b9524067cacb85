"""Lessons: the five tutorials step by step, and further questions. Each step runs inside the page."""

import streamlit as st

from mnist_core.language.messages import _
from mnist_core.lessons.lesson import LESSONS, Lesson
from pages.components.learn.frame import show_outline, show_places, show_ways, step_in_address
from pages.components.learn.pictures import leave_if_asked
from pages.components.learn.progress import connect
from pages.components.learn.stage import stage_of
from pages.components.learn.step import show_step
from pages.components.learn.table import show_table
from pages.components.page.frame import begin, data_notice
from pages.components.page.scroll import scroll
from pages.components.page.text import plain
from pages.components.resources import dataset_thread

SIDES = (820, 300)  # pixels: lines that are easy to read, and the outline


def lesson_in_address() -> Lesson | None:
    """The lesson that the address names; None without one, with a message if there is no such lesson."""
    asked = st.query_params.get("lesson")
    if asked and asked not in LESSONS:
        words = _("There is no lesson {name}. Choose one below.", name=plain(asked[:40]))
        st.toast(words, icon=":material/link_off:")
        del st.query_params["lesson"]
    return LESSONS.get(asked or "")


def show_lesson(lesson: Lesson) -> None:
    """One step of the lesson, and the ways to the others."""
    step = step_in_address(lesson)
    left, right = st.columns(SIDES, gap="large")
    with left, st.container(key="lesson"):
        places = st.container()
        number = 1 + lesson.steps.index(step)
        st.subheader(f"{number} · {step.title}", anchor=False)
        if lesson.source and number == 1:
            st.caption(_("After the tutorial: {source}", source=lesson.source))
        data_notice()
        if dataset := dataset_thread().dataset:
            stage = stage_of(lesson, step, dataset)
            show_step(stage)
            show_ways(stage)
    with places:  # last, so that they know whether the step was read
        show_places(lesson, step)
    with right:
        show_outline(lesson, step)


lesson = lesson_in_address()
if lesson:
    begin("learn", str(lesson.title), str(lesson.about))
    show_lesson(lesson)
else:
    begin(
        "learn",
        _("Learn"),
        _("Lessons to try yourself: read a little, make a guess, run it, and see what your own network did."),
    )
    show_table()
connect()
leave_if_asked()
scroll()
