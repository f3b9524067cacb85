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

from mnist_core.language.messages import Message, message, sentences

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
    problems: tuple[Message | str, ...] = ()

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
            raise FileNotFoundError(
                message(
                    "{folder} holds neither mnist.npz nor {file} (or {file}.gz).", folder=folder, file=missing
                )
            )
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
        raise DataError(_damaged(path, error)) from error
    if len(content) > size:
        raise DataError(
            _wrong(message("{path} holds more than the expected {size:,} bytes.", path=path, size=size))
        )
    if len(content) < size:
        raise DataError(
            _wrong(
                message(
                    "{path} holds {number:,} bytes where {size:,} were expected.",
                    path=path,
                    number=len(content),
                    size=size,
                )
            )
        )
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
            message(
                "{path} lacks an array ({error}). It should hold x_train, y_train, x_test and y_test.",
                path=path,
                error=str(error),
            )
        ) from error
    except Exception as error:  # a damaged archive can raise nearly anything
        raise DataError(_damaged(path, error)) from error
    if unpacked > 60_000_000:
        raise DataError(_wrong(message("{path} unpacks to more than MNIST's 55 million bytes.", path=path)))
    for name, array in arrays.items():
        if array.shape != _SHAPES[name]:
            raise DataError(
                _wrong(
                    message(
                        "{path}: {array} has the shape {found} where {expected} was expected.",
                        path=path,
                        array=NPZ_KEYS[name],
                        found=array.shape,
                        expected=_SHAPES[name],
                    )
                )
            )
        arrays[name] = _verified(path, name, np.ascontiguousarray(array, np.uint8), _header(name))
    return arrays


def _verified(path: Path, name: str, array: np.ndarray, header: bytes) -> np.ndarray:
    if (found := hashlib.md5(header + array.tobytes(), usedforsecurity=False).hexdigest()) != _MD5[name]:
        raise DataError(
            _wrong(
                message(
                    "{path}: {array} has the MD5 {found} where MNIST has {expected}.",
                    path=path,
                    array=name,
                    found=found,
                    expected=_MD5[name],
                )
            )
        )
    return array.reshape(_SHAPES[name])


def _damaged(path: Path, error: Exception) -> Message:
    return _wrong(message("{path} is damaged or cut off ({error}).", path=path, error=str(error)))


def _wrong(what: Message) -> Message:
    """What is wrong with a file, and what to do."""
    return sentences([what, message("Remove it, or put the original MNIST file there.")])
