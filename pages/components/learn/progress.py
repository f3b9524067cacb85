"""A learner's progress: per lesson the steps that were run, the guesses and the runs. The browser keeps it.

{"softmax": {"done": ["shapes"], "guesses": {"shapes": "784"}, "runs": {"main": "2026…"}, "step": "scale"}}
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from mnist_core.lessons.lesson import LESSONS, Lesson

_STATE, _KNOWN, _CHANGED = "lessons", "lessons-known", "lessons-changed"
_part = st.components.v2.component(
    "mnist_studio_lessons", js=(Path(__file__).parent / "progress.js").read_text("utf-8")
)


@dataclass
class Progress:
    """What a learner has done in one lesson.

    `done` are the steps that were run, `read` those whose result was shown. `runs` are ids by the lesson's
    names for its trainings.

    `linked` are runs that came with a link: they are shown instead, and are not kept.
    """

    done: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    guesses: dict[str, str] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)
    step: str = ""
    linked: dict[str, str] = field(default_factory=dict)


def progress_in(lesson: Lesson) -> Progress:
    """The learner's progress in this lesson. Call `keep` after changing it."""
    return _all().setdefault(lesson.name, Progress())


def keep(lesson: Lesson) -> None:
    """Have the browser keep the progress in this lesson."""
    st.session_state[_CHANGED] = lesson.name


def is_known() -> bool:
    """Whether the browser has said by now what was done on earlier visits."""
    return st.session_state.get(_KNOWN, False)


def connect() -> None:
    """Exchange progress with the browser. Call it on every run of the page."""
    state = st.session_state
    changed = {}
    if name := state.get(_CHANGED):
        changed[name] = {key: value for key, value in asdict(_all()[name]).items() if key != "linked"}
    _part(
        data={"isKnown": is_known(), "changed": changed},
        key="lessons-kept",
        on_kept_change=_take_in,
        height=1,
    )


def _all() -> dict[str, Progress]:
    return st.session_state.setdefault(_STATE, {})


def _take_in() -> None:
    """Take what the browser has kept of earlier visits, under what was done since the page was opened."""
    state = st.session_state
    state[_KNOWN] = True
    kept = state["lessons-kept"].kept
    for name, data in kept.items() if isinstance(kept, dict) else ():
        if name in LESSONS:
            now = progress_in(LESSONS[name])
            # In place: a click of the same moment, a guess, writes into the one that it has found before.
            vars(now).update(vars(_joined(_read(LESSONS[name], data), now)))


def _joined(earlier: Progress, now: Progress) -> Progress:
    return Progress(
        done=list(dict.fromkeys([*earlier.done, *now.done])),
        read=list(dict.fromkeys([*earlier.read, *now.read])),
        guesses=earlier.guesses | now.guesses,
        runs=earlier.runs | now.runs,
        step=now.step or earlier.step,
        linked=now.linked,
    )


def _read(lesson: Lesson, data: Any) -> Progress:
    """The progress that is stored, without what this lesson does not have (any more)."""
    data = data if isinstance(data, dict) else {}
    steps = {step.name: step for step in lesson.steps}
    done, read, guesses, runs = (data.get(name) for name in ("done", "read", "guesses", "runs"))
    guessed = {k: v for k, v in _pairs(guesses) if k in steps and v in _options(steps[k])}
    return Progress(
        done=[name for name in steps if isinstance(done, list) and name in done],
        read=[name for name in steps if isinstance(read, list) and name in read],
        guesses=guessed,
        runs={name: run for name, run in _pairs(runs) if name in lesson.trainings},
        step=data.get("step") if data.get("step") in steps else "",
    )


def _pairs(data: Any) -> list[tuple[str, str]]:
    items = data.items() if isinstance(data, dict) else ()
    return [(name, value) for name, value in items if isinstance(name, str) and isinstance(value, str)]


def _options(step: Any) -> tuple[str, ...]:
    return tuple(step.question.options) if step.question else ()
