"""Small copies of a network's weights after some of its epochs, to show how it learnt.

    weights/0003.npz   after epoch 3: arr_0, arr_1, ... float16, all layers' weights in Keras's order

While a run trains there is also one after its newest epoch, so that the pages can follow it. float16 halves
the size and is exact to three digits, which is enough for display.
"""

import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np

from mnist_core.files import whole
from mnist_core.language.messages import message
from mnist_core.recipes.layer import Layer
from mnist_core.runs import seal

MOST_EPOCHS = 12
MOST_BYTES = 16_000_000  # for all copies of a run


def kept_epochs(epochs: int, num_parameters: int) -> list[int]:
    """The epochs after which a copy is kept: evenly spaced, including the first and the last."""
    number = int(np.clip(MOST_BYTES // (2 * num_parameters), 1, min(epochs, MOST_EPOCHS)))
    return sorted({round(epoch) for epoch in np.linspace(epochs, 1, number)})


def save(folder: Path, epoch: int, weights: Sequence[np.ndarray]) -> None:
    """Write a copy in one step; `folder` is created."""
    folder.mkdir(exist_ok=True)
    with whole(_path(folder, epoch)) as file:
        np.savez(file, *(np.clip(array, -6e4, 6e4).astype(np.float16) for array in weights))


def replace_newest(folder: Path, epoch: int, weights: Sequence[np.ndarray], kept: Container[int]) -> None:
    """Write a copy after `epoch`, and remove that of the epoch before unless it is one of those to be `kept`.

    OSError if the disk is full: the copies are then as they were.
    """
    save(folder, epoch, weights)
    if epoch - 1 not in kept:
        _path(folder, epoch - 1).unlink(missing_ok=True)


def epoch_to_show(epochs: Sequence[int], chosen: int | None, newest: int | None) -> int:
    """The one of `epochs`, ascending, to show to a visitor who has `chosen` one when `newest` was the newest.

    Who looks at the newest goes on to the next; who looks at an earlier one stays there, or near it.
    """
    if chosen is None or chosen == newest:
        return epochs[-1]
    return min(epochs, key=lambda epoch: (abs(epoch - chosen), epoch))


def thin_out(folder: Path, epochs: int, last: int) -> None:
    """After a run got more epochs, keep only as many copies as usual, evenly spaced, including the last."""
    paths = [path for path in sorted(folder.glob("[0-9]*.npz")) if int(path.stem) <= last]
    if not paths:
        return
    number = len(kept_epochs(epochs, max(1, paths[-1].stat().st_size // 2)))
    left = {paths[round(place)] for place in np.linspace(len(paths) - 1, 0, min(number, len(paths)))}
    for path in folder.glob("[0-9]*.npz"):
        if path not in left:
            path.unlink()


def load(folder: Path) -> dict[int, list[np.ndarray]]:
    """All copies by epoch, float32; damaged ones are left out: Run.damage names them."""
    found = {}
    for path in sorted(folder.glob("[0-9]*.npz")):
        try:
            seal.check(folder.parent, f"{folder.name}/{path.name}")
            with np.load(path, allow_pickle=False) as file:
                found[int(path.stem)] = [file[f"arr_{i}"].astype(np.float32) for i in range(len(file.files))]
        except Exception:  # a damaged archive can raise nearly anything
            continue
    return found


def final(model: Path, layers: Sequence[Layer]) -> list[np.ndarray]:
    """All layers' weights in a model.keras, float32, in Keras's order, read without Keras.

    ValueError if the file is missing or damaged, or if its model has other layers.
    """
    import h5py  # 0.1 s

    try:
        with ZipFile(model) as archive, h5py.File(BytesIO(archive.read("model.weights.h5"))) as file:
            network = file["layers"]
            network = network.get("sequential/layers", network)  # inside a model that looks at shifted copies
            names = layer_names(layers)
            return [np.asarray(array) for name in names for array in _arrays(network[name]["vars"])]
    except Exception as error:  # a damaged archive can raise nearly anything
        raise ValueError(message("The saved weights cannot be read.")) from error


def _path(folder: Path, epoch: int) -> Path:
    return folder / f"{epoch:04}.npz"


def layer_names(layers: Sequence[Layer]) -> list[str]:
    """The layers' names in a file of Keras."""
    seen = Counter()
    return [next_name(type(layer).__name__, seen) for layer in layers]


def next_name(kind: str, seen: Counter[str]) -> str:
    """The name there of a layer of this class; those from the second on are numbered, as `seen` counts them."""
    kind = snake(kind)
    seen[kind] += 1
    return f"{kind}_{seen[kind] - 1}" if seen[kind] > 1 else kind


def snake(kind: str) -> str:
    """A class's name as Keras writes it in a file: max_pooling2d, re_lu."""
    return re.sub("(?<=[a-z])(?=[A-Z])", "_", kind).lower()


def _arrays(group: Mapping[str, Any]) -> list[Any]:
    return [group[key] for key in sorted(group, key=int)]
