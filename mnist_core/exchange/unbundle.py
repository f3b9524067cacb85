"""Reads a bundle (see bundle.py) that may come from anywhere: every member is checked before it is used.

Model files and probabilities in it are ignored. They count only for the checksums.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from mnist_core.exchange import archive, npy
from mnist_core.exchange.arrays import shapes_of_all
from mnist_core.exchange.layout import FORMAT, MANIFEST, MOST_COPIES, VERSION
from mnist_core.exchange.records import (
    MOST_ROW_BYTES,
    checked_origin,
    checked_recipe,
    checked_result,
    checked_rows,
    is_checksum,
)
from mnist_core.exchange.refusals import shown
from mnist_core.exchange.strict_json import parsed
from mnist_core.language.messages import Message, message

KNOWN = re.compile(
    r"(manifest|recipe|result|origin)\.json|metrics\.jsonl|weights/[0-9]{2,3}\.npy|epochs/[0-9]{4}/[0-9]{2,3}\.npy"
    r"|script\.py|model\.keras|model\.tflite|evaluation\.npz|card\.html|read_keras\.py|read_tflite\.py"
)
_MOST_JSON = 1_000_000  # bytes


class Bundle:
    """A bundle's content, checked. ValueError if anything is wrong with it."""

    def __init__(self, file: archive.Archive) -> None:
        self._file = file
        manifest = parsed(file.read(MANIFEST, _MOST_JSON), MANIFEST)
        self._check_manifest(manifest)
        self.data_sha256 = _data_of(manifest)
        self.recipe = checked_recipe(self._json("recipe.json"))
        self.result = checked_result(self._json("result.json"))
        self.origin = checked_origin(self._json("origin.json")) if "origin.json" in file.names else None
        content = file.read("metrics.jsonl", MOST_ROW_BYTES) if "metrics.jsonl" in file.names else b""
        self.rows = b"".join(json.dumps(row).encode() + b"\n" for row in checked_rows(content))
        self._shapes = shapes_of_all(self.recipe.layers)
        self.epochs = self._epochs()

    def arrays(self) -> list[np.ndarray]:
        """The model's weights, float32."""
        return self._arrays("weights", "<f4")

    def copies(self) -> Iterator[list[np.ndarray]]:
        """The weights after each of `epochs`, float16."""
        for epoch in self.epochs:
            yield self._arrays(f"epochs/{epoch:04}", "<f2")

    def _json(self, name: str) -> dict[str, Any]:
        return parsed(self._file.read(name, _MOST_JSON), name)

    def _arrays(self, folder: str, dtype: str) -> list[np.ndarray]:
        names = [f"{folder}/{number:02}.npy" for number in range(len(self._shapes))]
        return [
            npy.array_of(self._file.read(name), name, dtype, shape) for name, shape in zip(names, self._shapes)
        ]

    def _check_manifest(self, manifest: dict[str, Any]) -> None:
        """ValueError unless it is that of a bundle whose members it lists, each with its checksum."""
        version, listed = manifest.get("version"), manifest.get("members")
        if manifest.get("format") != FORMAT or type(version) is not int or not isinstance(listed, dict):
            raise ValueError(message("manifest.json is not that of a bundle of MNIST Studio."))
        if not 1 <= version <= VERSION:
            raise ValueError(
                message(
                    "The bundle was made by a newer version of MNIST Studio: its format is {version}, and this "
                    "version reads {known}.",
                    version=version,
                    known=VERSION,
                )
            )
        present = [name for name in self._file.names if name != MANIFEST]
        if other := sorted(set(listed) ^ set(present)):
            raise ValueError(_absent(other[0]) if other[0] in listed else _unlisted(other[0]))
        for name in present:
            content = self._file.read(name)
            expected = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            if listed[name] != expected:
                raise ValueError(
                    message("{name} is not what manifest.json says: its checksum differs.", name=name)
                )

    def _epochs(self) -> list[int]:
        """The epochs of which there are copies. ValueError if there are too many arrays, or too many copies."""
        arrays = [name for name in self._file.names if name.endswith(".npy")]
        folders = {name.rpartition("/")[0] for name in arrays}
        known = {f"{folder}/{number:02}.npy" for folder in folders for number in range(len(self._shapes))}
        if surplus := sorted(set(arrays) - known):
            raise ValueError(
                message("The bundle holds {name}, for which its network has no place.", name=surplus[0])
            )
        epochs = sorted(int(folder[-4:]) for folder in folders if folder != "weights")
        if len(epochs) > MOST_COPIES:
            raise ValueError(
                message(
                    "The bundle has copies of {number} epochs; the limit is {limit}.",
                    number=len(epochs),
                    limit=MOST_COPIES,
                )
            )
        return epochs


def _data_of(manifest: dict[str, Any]) -> str:
    """The checksum of the data that were there when the bundle was made; "" if it says none."""
    data = manifest.get("data")
    found = data.get("sha256") if isinstance(data, dict) else None
    return found if is_checksum(found) else ""


def _absent(name: str) -> Message:
    return message("The archive lacks {name}.", name=shown(name))


def _unlisted(name: str) -> Message:
    return message("manifest.json does not list {name}.", name=shown(name))
