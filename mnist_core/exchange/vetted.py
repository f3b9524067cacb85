"""What a file from outside held, once it was read in a process of its own (vet.py) and checked.

<home>/incoming/<run id>/
    vetted.json        the file's name and SHA-256, the recipe, what was found, and the remarks
    arrays.bin         the weights float32, copies of them after some epochs float16, the metrics rows
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.exchange.arrays import shapes_of_all
from mnist_core.exchange.layout import MOST_COPIES
from mnist_core.exchange.records import (
    KINDS,
    MOST_REMARKS,
    MOST_ROW_BYTES,
    checked_origin,
    checked_recipe,
    checked_result,
    is_checksum,
)
from mnist_core.exchange.refusals import from_json, shown
from mnist_core.exchange.strict_json import parsed
from mnist_core.language.messages import Message
from mnist_core.recipes.layer import Shape
from mnist_core.recipes.recipe import BOUNDS, Recipe

HEADER, ARRAYS = "vetted.json", "arrays.bin"


@dataclass(frozen=True)
class Vetted:
    """A checked file's content, in `folder`.

    `scaling` is None where it must be found out by trying. `result` is that of a bundle's run, else None.
    `origin` is where the bundle's run had been brought in from, and `data_sha256` the checksum of the data
    where the bundle was made; "" if it is not known.
    """

    folder: Path
    kind: str
    recipe: Recipe
    scaling: bool | None
    result: dict[str, Any] | None
    epochs: tuple[int, ...]
    num_row_bytes: int
    remarks: tuple[Message, ...]
    file_name: str = ""
    sha256: str = ""
    origin: dict[str, Any] | None = None
    data_sha256: str = ""

    @classmethod
    def from_json(cls, folder: Path, data: dict[str, Any]) -> "Vetted":
        """The header as the process wrote it. ValueError if anything in it is not as it should be."""
        kind, scaling, rows = data["kind"], data["scaling"], data["rows"]
        epochs, remarks, result = data["epochs"], data["remarks"], data["result"]
        origin, data_sha256 = data.get("origin"), data.get("data_sha256", "")
        highest = BOUNDS["epochs"][1]
        is_right = (
            kind in KINDS
            and scaling in (None, True, False)
            and type(rows) is int
            and 0 <= rows <= MOST_ROW_BYTES
            and isinstance(epochs, list)
            and all(type(epoch) is int and 1 <= epoch <= highest for epoch in epochs)
            and epochs == sorted(set(epochs))
            and len(epochs) <= MOST_COPIES
            and isinstance(remarks, list)
            and len(remarks) <= MOST_REMARKS
            and (result is not None) == (kind == "bundle")
            and (data_sha256 == "" or is_checksum(data_sha256))
        )
        if not is_right:
            raise ValueError("not a header")
        return cls(
            folder,
            kind,
            checked_recipe(data["recipe"]),
            scaling,
            None if result is None else checked_result(result),
            tuple(epochs),
            rows,
            tuple(map(from_json, remarks)),
            shown(data.get("file", "")),
            shown(data.get("sha256", "")),
            None if origin is None else checked_origin(origin),
            data_sha256,
        )

    @classmethod
    def load(cls, folder: Path) -> "Vetted":
        """What `vet` left in the folder. ValueError or OSError if it is not there, or not whole."""
        found = cls.from_json(folder, parsed((folder / HEADER).read_bytes(), HEADER))
        if found._path.stat().st_size != found.num_bytes:
            raise ValueError("arrays.bin is not whole")
        return found

    @cached_property
    def shapes(self) -> list[Shape]:
        return shapes_of_all(self.recipe.layers)

    @property
    def num_bytes(self) -> int:
        """The size of arrays.bin."""
        return self._num_values * (4 + 2 * len(self.epochs)) + self.num_row_bytes

    def arrays(self) -> list[np.ndarray]:
        """The model's weights, float32, in Keras's order of all layers."""
        return self._read("<f4", 0)

    def copies(self) -> Iterator[tuple[int, list[np.ndarray]]]:
        """Each of `epochs`, and the weights after it, float16."""
        for number, epoch in enumerate(self.epochs):
            yield epoch, self._read("<f2", self._num_values * (4 + 2 * number))

    def rows(self) -> bytes:
        """The content of metrics.jsonl; empty without one."""
        with self._path.open("rb") as file:
            file.seek(self.num_bytes - self.num_row_bytes)
            return file.read()

    @property
    def _path(self) -> Path:
        return self.folder / ARRAYS

    @property
    def _num_values(self) -> int:
        return sum(int(np.prod(shape)) for shape in self.shapes)

    def _read(self, dtype: str, offset: int) -> list[np.ndarray]:
        values = np.fromfile(self._path, dtype, self._num_values, offset=offset)
        ends = np.cumsum([int(np.prod(shape)) for shape in self.shapes])[:-1]
        return [part.reshape(shape) for part, shape in zip(np.split(values, ends), self.shapes)]
