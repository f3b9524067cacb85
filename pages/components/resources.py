"""Resources that all visitors of this server share: the runs, the worker, the data, the loaded models."""

import atexit
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st

from mnist_core.data.background import DatasetThread
from mnist_core.data.mnist import Dataset
from mnist_core.data.my_digits import MyDigits
from mnist_core.data.prototypes import distances, mean_images
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.evaluation.judgements import Judgements
from mnist_core.explain.map import Map, load_map
from mnist_core.explain.neighbours import Neighbours
from mnist_core.home import home
from mnist_core.jobs.engine import Engine
from mnist_core.jobs.start import start_engine
from mnist_core.jobs.tasks import Tasks
from mnist_core.language.messages import _
from mnist_core.language.numbers import figure, short_moment
from mnist_core.recipes.words import title
from mnist_core.runs import teaching, weights
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.history import started
from mnist_core.runs.run import Run
from mnist_core.runs.store import STARTER, RunStore
from mnist_core.sweeps.store import SweepStore
from mnist_core.trash import Trash
from mnist_core.visitors.hidden import Hidden
from pages.components.visitor import visitor


def store() -> RunStore:
    return RunStore(home())


def sweeps() -> SweepStore:
    return SweepStore(home())


def my_digits() -> MyDigits:
    """The visitor's digits."""
    return MyDigits(home(), visitor().id)


def trash() -> Trash:
    return Trash(home())


@st.cache_resource(max_entries=1, show_spinner=False)
def worker() -> Engine:
    """What trains this server's runs: a process of its own, or a cluster."""
    made = start_engine(store())
    atexit.register(made.close)
    trash().sweep()
    return made


@st.cache_resource(max_entries=1, show_spinner=False)
def dataset_thread() -> DatasetThread:
    return DatasetThread()


def classifier(run: Run) -> Classifier:
    """The run's model, loaded once. RunError if it has none."""
    return _classifier(run, _changed(run.lite_path))


def evaluation(run: Run) -> Evaluation:
    """The run's answers on the test set, loaded once. ValueError if it has none."""
    return _evaluation(run.id, _changed(run.evaluation_path), run)


def kept_weights(run: Run) -> dict[int, list[np.ndarray]]:
    """The copies of the run's weights by epoch (weights.py), read once; empty if it has none."""
    return _kept_weights(run.id, _changed(run.weights_path), run)


def final_weights(run: Run) -> list[np.ndarray]:
    """The weights of the run's model, float32, read once. ValueError if they cannot be read."""
    return _final_weights(run.id, _changed(run.model_path), run)


def weights_by_epoch(run: Run) -> dict[int, list[np.ndarray]]:
    """All that is known of the run's weights, by epoch in ascending order; empty if nothing is.

    These are the kept copies, and for the last epoch of a finished run the model's own weights.
    """
    found, result = dict(kept_weights(run)), run.result
    if result and "epochs" in result:
        with suppress(ValueError):
            found[max([result["epochs"], *found])] = final_weights(run)
    return found


def neighbours(dataset: Dataset) -> Neighbours:
    """An index of the training images for nearest-neighbour search."""
    with st.spinner(_("Looking through the training images …")):
        return _neighbours(dataset.source, dataset)


def map_of(run: Run) -> Map | None:
    """The run's map of the test set, read once; None if it has none."""
    return _map_of(run.id, _changed(run.map_path), run)


@st.cache_resource(max_entries=1, show_spinner=False)
def maps() -> Tasks:
    made = Tasks()
    atexit.register(made.close)
    return made


@st.cache_resource(max_entries=1, show_spinner=False)
def exchange() -> Tasks:
    """The program that makes files to take away, and runs of files that were brought in."""
    made = Tasks()
    atexit.register(made.close)
    return made


def prototypes(dataset: Dataset, which: str) -> tuple[np.ndarray, np.ndarray]:
    """The mean images float32 (10, 28, 28) of "train" or "test", and each image's distance from its digit's."""
    return _prototypes(dataset.source, which, dataset)


def judgements(dataset: Dataset) -> Judgements:
    """The visitor's judgements on the test images."""
    return _judgements(dataset.source, home(), visitor().id, dataset)


def runs_seen() -> list[Run]:
    """All runs but the starter that are not hidden from the visitor, newest first."""
    hidden, now = Hidden.of(home()), visitor()
    return [run for run in store().list() if hidden.is_seen_by(now, run)]


def runs_with_model() -> list[Run]:
    """The starter, then all other runs with a model that the visitor may see, newest first."""
    return [store().get(STARTER), *(run for run in runs_seen() if run.has_model)]


def runs_with_weights() -> list[Run]:
    """The same with the runs that only have copies of their weights."""
    found = (run for run in runs_seen() if run.has_model or run.weights_path.is_dir())
    return [store().get(STARTER), *found]


def taught_runs() -> list[Run]:
    """The runs that were taught the visitor's digits, newest first."""
    owner = visitor().id
    return [run for run in store().list() if teaching.is_lesson(run) and run.owner == owner]


def describe(run: Run) -> str:
    """A run's display name: title, accuracy, time."""
    result = run.result or {}
    what = title(run.recipe)
    if run.id == STARTER:
        what = _("Starter: {title}", title=what)
    accuracy = figure(result["test_accuracy"], ".2%") if "test_accuracy" in result else ""
    when = "" if run.id == STARTER or not started(run.id) else short_moment(started(run.id))
    return " · ".join(words for words in (what, accuracy, when) if words)


def _changed(path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0


@lru_cache(maxsize=8)  # asked at every stroke: Streamlit's cache takes half a millisecond to look
def _classifier(run: Run, changed: float) -> Classifier:
    return Classifier.load(run)


@st.cache_resource(max_entries=32, show_spinner=False)
def _evaluation(run_id: str, changed: float, _run: Run) -> Evaluation:
    return Evaluation.load(_run.intact(_run.evaluation_path))


@st.cache_resource(max_entries=8, show_spinner=False)
def _map_of(run_id: str, changed: float, _run: Run) -> Map | None:
    return load_map(_run)


@st.cache_resource(max_entries=4, show_spinner=False)
def _prototypes(source: str, which: str, _dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    split = _dataset.train if which == "train" else _dataset.test
    means = mean_images(split)
    return means, distances(split, means)


@st.cache_resource(max_entries=512, show_spinner=False)
def _judgements(source: str, place: Path, owner: str, _dataset: Dataset) -> Judgements:
    return Judgements(place, _dataset.test, owner)


@st.cache_resource(max_entries=4, show_spinner=False)
def _kept_weights(run_id: str, changed: float, _run: Run) -> dict[int, list[np.ndarray]]:
    return weights.load(_run.weights_path)


@st.cache_resource(max_entries=4, show_spinner=False)
def _final_weights(run_id: str, changed: float, _run: Run) -> list[np.ndarray]:
    return weights.final(_run.intact(_run.model_path), _run.recipe.layers)


@st.cache_resource(max_entries=1, show_spinner=False)
def _neighbours(source: str, _dataset: Dataset) -> Neighbours:
    return Neighbours(_dataset.train.images)
