"""MNIST: 60,000 training and 10,000 test images of handwritten digits (LeCun et al. 1998).

A folder holds either mnist.npz (x_train, y_train, x_test, y_test) or the four IDX files
(train-images-idx3-ubyte and so on, gzipped or not), directly or in subfolders, under the names used by
dataset sites and torchvision (train-images.idx3-ubyte, MNIST/raw). A file that differs from MNIST by a
byte is never used; the error names it and what was expected.
"""

import gzip
import hashlib
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

Progress = Callable[[str, int, int], None]
"""Called with (file name, bytes so far, total bytes or 0 if unknown)."""

_DEEP = 3  # levels of subfolders that are searched
_MOST = 200  # entries of a folder that are searched
# MD5 of each array's uncompressed IDX file, as published by its authors.
_MD5 = {
    "train-images": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels": "a25bea736e30d166cdddb491f175f624",
    "t10k-images": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels": "27ae3e4e09519cfbb04c329615203637",
}
_SHAPES = {
    "train-images": (60_000, 28, 28),
    "train-labels": (60_000,),
    "t10k-images": (10_000, 28, 28),
    "t10k-labels": (10_000,),
}
NPZ_KEYS = {
    "train-images": "x_train",
    "train-labels": "y_train",
    "t10k-images": "x_test",
    "t10k-labels": "y_test",
}
IDX_FILES = tuple(f"{name}-idx{len(shape)}-ubyte" for name, shape in _SHAPES.items())


class DataError(Exception):
    """A file that is not MNIST; the message names the file and what was expected."""


@dataclass(frozen=True)
class Split:
    """Images uint8 (n, 28, 28), white ink on black, and labels uint8 (n,); both read-only."""

    images: np.ndarray
    labels: np.ndarray

    def __post_init__(self) -> None:
        self.images.setflags(write=False)
        self.labels.setflags(write=False)

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter((self.images, self.labels))

    def __add__(self, other: "Split") -> "Split":
        """These images followed by the other's."""
        return Split(*(np.concatenate(both) for both in zip(self, other)))

    def __getitem__(self, some: slice | np.ndarray) -> "Split":
        return Split(self.images[some], self.labels[some])


@dataclass(frozen=True)
class Dataset:
    """Training and test split, their source, and what was wrong with the sources tried before it."""

    train: Split
    test: Split
    source: str
    is_mnist: bool = True
    problems: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Split]:
        return iter((self.train, self.test))


def read_folder(folder: Path) -> tuple[Split, Split]:
    """Training and test split from a folder with mnist.npz or the four IDX files, up to _DEEP levels down.

    If several files have the same name, the first valid one is used. FileNotFoundError if a file is missing;
    DataError if none of that name is MNIST's.
    """
    files = _files(folder)
    if npz := files.get("mnist.npz"):
        arrays = _first_good(npz, _read_npz)
    else:
        missing = next((file for file in IDX_FILES if file not in files), None)
        if missing:
            raise FileNotFoundError(f"{folder} holds neither mnist.npz nor {missing} (or {missing}.gz)")
        arrays = {
            name: _first_good(files[file], partial(_read_idx, name=name))
            for name, file in zip(_SHAPES, IDX_FILES)
        }
    return (
        Split(arrays["train-images"], arrays["train-labels"]),
        Split(arrays["t10k-images"], arrays["t10k-labels"]),
    )


def _files(folder: Path) -> dict[str, list[Path]]:
    """MNIST's files in the folder by their usual names, those at the top first."""
    found: dict[str, list[Path]] = {}
    level = [folder]
    for _ in range(_DEEP + 1):
        entries = [path for place in level if place.is_dir() for path in sorted(place.iterdir())[:_MOST]]
        for path in entries:
            name = path.name.removesuffix(".gz").replace(".idx", "-idx")
            if name in (*IDX_FILES, "mnist.npz") and path.is_file():
                found.setdefault(name, []).append(path)
        folders = [path for path in entries if path.is_dir() and not path.is_symlink()]
        level = [path for path in folders if not path.name.startswith("unfinished-")][:_MOST]  # see download.py
    return found


def _first_good(paths: list[Path], read: Callable[[Path], Any]) -> Any:
    """The content of the first valid file; raises the first file's DataError if none is valid."""
    errors = []
    for path in paths:
        try:
            return read(path)
        except DataError as error:
            errors.append(error)
    raise errors[0]


def _header(name: str) -> bytes:
    """The IDX header of the array `name`: magic number and dimensions."""
    shape = _SHAPES[name]
    return struct.pack(f">{1 + len(shape)}I", 0x800 + len(shape), *shape)


def _read_idx(path: Path, name: str) -> np.ndarray:
    header = _header(name)
    size = len(header) + int(np.prod(_SHAPES[name]))
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            # One extra byte detects a longer file and still limits a gzip bomb.
            content = file.read(size + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} is damaged or cut off ({error}); {_WANTED}") from error
    if len(content) != size:
        found = "more" if len(content) > size else f"{len(content):,}"
        raise DataError(f"{path} holds {found} bytes where {size:,} were expected; {_WANTED}")
    return _verified(path, name, np.frombuffer(content, np.uint8, offset=len(header)), content[: len(header)])


def _read_npz(path: Path) -> dict[str, np.ndarray]:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        # Labels may be int64; anything larger is not MNIST and is not unpacked.
        if unpacked <= 60_000_000:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[key] for name, key in NPZ_KEYS.items()}
    except KeyError as error:
        raise DataError(
            f"{path} lacks an array ({error}); x_train, y_train, x_test, y_test were expected"
        ) from error
    except Exception as error:  # a damaged archive can raise nearly anything
        raise DataError(f"{path} is damaged or cut off ({error}); {_WANTED}") from error
    if unpacked > 60_000_000:
        raise DataError(f"{path} unpacks to more than MNIST's 55 million bytes; {_WANTED}")
    for name, array in arrays.items():
        if array.shape != _SHAPES[name]:
            found = f"{NPZ_KEYS[name]} has shape {array.shape} where {_SHAPES[name]} was expected"
            raise DataError(f"{path}: {found}; {_WANTED}")
        arrays[name] = _verified(path, name, np.ascontiguousarray(array, np.uint8), _header(name))
    return arrays


def _verified(path: Path, name: str, array: np.ndarray, header: bytes) -> np.ndarray:
    if (found := hashlib.md5(header + array.tobytes(), usedforsecurity=False).hexdigest()) != _MD5[name]:
        raise DataError(f"{path}: {name} has MD5 {found} where MNIST has {_MD5[name]}; {_WANTED}")
    return array.reshape(_SHAPES[name])


_WANTED = "remove it, or put the original MNIST file there"
