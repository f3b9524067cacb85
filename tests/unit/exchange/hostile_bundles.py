"""Hostile bundles, and arrays in them."""

import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.unit.exchange.files import Case, bundle_with, bundle_with_json, npy, with_members
from tests.unit.exchange.members import members_of

_WRONG = "is missing, unknown or out of range"


def arrays(bundle: bytes) -> Iterator[Case]:
    def case(name: str, content: bytes, says: str | None = ".npy file of version 1.0") -> Case:
        return Case("npy", name, bundle_with(bundle, {"weights/00.npy": content}), says, ".zip")

    good = members_of(bundle)["weights/00.npy"]
    array = np.frombuffer(good[128:], "<f4").reshape(5, 5, 1, 3)
    yield case("pickled object", _pickled())
    yield case("Fortran order", npy(np.asfortranarray(np.zeros((5, 5, 1, 3), np.float32))))
    yield case("version 3", npy(array, (3, 0)))
    yield case("version 2", npy(array, (2, 0)))
    yield case("double precision", npy(array.astype(float)))
    yield case("other shape", npy(array.reshape(3, 5, 5, 1)))
    yield case("shape of the header is a lie", good.replace(b"(5, 5, 1, 3)", b"(5, 5, 1, 9)"))
    yield case("shape without end", good.replace(b"(5, 5, 1, 3)", b"(9**9**9,)  "))
    yield case("code in the header", good.replace(b"(5, 5, 1, 3)", b"exit(1)     "))
    yield case("cut off", good[:-4])
    yield case("too long", good + bytes(4))
    yield case("empty", b"")
    yield case("header only", good[:9])
    yield case("infinite", npy(np.full_like(array, np.inf)), "not finite numbers")


def _pickled() -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, np.array([[{"a": 1}]], object), allow_pickle=True)
    return file.getvalue()


def bundles(bundle: bytes) -> Iterator[Case]:
    members = members_of(bundle)
    rows = members["metrics.jsonl"]

    def case(name: str, content: bytes, says: str | None) -> Case:
        return Case("bundle", name, content, says, ".zip")

    def recipe(name: str, says: str | None, /, **changes: Any) -> Case:
        return case(f"recipe: {name}", bundle_with_json(bundle, "recipe.json", **changes), says)

    def result(name: str, says: str | None, /, **changes: Any) -> Case:
        return case(f"result: {name}", bundle_with_json(bundle, "result.json", **changes), says)

    def metrics(name: str, content: bytes, says: str | None = _WRONG) -> Case:
        return case(f"metrics: {name}", bundle_with(bundle, {"metrics.jsonl": content}), says)

    layers = json.loads(members["recipe.json"])["layers"]
    other = npy(np.zeros((5, 5, 1, 3), np.float32))
    yield case("untouched", bundle, None)
    yield case("wrong checksum", with_members(bundle, {"weights/00.npy": other}), "its checksum differs")
    yield case("surplus member", bundle_with(bundle, {"evil.py": b"x"}), "holds evil.py, which does not belong")
    yield case("surplus path", bundle_with(bundle, {"weights/../../x.npy": b"x"}), "does not belong in it")
    yield case(
        "surplus array", bundle_with(bundle, {"weights/99.npy": other}), "for which its network has no place"
    )
    yield case(
        "surplus epoch",
        bundle_with(bundle, {"epochs/0009/00.npy": npy(np.zeros((5, 5, 1, 3), np.float16))}),
        "lacks epochs/0009/01.npy",
    )
    yield case("unlisted member", with_members(bundle, {"origin.json": b"{}"}), "does not list origin.json")
    yield case("missing array", bundle_with(bundle, {"weights/02.npy": None}), "lacks weights/02.npy")
    yield case("listed but missing", with_members(bundle, {"weights/02.npy": None}), "lacks weights/02.npy")
    yield case("no recipe", bundle_with(bundle, {"recipe.json": None}), "lacks recipe.json")
    yield case("no result", bundle_with(bundle, {"result.json": None}), "lacks result.json")
    yield case("newer version", bundle_with(bundle, {}, version=2), "newer version of MNIST Studio")
    yield case("version as a text", bundle_with(bundle, {}, version="1"), "not that of a bundle")
    yield case("other format", bundle_with(bundle, {}, format="other"), "not that of a bundle")
    yield case(
        "manifest without members",
        with_members(
            bundle, {"manifest.json": b'{"format": "mnist-studio bundle", "version": 1, "members": 3}'}
        ),
        "not that of a bundle",
    )
    yield case(
        "checksum as a list",
        with_members(
            bundle,
            {"manifest.json": members["manifest.json"].replace(b'"sha256": "', b'"sha256": ["x"], "y": "', 2)},
        ),
        "its checksum differs",
    )
    yield case(
        "hostile model file",
        bundle_with(bundle, {"model.keras": b"\x80\x04evil", "evaluation.npz": b"PK"}),
        None,
    )
    yield case(
        "members of .keras",
        bundle_with(bundle, {"config.json": b"{}"}),
        "config.json, which does not belong",
    )
    yield recipe("unknown field", "recipe.json is invalid", evil=1)
    yield recipe("lambda as a layer", "layer is 'Lambda'", layers=[{"layer": "Lambda"}, *layers])
    yield recipe("layer with a code", "has no code", layers=[{"layer": "Flatten", "code": "x"}, *layers])
    yield recipe(
        "endless units",
        "from 1 to 4096",
        layers=[
            {"layer": "Flatten"},
            {"layer": "Dense", "units": 5 * 10**6, "activation": None, "kernel_initializer": "zeros"},
            layers[-1],
        ],
    )
    yield recipe("3,000 layers", "limit is 30", layers=[layers[1]] * 3000 + layers)
    yield recipe("layers as a text", "must be a JSON list", layers="Dense")
    yield recipe("long title", "one line of 1 to 60", title="x" * 61)
    yield recipe("title of two lines", "single lines", title="a\nb")
    yield recipe("title that turns round", "single lines", title="a\u202eb")
    yield recipe("title as a number", "single lines", title=7)
    yield recipe("title with HTML", None, title="<img src=x onerror=alert(1)>")
    yield recipe("long text", "single lines", shows="x" * 5000)
    yield recipe("name as a path", "small letters, digits and hyphens", name="../../x")
    yield recipe("epochs without end", "from 1 to 200", epochs=10**9)
    yield recipe("scaling as a number", "scaling must be true or false", scaling=1)
    yield recipe("published of the wrong type", "recipe.json is invalid", published=[1])
    yield recipe(
        "published without end",
        "accuracies must be pairs",
        published={"tutorial": "x", "accuracies": [[1, 0.5]] * 999},
    )
    yield result("unknown field", "evil", evil=1)
    yield result("accuracy of two", "test_accuracy", test_accuracy=2)
    yield result("status of its own", "status", status="<b>")
    yield result("seconds negative", "seconds", seconds=-1)
    yield result("epochs as a list", "epochs", epochs=[1])
    yield result("versions with objects", "versions", versions={"keras": {"a": 1}})
    yield metrics("unknown key", b'{"evil": 1}\n')
    yield metrics("text as a loss", rows.replace(b'"loss": ', b'"loss": "x", "x": ', 1))
    yield metrics(
        "loss of infinity", rows.replace(b'"loss": ', b'"loss": 1e999, "x": ', 1), "number out of range"
    )
    yield metrics("row without a loss", b'{"epoch": 1, "step": 3}\n')
    yield metrics("share of epochs is zero", rows.replace(b'"epochs_done": ', b'"epochs_done": 0, "x": ', 1))
    yield metrics("not JSON", b"evil\n", "not valid JSON")
    yield metrics("a list", b"[1]\n", "must be a JSON object")
    yield metrics("too many rows", b"{}\n" * 100_001, "more than 100,000 rows")
    yield metrics("deep", b"[" * 3000 + b"\n")
    yield metrics("none", b"", None)
    yield from _records(bundle)


