"""The arrays in a weights file of Keras (HDF5), each checked before anything of it is read.

    layers/dense/vars/0        a layer's first array: its class in snake case, numbered from the second on
    optimizer/ vars/ metrics/  not looked at

Only what plain Keras writes is accepted: hard links, float32 in one piece, no filters, nothing elsewhere.
"""

from collections.abc import Collection, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core.exchange.npy import finite
from mnist_core.exchange.rebuild import Group
from mnist_core.exchange.refusals import shown
from mnist_core.language.messages import message

if TYPE_CHECKING:
    import h5py

_BESIDE = ("layers", "vars", "optimizer", "metrics")  # at the top; only the first is looked at
_BESIDE_VARS = ("vars", "seed_generator")  # in a layer without arrays
_EPSILON = 1e-3  # which our BatchNormalization adds to the variance


def read(raw: bytes, groups: Sequence[Group], names: Collection[str]) -> list[np.ndarray]:
    """All arrays in Keras's order of our layers, complete. ValueError says what is wrong with the file.

    `names` are those of all groups that may occur.
    """
    import h5py  # 0.1 s

    try:
        file = h5py.File(BytesIO(raw), "r")
    except Exception as error:  # h5py raises nearly anything for a damaged file
        raise ValueError(_damaged()) from error
    with file:
        try:
            return _read(file, len(raw), groups, names)
        except ValueError as error:
            if error.args and not isinstance(error.args[0], str):
                raise
            raise ValueError(_damaged()) from error
        except Exception as error:
            raise ValueError(_damaged()) from error


def _read(file: "h5py.File", size: int, groups: Sequence[Group], names: Collection[str]) -> list[np.ndarray]:
    _check_names(file, "", _BESIDE)
    layers = _member(file, "layers")
    _check_names(layers, "layers", names)
    stored = {group.name for group in groups}
    for name in layers:
        if name not in stored:
            inner = _member(layers, name)
            _check_names(inner, name, _BESIDE_VARS)
            if "vars" in inner and not name.startswith(("dropout", "random_")):
                _check_names(_member(inner, "vars"), f"{name}/vars", ())
    found = [(group, _datasets(layers, group, size)) for group in groups]  # all are checked before any is read
    return [array for group, datasets in found for array in _completed(group, datasets)]


def _datasets(layers: "h5py.Group", group: Group, size: int) -> list["h5py.Dataset | None"]:
    """The group's datasets, checked; None for an array that is not stored."""
    inner = _member(layers, group.name)
    _check_names(inner, group.name, ("vars",))
    vars_, found = _member(inner, "vars"), []
    _check_names(vars_, f"{group.name}/vars", [f"{number}" for number in range(sum(group.stored))])
    for shape, is_stored in zip(group.shapes, group.stored):
        if not is_stored:
            found.append(None)
            continue
        number = f"{sum(dataset is not None for dataset in found)}"
        dataset = _member(vars_, number, is_group=False)
        _check(dataset, f"{group.name}/vars/{number}", shape, size)
        found.append(dataset)
    return found


def _member(group: "h5py.Group", name: str, is_group: bool = True) -> Any:
    """What `name` stands for in this file. ValueError if it is missing, or a link to elsewhere."""
    import h5py

    link = group.get(name, getlink=True)
    where = f"{group.name}/{name}".lstrip("/")
    if link is None:
        raise ValueError(message("The weights lack {name}.", name=where))
    if not isinstance(link, h5py.HardLink):
        raise ValueError(
            message("{name} in the weights is a link to elsewhere, which is not followed.", name=where)
        )
    found = group[name]
    if not isinstance(found, h5py.Group if is_group else h5py.Dataset):
        raise ValueError(message("{name} in the weights is not what Keras writes there.", name=where))
    return found


def _check_names(group: "h5py.Group", where: str, known: Collection[str]) -> None:
    """ValueError if the group holds anything but what is known."""
    if len(group) > 200:
        raise ValueError(message("{name} in the weights is not what Keras writes there.", name=where or "/"))
    for name in group:
        if name not in known:
            path = shown(f"{where}/{name}".lstrip("/"))
            raise ValueError(message("The weights hold {name}, which belongs to no layer.", name=path))


def _check(dataset: "h5py.Dataset", name: str, shape: tuple[int, ...], size: int) -> None:
    """ValueError unless it is a plain array of float32 with this shape, within a file of `size` bytes."""
    import h5py

    if not dataset.id.get_type().equal(h5py.h5t.IEEE_F32LE):
        raise ValueError(message("{name} in the weights is not of type float32.", name=name))
    if dataset.shape != shape:
        raise ValueError(
            message(
                "{name} in the weights has the shape {shape}; its layer needs {expected}.",
                name=name,
                shape=shown(_sides(dataset.shape)),
                expected=_sides(shape),
            )
        )
    plan, num_bytes = dataset.id.get_create_plist(), 4 * int(np.prod(shape))
    is_plain = plan.get_layout() in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT)
    if not is_plain or plan.get_external_count() or plan.get_nfilters():
        raise ValueError(
            message("{name} in the weights is compressed, in pieces or outside the file.", name=name)
        )
    begin = dataset.id.get_offset() if plan.get_layout() == h5py.h5d.CONTIGUOUS else 0
    if begin is None or dataset.id.get_storage_size() != num_bytes or begin + num_bytes > size:
        raise ValueError(message("{name} in the weights is not whole.", name=name))


def _completed(group: Group, datasets: Sequence["h5py.Dataset | None"]) -> list[np.ndarray]:
    """The layer's arrays. Another epsilon goes into the scale: scale / sqrt(variance + epsilon) stays."""
    found = []
    for dataset, shape in zip(datasets, group.shapes):
        array = np.zeros(shape, np.float32)
        if dataset is not None:
            dataset.read_direct(array)
            finite(array, dataset.name.lstrip("/"))
        elif group.epsilon is not None and not found:
            array += 1
        found.append(array)
    if group.epsilon is not None and (found[3] < 0).any():
        raise ValueError(message("{name} in the weights holds a variance below 0.", name=f"{group.name}/vars"))
    if group.epsilon not in (None, _EPSILON):
        scale, _, _, variance = found
        factor = np.sqrt((variance.astype(float) + _EPSILON) / (variance.astype(float) + group.epsilon))
        found[0] = (scale * factor).astype(np.float32)
    return found


def _sides(shape: tuple[int, ...] | None) -> str:
    return " × ".join(map(str, shape or ()))


def _damaged() -> Any:
    return message("The weights are not a whole HDF5 file: it was damaged or cut off.")
