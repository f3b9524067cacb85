"""The map of the test set, with a real process that is really killed."""

import os
import shutil
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from mnist_core import map as program
from mnist_core.explain.forward import activations
from mnist_core.explain.map import load_map
from mnist_core.jobs.tasks import Tasks, map_task
from mnist_core.recipes.table import RECIPES
from mnist_core.runs import weights
from mnist_core.runs.store import RunStore
from mnist_core.training.fill import train_run
from tests.conftest import small_standin


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A finished run, trained once for all tests of this file."""
    run = RunStore(tmp_path_factory.mktemp("trained")).create(replace(RECIPES["mlp"], epochs=3), os.getpid())
    train_run(run, small_standin())
    return run


@pytest.fixture
def run(trained, store):
    shutil.copytree(trained.folder, store.folder / trained.id)
    return store.get(trained.id)


@pytest.fixture
def maps():
    made = Tasks()
    yield made
    made.close()
    wait(lambda: not children(), 20)


def wait(condition, seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def children() -> list[psutil.Process]:
    found = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in found if "mnist_core.map" in child.cmdline()]


def test_the_map_is_made_with_progress_and_puts_equal_digits_together(run, small, maps):
    assert load_map(run) is None
    maps.start(map_task(run))
    maps.start(map_task(run))  # a second click
    seen = set()
    wait(lambda: seen.add(maps.progress(map_task(run))) or maps.progress(map_task(run)) is None)
    assert maps.error(map_task(run)) == "" and any(0.1 < share < 1 for share in seen if share)
    found = load_map(run)
    points, labels = found.points, small.test.labels
    assert points.shape == (300, 2) and np.abs(points).max() <= 1
    apart = np.linalg.norm(points[:, None] - points[None], axis=2) + 9 * np.eye(300)
    assert np.mean(labels[apart.argmin(1)] == labels) > 0.7  # chance level is 0.1

    copies = weights.load(run.weights_path)
    others = small.train.images[:100], small.train.labels[:100]
    hidden = activations(run.recipe, copies[max(copies)], others[0])[-2]
    places = [found.place(values) for values in hidden]
    assert np.mean([labels[place.nearest[0]] == label for place, label in zip(places, others[1])]) > 0.7
    assert all(
        np.isclose(np.median(points[place.nearest], axis=0), (place.x, place.y)).all() for place in places
    )
    with pytest.raises(ValueError, match="a different network"):
        found.place(np.zeros(65))


def test_a_killed_process_is_said_in_words_and_the_map_can_be_made_again(run, maps):
    maps.start(map_task(run))
    wait(children)
    os.kill(children()[0].pid, signal.SIGKILL)
    wait(lambda: maps.progress(map_task(run)) is None)
    assert "ended with exit status -9" in maps.error(map_task(run)) and load_map(run) is None
    maps.start(map_task(run))
    wait(lambda: maps.progress(map_task(run)))
    assert maps.error(map_task(run)) == ""


def test_a_run_without_a_model_fails_in_words_and_holds_up_no_other(store, run, maps):
    empty = store.create(RECIPES["softmax"])
    maps.start(map_task(empty))
    maps.start(map_task(run))
    wait(lambda: maps.progress(map_task(empty)) is None)
    assert "has no model" in maps.error(map_task(empty))
    wait(lambda: maps.progress(map_task(run)))


def test_the_process_ends_with_the_app(run, maps):
    maps.start(map_task(run))
    wait(children)
    child = children()[0]
    maps.close()
    wait(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 10)


@pytest.mark.parametrize("content", [b"", b"damaged"])
def test_a_damaged_map_is_none(run, content):
    run.map_path.write_bytes(content)
    assert load_map(run) is None


def test_a_map_of_an_earlier_version_is_shown_and_has_no_places(run):
    points = np.random.default_rng(0).uniform(-1, 1, (300, 2))
    np.savez(run.map_path, points=points.astype(np.float16))
    found = load_map(run)
    assert np.allclose(found.points, points, atol=1e-3) and not found.has_places
    with pytest.raises(ValueError, match="make it again"):
        found.place(np.zeros(64))
    np.savez(
        run.map_path, points=points, features=np.zeros((7, 3)), unit=1, mean=np.zeros(4), axes=np.zeros((4, 3))
    )
    assert load_map(run) is None, "its parts do not fit together"


def test_a_network_with_the_same_output_for_all_images_still_gets_a_map(run, store, small, monkeypatch):
    monkeypatch.setattr(program, "_hidden", lambda run, images, report: np.ones((len(images), 7), np.float32))
    program.make(run, small.test.images, lambda share: None)
    assert np.isfinite(load_map(run).points).all() and np.isfinite(load_map(run).place(np.ones(7)).x)


def test_the_starters_map_has_places():
    found = load_map(RunStore(Path("nowhere")).get("starter"))
    assert found.has_places and found.points.shape == (10_000, 2)
