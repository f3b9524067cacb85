"""Finds the data.

    train, test = load()          images uint8 (n, 28, 28), labels uint8 (n,), read-only

Sources, in this order:

    $MNIST_DIR                    the user's own folder
    $MNIST_HOME/downloads         an earlier download
    $KERAS_HOME/datasets          Keras's cache (default ~/.keras/datasets)
    the internet                  see download.py; never if $MNIST_OFFLINE is set
    $MNIST_HOME/stand-in.npz      digits drawn by code: not MNIST, and labelled so

mnist.py describes the files in such a folder.
"""

import os
from pathlib import Path

import numpy as np

from mnist_core.data import standin
from mnist_core.data.mnist import NPZ_KEYS, DataError, Dataset, Progress, Split, read_folder
from mnist_core.files import whole
from mnist_core.home import home
from mnist_core.language.messages import Message, message, said_by


def load(download: bool = True, progress: Progress = lambda what, done, total: None) -> Dataset:
    """MNIST from the first source that has it, or the stand-in set; `problems` says why.

    Nothing is downloaded if `download` is False or $MNIST_OFFLINE is set.
    """
    problems: list[Message | str] = []
    if dataset := _found(home(), problems):
        return dataset
    if not download or os.environ.get("MNIST_OFFLINE"):
        problems.append(message("Nothing was downloaded, because downloading is switched off."))
        return _standin(problems)
    from mnist_core.data.download import DownloadError, fetch  # imports requests, which is seldom needed

    try:
        folder = fetch(home() / "downloads", progress)
        return Dataset(*read_folder(folder), source=str(folder), problems=tuple(problems))
    except (DownloadError, DataError, OSError) as error:
        return _standin([*problems, said_by(error)])


def has_mnist(at: Path) -> bool:
    """Whether MNIST is on this machine, for a program with the home `at`."""
    return _found(at, []) is not None


def _found(at: Path, problems: list[Message | str]) -> Dataset | None:
    """MNIST from the first folder that has it; what is wrong with the others is added to `problems`."""
    for folder in _folders(at):
        try:
            return Dataset(*read_folder(folder), source=str(folder), problems=tuple(problems))
        except FileNotFoundError as error:
            # Only a folder named by the user must hold the data.
            if (named := os.environ.get("MNIST_DIR")) and folder == Path(named):
                problems.append(message("MNIST_DIR: {problem}", problem=said_by(error)))
        except (DataError, OSError) as error:
            problems.append(said_by(error))
    return None


def _folders(at: Path) -> list[Path]:
    keras_home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    own = [Path(os.environ["MNIST_DIR"])] if os.environ.get("MNIST_DIR") else []
    return [*own, at / "downloads", keras_home / "datasets"]


def _standin(problems: list[Message | str]) -> Dataset:
    """The stand-in set from the cache; drawn if the cache is missing or damaged."""
    path = home() / "stand-in.npz"
    try:
        arrays = _load_standin(path)
    except Exception:  # missing, or damaged in one of many ways
        images, labels = standin.draw(12_000, seed=0)
        arrays = [images[:10_000], labels[:10_000], images[10_000:], labels[10_000:]]
        save_standin(path, *arrays)
    train, test = Split(*arrays[:2]), Split(*arrays[2:])
    return Dataset(train, test, source="stand-in", is_mnist=False, problems=tuple(problems))


def save_standin(path: Path, *arrays: np.ndarray) -> None:
    """Write a stand-in set (train images and labels, test images and labels) in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as file:
        np.savez_compressed(file, **dict(zip(NPZ_KEYS.values(), arrays)))


def _load_standin(path: Path) -> list[np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        arrays = [file[key] for key in NPZ_KEYS.values()]
    for images, labels in (arrays[:2], arrays[2:]):
        if images.dtype != np.uint8 or images.shape != (len(labels), 28, 28) or labels.max() > 9:
            raise ValueError("not a stand-in set")
    return arrays
