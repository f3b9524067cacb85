"""The table of contents: all lessons with the learner's progress in each."""

from collections.abc import Sequence

import streamlit as st

from mnist_core.language.messages import _, ngettext
from mnist_core.lessons.lesson import FURTHER, LESSONS, TUTORIALS, Lesson
from pages.components.learn.progress import progress_in


def show_table() -> None:
    """Two groups of cards: the lessons that follow tutorials, and the others."""
    st.subheader(_("The five tutorials"), anchor=False)
    _cards(TUTORIALS)
    st.subheader(_("Further questions"), anchor=False)
    _cards(FURTHER)
    st.page_link("pages/words.py", label=_("All words in one place: the glossary"), icon=":material/menu_book:")


def _cards(names: Sequence[str]) -> None:
    begun = [name for name in names if progress_in(LESSONS[name]).done]
    with st.container(horizontal=True, gap="medium"):
        for name in names:
            _card(LESSONS[name], is_first=not begun and name == TUTORIALS[0])


def _card(lesson: Lesson, is_first: bool) -> None:
    progress, number = progress_in(lesson), len(lesson.steps)
    with st.container(border=True, width=350, key=f"card-{lesson.name}"):
        st.markdown(f"**{lesson.title}**")
        st.markdown(str(lesson.about))
        steps = ngettext("{number} step", "{number} steps", number)
        about = _("{steps}, about {minutes} min", steps=steps, minutes=lesson.minutes)
        if progress.read:
            about = _("{done} of {number} steps done", done=len(progress.read), number=number)
            st.progress(len(progress.read) / number)
        st.caption(about)
        label = _("Go on") if 0 < len(progress.read) < number else _("Open")
        st.button(
            label,
            icon=":material/school:",
            type="primary" if is_first else "secondary",
            key=f"open-{lesson.name}",
            on_click=open_step,
            args=(lesson, progress.step or lesson.steps[0].name),
        )


def open_step(lesson: Lesson, step: str) -> None:
    """Open a lesson at this step, with the step's own image."""
    for name in ("image", "drawing", "run"):
        st.query_params.pop(name, None)
    st.query_params.update({"lesson": lesson.name, "step": step})
