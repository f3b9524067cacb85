"""Shared by all tests: an empty home with a small stand-in set, and real MNIST if it is available."""

import os
from functools import cache
from pathlib import Path

import psutil
import pytest

# The priority of trainings (train.py): beside tests of a higher one they would hardly get on.
if hasattr(os, "nice"):
    os.nice(max(0, 5 - os.nice(0)))
# Before TensorFlow is imported: its start-up messages are not errors.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["LC_ALL"] = "C.UTF-8"  # the terminal speaks English, whatever the language of who tests

from mnist_core.data import sources, standin
from mnist_core.data.mnist import Dataset, Split, read_folder
from mnist_core.runs.store import RunStore

MNIST_DIR = os.environ.get("MNIST_DIR")
# Browser tests that a continuous integration with MNIST runs once more without it, as on a new machine.
ONCE_MORE = ("test_app.py", "test_curves.py", "test_data.py", "test_train.py")


def pytest_xdist_auto_num_workers() -> int:
    """How many tests run at a time: one more than there are processors, since many wait for other processes.

    Each may import TensorFlow and start a server, a browser and a training: 2.5 GB at most.
    """
    by_memory = int(psutil.virtual_memory().available / 2.5e9)
    return max(1, min((os.cpu_count() or 1) + 1, by_memory))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        own = item.get_closest_marker("fresh_server")
        is_always_without = own is not None and "mnist_dir" in own.kwargs
        if item.path.name in ONCE_MORE and not is_always_without:
            item.add_marker("once_more_without_mnist")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty $MNIST_HOME in which nothing is found or downloaded: the data is a small stand-in set."""
    monkeypatch.setenv("MNIST_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("MNIST_OFFLINE", "1")
    monkeypatch.delenv("MNIST_DIR", raising=False)
    write_small_standin(tmp_path / "home")
    return tmp_path / "home"


def write_small_standin(home: Path) -> None:
    sources.save_standin(home / "stand-in.npz", *(array for split in small_standin() for array in split))


@cache
def small_standin() -> Dataset:
    """1,200 training and 300 test digits of the stand-in set."""
    images, labels = standin.draw(1500, seed=1)
    splits = Split(images[:1200], labels[:1200]), Split(images[1200:], labels[1200:])
    return Dataset(*splits, source="stand-in", is_mnist=False)


@pytest.fixture
def store(home: Path) -> RunStore:
    return RunStore(home)


@pytest.fixture
def small(home: Path) -> Dataset:
    """1,200 training and 300 test digits of the stand-in set."""
    return sources.load()


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    """The real MNIST; skips the test if $MNIST_DIR is not set to it."""
    if not MNIST_DIR:
        pytest.skip("needs real MNIST: set $MNIST_DIR to a folder with mnist.npz or the four IDX files")
    dataset = Dataset(*read_folder(Path(MNIST_DIR)), source=MNIST_DIR)
    return dataset
