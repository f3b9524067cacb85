r"""Arrays in NumPy's .npy format, read without NumPy's reader: one exact header, then plain bytes.

\x93NUMPY 1 0, length of the header (uint16), {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }, bytes
"""

import struct

import numpy as np

from mnist_core.language.messages import message

_MAGIC = b"\x93NUMPY\x01\x00"


def array_of(raw: bytes, name: str, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    """The array in `raw`, the content of the file `name`. ValueError unless it has this `dtype` and `shape`.

    `dtype` is written as in the header: "<f4", "<f2".
    """
    size = len(_MAGIC) + 2
    length = struct.unpack("<H", raw[len(_MAGIC) : size])[0] if len(raw) >= size else 0
    expected = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape!r}, }}"
    header = raw[size : size + length]
    is_right = raw.startswith(_MAGIC) and header.rstrip(b" \n") == expected.encode()
    values = raw[size + length :]
    if not is_right or len(values) != np.dtype(dtype).itemsize * int(np.prod(shape)):
        raise ValueError(
            message(
                "{name} must be a .npy file of version 1.0 with numbers of type {dtype} in the shape {shape}, "
                "in C order.",
                name=name,
                dtype=np.dtype(dtype).name,
                shape=" × ".join(map(str, shape)),
            )
        )
    return finite(np.frombuffer(values, dtype).reshape(shape), name)


def finite(array: np.ndarray, name: str) -> np.ndarray:
    """The array. ValueError if it holds infinity, or what is not a number."""
    if not np.isfinite(array).all():
        raise ValueError(message("{name} holds values that are not finite numbers.", name=name))
    return array
