"""Archives member by member, for tests that make others of a good one."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any


def members_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return file.getvalue()


def rehashed(members: Mapping[str, bytes], **manifest: Any) -> bytes:
    """A bundle with these members, and a manifest that lists them."""
    known = json.loads(members["manifest.json"]) | manifest
    others = {name: of for name, of in members.items() if name != "manifest.json"}
    known["members"] = {
        name: {"bytes": len(of), "sha256": hashlib.sha256(of).hexdigest()} for name, of in others.items()
    }
    return zipped({"manifest.json": json.dumps(known).encode(), **others})
