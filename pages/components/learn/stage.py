"""What a step stands on: its lesson, the learner's progress, the runs, and the image it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import streamlit as st

from mnist_core.data.mnist import Dataset
from mnist_core.lessons.evidence import Evidence
from mnist_core.lessons.lesson import Lesson, Step, Training
from mnist_core.lessons.readings import READINGS
from mnist_core.preprocessing.drawings import find_on_canvas
from mnist_core.preprocessing.preprocess import DrawingError
from mnist_core.runs.run import Run, RunError
from pages.components.learn.progress import Progress, progress_in
from pages.components.page.address import number_in_address
from pages.components.resources import classifier, evaluation, store, taught_runs

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
        """Whether all trainings that the step needs are whole."""
        return all(name in self.runs and is_whole(self.runs[name], self.dataset) for name in self.step.runs)

    @property
    def key(self) -> str:
        """A prefix for the keys of the step's widgets."""
        return f"{self.lesson.name}-{self.step.name}"

    @cached_property
    def index(self) -> int:
        """The index of the image that the step is about: where one can be chosen, that of the address."""
        chosen = None
        if "choose_image" in self.step.show:
            chosen = number_in_address("image", len(self.dataset.test.labels))
        return self.own_index if chosen is None else chosen

    @cached_property
    def own_index(self) -> int:
        """The index of the image that the step begins with."""
        if self.step.image == SUREST_ERROR:
            answers = evaluation(next(iter(self.runs.values())))
            found = answers.select(order="confidence")
            return int(found[0]) if len(found) else int(answers.losses.argmax())
        return min(self.step.image or 0, len(self.dataset.test.labels) - 1)

    @property
    def is_as_asked(self) -> bool:
        """Whether the step still shows the image that its question is about."""
        return self.index == self.own_index and self.drawn is None

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
        """What the step's reading and its pictures are made from."""
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

    def read(self) -> tuple[str, dict[str, Any]]:
        """The outcome and the numbers of the step's reading. ValueError if there is nothing to read."""
        return READINGS[self.step.reading](self.evidence) if self.step.reading else ("", {})


def stage_of(lesson: Lesson, step: Step, dataset: Dataset) -> Stage:
    """The stage with the runs that still exist."""
    found = {}
    for name in step.runs:
        progress = progress_in(lesson)
        if run := _run(progress.linked.get(name) or progress.runs.get(name)):
            found[name] = run
    if step.reading == "taught" and (run := next((run for run in taught_runs() if run.has_model), None)):
        found["taught"] = run
    return Stage(lesson, step, dataset, found)


def is_whole(run: Run, dataset: Dataset) -> bool:
    """Whether it was trained to its end, and with images like those that are here.

    A stopped run has a model, too, and MNIST may have come after a run with stand-in digits.
    """
    result = run.result if run.has_model else None
    return result is not None and result["status"] == "finished" and result["is_mnist"] == dataset.is_mnist


def _run(run_id: str | None) -> Run | None:
    try:
        return store().get(run_id) if run_id else None
    except RunError:
        return None
