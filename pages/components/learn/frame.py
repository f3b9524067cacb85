"""Around a lesson's steps: where one is, the way on and back, and a link to send."""

from itertools import pairwise

import streamlit as st

from mnist_core.exchange.notebook import lesson_notebook
from mnist_core.language.messages import _
from mnist_core.lessons.lesson import LESSONS, Lesson, Step
from mnist_core.recipes.recipe import Recipe
from pages.components.canvas.share import drawing_text
from pages.components.learn.progress import is_known, keep, progress_in
from pages.components.learn.stage import Stage
from pages.components.learn.table import open_step
from pages.components.page.language import when_clicked
from pages.components.page.scroll import scroll_to_top
from pages.components.page.text import plain
from pages.components.resources import store

_WIDE_OR_NARROW = """<style>
@media (min-width: 1000px) { .st-key-places { display: none } }
@media (max-width: 999px) { .stColumn:has(.st-key-outline) { display: none } }
</style>"""


def step_in_address(lesson: Lesson) -> Step:
    """The step that the address names, else the one where the learner was; runs in the address are taken."""
    progress = progress_in(lesson)
    asked = st.query_params.get("step")
    step = lesson.step(asked or progress.step)
    _take_runs(lesson)
    if not asked and not is_known():
        return step  # the browser will say where the learner was
    if asked != step.name:
        st.query_params["step"] = step.name
    if progress.step != step.name:
        progress.step = step.name
        keep(lesson)
    return step


def _take_runs(lesson: Lesson) -> None:
    """Use the runs that the address names for the lesson's trainings with the same recipes."""
    asked = st.query_params.get("run")
    if not asked:
        return
    del st.query_params["run"]
    known = {run.id: run for run in store().list() if run.has_model}
    for run_id in asked.split(",")[: len(lesson.trainings)]:
        name = _training_of(lesson, known[run_id].recipe) if run_id in known else None
        if name is None:
            words = _("The run {run} is not one of this lesson's, or it was deleted.", run=plain(run_id[:60]))
            st.toast(words, icon=":material/link_off:")
            continue
        progress_in(lesson).linked[name] = run_id


def _training_of(lesson: Lesson, recipe: Recipe) -> str | None:
    trainings = lesson.trainings.items()
    return next((name for name, training in trainings if recipe.trains_like(training.recipe)), None)


def show_places(lesson: Lesson, step: Step) -> None:
    """The lesson's steps as one row of numbers; those whose result was shown have a tick."""
    done, names = progress_in(lesson).read, [each.name for each in lesson.steps]
    st.html(_WIDE_OR_NARROW)
    key = f"{lesson.name}-places"
    st.session_state[key] = step.name

    def words(name: str) -> str:
        number = names.index(name) + 1
        return f":material/check: {number}" if name in done else f"{number}"

    def chosen() -> None:
        _go(lesson, st.session_state[key])

    container = st.container(key="places")
    container.segmented_control(
        _("Steps"),
        names,
        format_func=words,
        key=key,
        on_change=chosen,
        required=True,
        wrap=True,
        label_visibility="collapsed",
    )


def show_outline(lesson: Lesson, step: Step) -> None:
    """The lesson's steps by their titles, where the window is wide enough."""
    done = progress_in(lesson).read
    with st.container(gap="xsmall", key="outline"):
        for number, each in enumerate(lesson.steps, 1):
            is_here = each is step
            st.button(
                f"**{number} · {each.title}**" if is_here else f"{number} · {each.title}",
                icon=":material/check_circle:" if each.name in done else ":material/radio_button_unchecked:",
                type="tertiary",
                key=f"outline-{each.name}",
                on_click=_go,
                args=(lesson, each.name),
            )


def show_ways(stage: Stage) -> None:
    """Back, next, a link to this step, all lessons."""
    lesson, names = stage.lesson, [step.name for step in stage.lesson.steps]
    place = names.index(stage.step.name)
    st.divider()
    with st.container(horizontal=True, vertical_alignment="center"):
        if place:
            _way(lesson, names[place - 1], _("Back"), ":material/arrow_back:", "back")
        if place + 1 < len(names):
            kind = "primary" if stage.is_run else "secondary"
            _way(lesson, names[place + 1], _("Next step"), ":material/arrow_forward:", "next", kind)
        st.button(_("All lessons"), icon=":material/list:", key="all-lessons", on_click=_leave)
        with st.popover(_("Send this step"), icon=":material/link:", key="send-step"):
            st.markdown(_("This link opens this step, with its run and its image:"))
            st.code(address_of(stage), language=None, wrap_lines=True)
        st.download_button(
            _("As a notebook"),
            when_clicked(lesson_notebook, lesson),
            f"{lesson.name}.ipynb",
            "application/x-ipynb+json",
            icon=":material/download:",
            on_click="ignore",
            key="lesson-notebook",
        )
    if place + 1 == len(names) and stage.is_run:
        _show_end(lesson)


def _show_end(lesson: Lesson) -> None:
    """That the lesson ends here, and the way to the next one."""
    st.success(_("That was the last step of this lesson."), icon=":material/school:")
    following = next((name for before, name in pairwise(LESSONS) if before == lesson.name), None)
    if following:
        other = LESSONS[following]
        label = _("Next lesson: {title}", title=str(other.title))
        _way(other, progress_in(other).step or other.steps[0].name, label, ":material/school:", "lesson")


def _way(lesson: Lesson, step: str, label: str, icon: str, key: str, kind: str = "secondary") -> None:
    st.button(label, icon=icon, type=kind, key=f"step-{key}", on_click=_go, args=(lesson, step))


def _go(lesson: Lesson, step: str) -> None:
    open_step(lesson, step)
    scroll_to_top()


def _leave() -> None:
    st.query_params.from_dict({k: v for k, v in st.query_params.items() if k == "lang"})
    scroll_to_top()


def address_of(stage: Stage) -> str:
    """The address of this step, with its runs, its image or its drawing."""
    parts = {"lesson": stage.lesson.name, "step": stage.step.name}
    if stage.runs and stage.step.runs:
        parts["run"] = ",".join(run.id for run in stage.runs.values())
    if stage.drawn is not None and (text := drawing_text(st.session_state["drawing"])):
        parts["drawing"] = text
    elif "choose_image" in stage.step.show:
        parts["image"] = f"{stage.index}"
    if "lang" in st.query_params:
        parts["lang"] = st.query_params["lang"]
    address = (st.context.url or "").split("?")[0]
    return f"{address}?{'&'.join(f'{name}={value}' for name, value in parts.items())}"
