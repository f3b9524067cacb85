"""Digits written with a pen on a tablet, by people other than MNIST's writers.

A folder holds one or more *.json.gz, each a JSON list of

    {"label": 7, "writer": "...", "source": "the collection's name", "strokes": [[[x, y], ...], ...]}

with y down, in any unit. The data belongs to others: docs/starter.md says where the public originals are.
"""

import gzip
import json
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.data.mnist import DataError, Split
from mnist_core.language.messages import message
from mnist_core.preprocessing.preprocess import DrawingError, Stroke, checked, from_strokes

HELD_OUT = 0.2  # of each file's writers: used only for measuring, never for training or choosing


@dataclass(frozen=True)
class PenDigit:
    """One digit: its label 0..9, its strokes, its writer, its collection, and whether it is held out."""

    label: int
    strokes: tuple[Stroke, ...]
    writer: str
    source: str
    is_held_out: bool


def read_pen(folder: Path) -> list[PenDigit]:
    """All digits of the folder's files, in order.

    Each file's writers are sorted by the CRC-32 of their names, and the first fifth of them are held out, so
    that each writer is always entirely in or out. DataError if there is no file, or a file of another form.
    """
    paths = sorted(folder.glob("*.json.gz"))
    if not paths:
        raise DataError(message("{folder} holds no *.json.gz with pen digits.", folder=folder))
    return [digit for path in paths for digit in _digits(path)]


def as_images(digits: list[PenDigit]) -> Split:
    """The digits as the canvas would give them to a model: images uint8 (n, 28, 28), labels uint8 (n,)."""
    images = [from_strokes(digit.strokes) for digit in digits]
    return Split(np.stack(images), np.array([digit.label for digit in digits], np.uint8))


def _digits(path: Path) -> Iterator[PenDigit]:
    wrong = message(
        "{path} is not a file of pen digits. A gzipped JSON list of labels, writers and strokes is needed.",
        path=path,
    )
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            entries: list[dict[str, Any]] = json.load(file)
        writers = sorted({_writer(entry) for entry in entries}, key=lambda name: zlib.crc32(name.encode()))
        held_out = set(writers[: math.ceil(HELD_OUT * len(writers))])
        digits = [
            PenDigit(int(entry["label"]), tuple(entry["strokes"]), name, str(entry["source"]), name in held_out)
            for entry in entries
            for name in [_writer(entry)]
        ]
        if not all(digit.label in range(10) and checked(digit.strokes) for digit in digits):
            raise ValueError("a label is not one of 0 to 9, or a digit has no strokes")
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error, DrawingError) as error:
        raise DataError(wrong) from error
    yield from digits


def _writer(entry: dict[str, Any]) -> str:
    return f"{entry['source']}/{entry['writer']}"
