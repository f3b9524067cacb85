"""Hostile weights files (HDF5) inside a .keras."""

from collections.abc import Callable, Iterator
from typing import Any

import h5py
import numpy as np

from tests.unit.exchange.files import Case, good_keras, with_members, with_weights
from tests.unit.exchange.members import members_of


def weights() -> Iterator[Case]:
    kernel, bias = "layers/dense/vars/0", "layers/dense/vars/1"
    shape = (192, 10)

    def case(name: str, change: Callable[[h5py.File], object], says: str | None) -> Case:
        return Case("hdf5", name, with_weights(change), says)

    def instead(make: Callable[[h5py.Group, str], object], path: str = kernel) -> Callable[[h5py.File], None]:
        def change(file: h5py.File) -> None:
            del file[path]
            group, _, name = path.rpartition("/")
            make(file[group] if group else file, name)

        return change

    def data(**how: Any) -> Callable[[h5py.File], None]:
        return instead(lambda group, name: group.create_dataset(name, **how))

    def put(value: Any) -> Callable[[h5py.File], None]:
        return instead(lambda group, name: group.__setitem__(name, value))

    zeros = np.zeros(shape, np.float32)
    layout = h5py.VirtualLayout(shape, "<f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", shape)
    yield case("soft link", put(h5py.SoftLink("/layers/conv2d")), "is a link to elsewhere")
    yield case("external link", put(h5py.ExternalLink("/etc/passwd", "/")), "is a link to elsewhere")
    yield case(
        "external link as a group",
        instead(lambda g, n: g.__setitem__(n, h5py.ExternalLink("other.h5", "/")), "layers/dense"),
        "is a link to elsewhere",
    )
    yield case(
        "link at the top",
        instead(lambda g, n: g.__setitem__(n, h5py.SoftLink("/optimizer")), "layers"),
        "is a link to elsewhere",
    )
    yield case("link without a target", put(h5py.SoftLink("/nothing")), "is a link to elsewhere")
    yield case(
        "data in another file",
        data(shape=shape, dtype="<f4", external=[("/etc/passwd", 0, 7680)]),
        "outside the file",
    )
    yield case("virtual dataset", instead(lambda g, n: g.create_virtual_dataset(n, layout)), "outside the file")
    yield case("chunks", data(data=zeros, chunks=(16, 10)), "in pieces")
    yield case("compressed", data(data=zeros, compression="gzip"), "is compressed")
    yield case("chunks with checksums", data(data=zeros, fletcher32=True), "is compressed, in pieces")
    yield case("growing", data(data=zeros, maxshape=(None, 10)), "in pieces")
    yield case("never written", data(shape=shape, dtype="<f4"), "is not whole")
    for name, dtype in (
        ("double precision", "<f8"), ("half precision", "<f2"), ("big endian", ">f4"), ("whole numbers", "<i4"),
        ("pairs", [("a", "<f4"), ("b", "<f4")]), ("texts", h5py.string_dtype()),
        ("lists", h5py.vlen_dtype(np.float32)),
        ("references", h5py.ref_dtype), ("bytes", "S4"), ("enumeration", h5py.enum_dtype({"a": 1})),
    ):  # fmt: skip
        yield case(f"type: {name}", data(shape=shape, dtype=dtype), "is not of type float32")
    yield case(
        "other shape",
        data(data=np.zeros((192, 11), np.float32)),
        "has the shape 192 × 11; its layer needs 192 × 10",
    )
    yield case("turned shape", data(data=np.zeros((10, 192), np.float32)), "has the shape 10 × 192")
    yield case("one dimension", data(data=np.zeros(1920, np.float32)), "has the shape 1920")
    yield case("a single number", data(data=np.float32(1)), "has the shape")
    yield case("no shape", data(data=h5py.Empty("<f4")), "has the shape")
    yield case("a group", instead(lambda g, n: g.create_group(n)), "is not what Keras writes there")
    yield case("not a number", lambda f: f[kernel].__setitem__((0, 0), np.nan), "not finite numbers")
    yield case("infinity", lambda f: f[bias].__setitem__(0, np.inf), "not finite numbers")
    yield case(
        "negative variance",
        lambda f: f["layers/batch_normalization/vars/3"].__setitem__(0, -1e38),
        "a variance below 0",
    )
    yield case("missing array", lambda f: f.__delitem__(bias), "lack layers/dense/vars/1")
    yield case("missing layer", lambda f: f.__delitem__("layers/dense"), "lack layers/dense")
    yield case("no layers", lambda f: f.__delitem__("layers"), "lack layers")
    yield case(
        "surplus array",
        lambda f: f.create_dataset("layers/dense/vars/2", data=zeros),
        "hold dense/vars/2, which belongs to no layer",
    )
    yield case("surplus layer", lambda f: f.create_group("layers/dense_1"), "hold layers/dense_1")
    yield case("surplus group in a layer", lambda f: f.create_group("layers/dense/lora"), "hold dense/lora")
    yield case(
        "array in a layer without any",
        lambda f: f.create_dataset("layers/flatten/vars/0", data=zeros),
        "hold flatten/vars/0",
    )
    yield case("surplus at the top", lambda f: f.create_group("model_weights"), "hold model_weights")
    yield case("spoilt optimizer", lambda f: f.__delitem__("optimizer/vars/2"), None)
    yield case(
        "link in the optimizer",
        lambda f: f.__setitem__("optimizer/x", h5py.ExternalLink("/etc/passwd", "/")),
        None,
    )
    yield case("attributes", lambda f: f[kernel].attrs.__setitem__("x", np.zeros(1000)), None)
    yield case(
        "a circle of groups",
        instead(lambda g, n: g.__setitem__(n, g.file["/"]), "layers/dense"),
        "hold dense/layers",
    )
    yield case(
        "the same array twice",
        instead(lambda g, n: g.__setitem__(n, g.file["layers/conv2d/vars/0"])),
        "has the shape 5 × 5 × 1 × 3",
    )
    h5 = members_of(good_keras())["model.weights.h5"]
    for name, content in (
        ("cut off", h5[:30_000]),
        ("empty", b""),
        ("zeros", bytes(9000)),
        ("no head", h5[:600]),
    ):
        broken = with_members(good_keras(), {"model.weights.h5": content})
        yield Case("hdf5", f"weights {name}", broken, "not a whole HDF5 file")