def _records(bundle: bytes) -> Iterator[Case]:
    """Records of which each value is right alone, but that no training writes together."""
    members = members_of(bundle)
    first, *others = [json.loads(line) for line in members["metrics.jsonl"].splitlines()]

    def case(name: str, member: str, content: object, says: str | None) -> Case:
        rows = content if isinstance(content, list) else [content]
        lines = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        return Case("bundle", name, bundle_with(bundle, {member: lines}), says, ".zip")

    def row(name: str, changes: dict[str, Any], key: str, *, lacks: str = "") -> Case:
        changed = {name: of for name, of in (first | changes).items() if name != lacks}
        return case(f"row: {name}", "metrics.jsonl", [changed, *others], f"In metrics.jsonl:1, {key} {_WRONG}")

    yield row("step zero", {"step": 0}, "step")
    yield row("validation without accuracy", {"val_loss": 1.0, "val_cross_entropy": 1.0}, "val_accuracy")
    yield row("validation without cross-entropy", {"val_loss": 1, "val_accuracy": 1}, "val_cross_entropy")
    yield row("a note instead of measures", {"note": "x"}, "step", lacks="step")
    yield row("stopped instead of measures", {"stopped": True}, "loss", lacks="loss")
    yield row("end with half a loss", {"end": True, "cross_entropy": None}, "cross_entropy")
    yield row("next to no epochs", {"epochs_done": 1e-300}, "epochs_done")
    yield case(
        "row: step twice", "metrics.jsonl", [first, first, *others], f"In metrics.jsonl:2, step {_WRONG}"
    )
    yield case("row: a note and a stop", "metrics.jsonl", [{"note": "x", "step": 0}, {"stopped": True}], None)
    result = json.loads(members["result.json"])
    yield case("result: half a lesson", "result.json", result | {"held_back_after": 0.5}, "test_before")
    lesson = {f"{of}_{at}": 0.5 for of in ("test", "taught", "held_back") for at in ("before", "after")}
    yield case("result: a lesson", "result.json", result | lesson, None)
    yield case("result: stopped at once", "result.json", result | {"epochs": 0, "status": "stopped"}, None)
    yield case(
        "result: epochs false", "result.json", result | {"epochs": False}, f"In result.json, epochs {_WRONG}"
    )
    origin = {"kind": "keras", "file": "a.keras", "sha256": "0" * 64, "pixels": "raw", "remarks": []}
    for name, changes, key in (
        ("kind of its own", {"kind": ["keras"]}, "kind"),
        ("pixels of its own", {"pixels": []}, "pixels"),
        ("file that turns round", {"file": "a\u202eb"}, "file"),
        ("checksum", {"sha256": "x"}, "sha256"),
        ("remark as code", {"remarks": [{"text": "{a.b}"}]}, "remarks"),
        ("trained on a text", {"trained_on_mnist": "<b>"}, "trained_on_mnist"),
        ("unknown field", {"evil": 1}, "evil"),
        ("before that", {"before": origin | {"before": origin}}, "before"),
    ):
        yield case(f"origin: {name}", "origin.json", origin | changes, f"In origin.json, {key} {_WRONG}")
    yield case("origin: of a lie before", "origin.json", origin | {"before": {}}, f"kind {_WRONG}")
    yield case("origin", "origin.json", origin | {"before": origin | {"raw": 0.5}}, None)
