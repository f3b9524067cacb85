"""The map of the test set, with a real process that is really killed."""

import os
import shutil
import signal
import time
from dataclasses import replace

import numpy as np
import psutil
import pytest

from mnist_core.explain.map import load_map
from mnist_core.jobs.projector import Projector
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.store import RunStore
from mnist_core.training.fill import train_run
from tests.conftest import small_standin


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A finished run, trained once for all of them."""
    run = RunStore(tmp_path_factory.mktemp("trained")).create(replace(RECIPES["mlp"], epochs=3), os.getpid())
    train_run(run, small_standin(), live=False)
    return run


@pytest.fixture
def run(trained, store):
    shutil.copytree(trained.folder, store.folder / trained.id)
    return store.get(trained.id)


@pytest.fixture
def projector():
    made = Projector()
    yield made
    made.close()
    wait(lambda: not children(), 20)


def wait(condition, seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def children() -> list[psutil.Process]:
    found = psutil.Process().children()
    return [child for child in found if "mnist_core.map" in child.cmdline()]


def test_the_map_is_made_with_progress_and_puts_equal_digits_together(run, small, projector):
    assert load_map(run) is None
    projector.start(run)
    projector.start(run)  # a second click
    seen = set()
    wait(lambda: seen.add(projector.progress(run)) or projector.progress(run) is None)
    assert projector.error(run) == "" and any(0.1 < share < 1 for share in seen if share)
    points = load_map(run)
    assert points.shape == (300, 2) and np.abs(points).max() <= 1
    labels = small.test.labels
    apart = np.linalg.norm(points[:, None] - points[None], axis=2) + 9 * np.eye(300)
    assert np.mean(labels[apart.argmin(1)] == labels) > 0.7  # by chance it would be a tenth


def test_a_killed_process_is_said_in_words_and_the_map_can_be_made_again(run, projector):
    projector.start(run)
    wait(children)
    os.kill(children()[0].pid, signal.SIGKILL)
    wait(lambda: projector.progress(run) is None)
    assert "ended with -9" in projector.error(run) and load_map(run) is None
    projector.start(run)
    wait(lambda: projector.progress(run) is None)
    assert projector.error(run) == "" and load_map(run) is not None


def test_a_run_without_a_model_fails_in_words_and_holds_up_no_other(store, run, projector):
    empty = store.create(RECIPES["softmax"])
    projector.start(empty)
    projector.start(run)
    wait(lambda: projector.progress(empty) is None)
    assert "model.keras" in projector.error(empty)
    wait(lambda: projector.progress(run) is None)
    assert load_map(run) is not None


def test_the_process_ends_with_the_app(run, projector):
    projector.start(run)
    wait(children)
    child = children()[0]
    projector.close()
    wait(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 10)


@pytest.mark.parametrize("content", [b"", b"damaged"])
def test_a_damaged_map_is_none(run, content):
    run.map_path.write_bytes(content)
    assert load_map(run) is None
