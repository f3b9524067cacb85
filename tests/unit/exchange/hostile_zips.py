"""Hostile archives, and files that are something else."""

import io
import struct
import zipfile
from collections.abc import Iterator

from tests.unit.exchange.files import Case, good_keras, with_members
from tests.unit.exchange.members import members_of, zipped


def _patched(content: bytes, at: int, raw: bytes) -> bytes:
    return content[:at] + raw + content[at + len(raw) :]


def _central(content: bytes, name: str) -> int:
    """Where a member's entry in the table of contents begins."""
    place = content.index(b"PK\1\2")
    while content[place + 46 :].startswith(name.encode()) is False:
        place = content.index(b"PK\1\2", place + 4)
    return place


def zips() -> Iterator[Case]:
    good, names = good_keras(), members_of(good_keras())

    def case(name: str, content: bytes, says: str | None) -> Case:
        return Case("zip", name, content, says)

    for path in (
        "../evil.py",
        "/etc/passwd",
        "C:\\evil.exe",
        "assets/../../x",
        "config.json/",
        "config\0.json",
    ):
        yield case(f"surplus member {path!r}", with_members(good, {path: b"x"}), "does not belong in it")
    yield case("assets", with_members(good, {"assets/vocabulary.txt": b"x"}), "does not belong in it")
    yield case("no config", with_members(good, {"config.json": None}), "lacks config.json")
    yield case("no weights", with_members(good, {"model.weights.h5": None}), "lacks model.weights.h5")
    yield case("compressed", zipped(names, zipfile.ZIP_DEFLATED), "is compressed in the archive")
    yield case("compressed otherwise", zipped(names, zipfile.ZIP_BZIP2), "is compressed in the archive")
    twice = io.BytesIO(good)
    with zipfile.ZipFile(twice, "a") as archive:
        info = zipfile.ZipInfo("config.jsox")
        archive.writestr(info, b"{}")
    yield case(
        "doubled name", twice.getvalue().replace(b"config.jsox", b"config.json"), "holds config.json twice"
    )
    link = io.BytesIO()
    with zipfile.ZipFile(link, "w") as archive:
        info = zipfile.ZipInfo("config.json")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, b"/etc/passwd")
    yield case("symbolic link", link.getvalue(), "does not belong in it")
    table = _central(good, "config.json")
    local = good.index(b"PK\3\4", 10)
    locked = _patched(_patched(good, table + 8, b"\1\0"), local + 6, b"\1\0")
    yield case("encrypted", locked, "is encrypted")
    size = len(names["config.json"])
    for name, number in (("smaller size", size - 9), ("larger size", size + 9), ("endless size", 2**32 - 2)):
        both = struct.pack("<2L", number, number)
        says = "checksum does not match" if number < size else "not a whole zip archive"
        yield case(
            name,
            _patched(_patched(good, table + 20, both), local + 18, both),
            says if name != "larger size" else "whole zip archive",
        )
    yield case("size of ZIP64", _patched(good, table + 20, b"\xff" * 8), "not a whole zip archive")
    yield case(
        "wrong checksum",
        _patched(_patched(good, table + 16, b"abcd"), local + 14, b"abcd"),
        "checksum does not match",
    )
    yield case("checksums that differ", _patched(good, table + 16, b"abcd"), "not a whole zip archive")
    yield case("names that differ", _patched(good, local + 30, b"CONFIG"), "not a whole zip archive")
    weights = _central(good, "model.weights.h5")
    yield case(
        "overlapping members", _patched(good, weights + 42, struct.pack("<L", local)), "not a whole zip archive"
    )
    yield case(
        "member behind the end",
        _patched(good, weights + 42, struct.pack("<L", len(good))),
        "not a whole zip archive",
    )
    for share in (0.3, 0.9, 0.999):
        yield case(f"cut off at {share}", good[: int(len(good) * share)], "not a whole zip archive")
    yield case("something before it", b"PK\3\4" + good, "not a whole zip archive")
    yield case("something after it", good + b"#!/bin/sh", "not a whole zip archive")
    yield case(
        "more members than there are",
        _patched(good, len(good) - 14, struct.pack("<2H", 9, 9)),
        "not a whole zip archive",
    )
    yield case("empty archive", zipped({}), "neither a bundle nor a .keras")
    flipped = bytearray(good)
    flipped[good.index(names["model.weights.h5"]) + 20_000] ^= 4
    yield case("one bit of a weight", bytes(flipped), "checksum does not match")
    yield case("untouched", good, None)
    yield case("other dates", _patched(_patched(good, table + 12, b"\0\0\1\2"), local + 10, b"\0\0\3\4"), None)


def others() -> Iterator[Case]:
    yield Case("file", "nothing", b"", "neither a bundle nor a .keras")
    yield Case("file", "a text", b"hello", "neither a bundle nor a .keras")
    yield Case("file", "a pickle", b"\x80\x04\x95cos\nsystem\n(S'id'\ntR.", "neither a bundle nor a .keras")
    yield Case(
        "file",
        "weights without a network",
        members_of(good_keras())["model.weights.h5"],
        "choose the recipe or the run",
        ".weights.h5",
    )
    yield Case("file", "a document", zipped({"word/document.xml": b"<x/>"}), "does not belong in it")
