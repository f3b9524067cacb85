"""What a step stands on: its lesson, the learner's progress, the runs, and the image it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import streamlit as st

from mnist_core.data.mnist import Dataset
from mnist_core.lessons.lesson import Lesson, Step, Training
from mnist_core.lessons.readings import READINGS, Evidence
from mnist_core.preprocessing.drawings import find_on_canvas
from mnist_core.preprocessing.preprocess import DrawingError
from mnist_core.runs.run import Run, RunError
from mnist_core.runs.teaching import is_lesson
from pages.components.learn.progress import Progress, progress_in
from pages.components.page.address import number_in_address
from pages.components.resources import classifier, evaluation, store

SUREST_ERROR = "surest_error"


@dataclass(frozen=True)
class Stage:
    """A step of a lesson for one learner; `runs` are those that its trainings have, by the lesson's names."""

    lesson: Lesson
    step: Step
    dataset: Dataset
    runs: Mapping[str, Run]

    @property
    def progress(self) -> Progress:
        return progress_in(self.lesson)

    @property
    def is_run(self) -> bool:
        """Whether the learner has run the step."""
        return self.step.name in self.progress.done

    @property
    def trainings(self) -> dict[str, Training]:
        """The trainings that the step needs, by the lesson's names."""
        return {name: self.lesson.trainings[name] for name in self.step.runs}

    @property
    def is_complete(self) -> bool:
        """Whether all trainings that the step needs have ended with a model."""
        return all(name in self.runs and self.runs[name].has_model for name in self.step.runs)

    @property
    def key(self) -> str:
        """A prefix for the keys of the step's widgets."""
        return f"{self.lesson.name}-{self.step.name}"

    @cached_property
    def index(self) -> int:
        """The index of the image that the step is about: from the address, else the one it begins with."""
        split = self.dataset.test
        asked = number_in_address("image", len(split.labels))
        if asked is not None:
            return asked
        if self.step.image == SUREST_ERROR:
            found = evaluation(next(iter(self.runs.values()))).select(order="confidence")
            return int(found[0]) if len(found) else 0
        return min(self.step.image or 0, len(split.labels) - 1)

    @property
    def drawn(self) -> np.ndarray | None:
        """What the learner has drawn instead, uint8 (28, 28); None without a drawing."""
        drawing = st.session_state.get("drawing")
        if not st.session_state.get(f"{self.key}-draw") or not drawing or drawing.get("behind") is not None:
            return None
        try:
            digits = find_on_canvas(drawing).digits
        except DrawingError:
            return None
        return digits[0].image() if digits else None

    @cached_property
    def evidence(self) -> Evidence:
        """What the step's reading and its pictures are made from. ValueError if the step has no image."""
        trainings = self.lesson.trainings.values()
        return Evidence(
            dataset=self.dataset,
            recipe=next((training.recipe for training in trainings), None),
            runs=self.runs,
            probabilities=lambda run, images: classifier(run).probabilities(images),
            evaluation=evaluation,
            image=self.index,
            options=tuple(self.step.question.options) if self.step.question else (),
            drawn=self.drawn,
        )

    def read(self) -> tuple[str, dict]:
        """The step's outcome and numbers; the answer decides where the step has one."""
        outcome, numbers = READINGS[self.step.reading](self.evidence) if self.step.reading else ("", {})
        return self.step.answer or outcome, {**numbers, "outcome": outcome}


def stage_of(lesson: Lesson, step: Step, dataset: Dataset) -> Stage:
    """The stage with the runs that still exist."""
    found = {}
    for name in step.runs:
        run = _run(progress_in(lesson).runs.get(name))
        if run:
            found[name] = run
    taught = (run for run in store().list() if is_lesson(run) and run.has_model)
    if "taught_run" in step.show and (run := next(taught, None)):
        found["taught"] = run
    return Stage(lesson, step, dataset, found)


def _run(run_id: str | None) -> Run | None:
    try:
        return store().get(run_id) if run_id else None
    except RunError:
        return None
