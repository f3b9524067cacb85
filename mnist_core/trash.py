"""What was deleted, kept for a day so that it can be restored.

    <home>/trash/20261127-031500123-run-4f2a/      one folder a deletion
        item.json      {"kind": "run", "name": "Chollet's convnet", "place": "runs/20261126-...", "whose": "",
                        "deleted": seconds since 1970, "entry": null}
        content        the deleted file or folder, which was moved here in one step

A judgement is not a file but an entry in one: "entry" is then its key and value, and there is no content.
"""

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from mnist_core.files import change_json, in_words, write_json
from mnist_core.language.messages import message

KEPT_FOR = 24 * 3600.0  # seconds
KINDS = ("run", "sweep", "digit", "judgement")
_ID = re.compile(r"[0-9]{8}-[0-9]{9}-(?P<kind>[a-z]+)-[0-9a-f]{4}")
_ITEM, _CONTENT = "item.json", "content"


class TrashError(ValueError):
    """Something that cannot be restored; the message says why."""


@dataclass(frozen=True)
class Deleted:
    """Something that was deleted: one of KINDS, its name, and where it was, relative to the home folder.

    `whose` is the visitor whose it was, "" if that is not known; `deleted` is a time in seconds since 1970.
    """

    id: str
    kind: str
    name: str
    place: str
    whose: str
    deleted: float
    entry: tuple[str, str] | None = None


@dataclass(frozen=True)
class Trash:
    """Owns the folder of deleted things."""

    home: Path

    @property
    def folder(self) -> Path:
        return self.home / "trash"

    def put(self, kind: str, path: Path, name: str, whose: str = "") -> Deleted:
        """Move a file or folder of the home folder here. OSError if that fails; it is then where it was."""
        item = self._record(kind, path, name, whose)
        try:
            os.rename(path, self.content(item))
        except OSError:
            shutil.rmtree(self.folder / item.id, ignore_errors=True)
            raise
        return item

    def put_entry(self, kind: str, path: Path, entry: tuple[str, str], whose: str = "") -> Deleted:
        """Keep an entry of a JSON file that is about to be removed or changed."""
        return self._record(kind, path, entry[0], whose, entry)

    def list(self, kind: str | None = None) -> list[Deleted]:
        """What can be restored, the newest first: all, or one of KINDS."""
        self.sweep()
        found = (self._read(path) for path in self._paths(kind))
        return sorted((item for item in found if item), key=lambda item: item.id, reverse=True)

    def get(self, item_id: str) -> Deleted:
        """The item with this id. TrashError if there is none."""
        item = self._read(self.folder / item_id) if _ID.fullmatch(item_id) else None
        if item is None:
            raise TrashError(message("{name!r} was not deleted, or more than a day ago.", name=item_id[:80]))
        return item

    def content(self, item: Deleted) -> Path:
        """Where the file or folder is that was moved here."""
        return self.folder / item.id / _CONTENT

    @in_words()
    def restore(self, item: Deleted) -> None:
        """Put it back where it was. TrashError if something else is there by now, or it is gone."""
        path, item = self.home / item.place, self.get(item.id)
        if not path.resolve().is_relative_to(self.home.resolve()):
            raise TrashError(message("It would not be restored into the app's folder."))
        if item.entry:
            change_json(path, dict([item.entry]))
        elif path.exists():
            raise TrashError(message("{name} is there already.", name=item.name))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.rename(self.content(item), path)
        self.discard(item)

    def discard(self, item: Deleted) -> None:
        """Delete it for good."""
        shutil.rmtree(self.folder / item.id, ignore_errors=True)

    def sweep(self) -> None:
        """Delete for good what has been here for longer than KEPT_FOR."""
        for path in self._paths():
            with suppress(OSError):
                item = self._read(path)
                since = item.deleted if item else path.stat().st_mtime
                if time.time() - since > KEPT_FOR:
                    shutil.rmtree(path, ignore_errors=True)

    def _record(
        self, kind: str, path: Path, name: str, whose: str, entry: tuple[str, str] | None = None
    ) -> Deleted:
        self.sweep()
        now = time.time()
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now)) + f"{int(now * 1000) % 1000:03d}"
        place = path.relative_to(self.home).as_posix()
        item = Deleted(f"{stamp}-{kind}-{secrets.token_hex(2)}", kind, name, place, whose, now, entry)
        (self.folder / item.id).mkdir(parents=True)
        about = asdict(item)
        about.pop("id")
        write_json(self.folder / item.id / _ITEM, about)
        return item

    def _paths(self, kind: str | None = None) -> Iterator[Path]:
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            found = _ID.fullmatch(path.name)
            if found and kind in (None, found["kind"]):
                yield path

    def _read(self, path: Path) -> Deleted | None:
        """The item in a folder; None if it is damaged, or was not moved here."""
        try:
            data = json.loads((path / _ITEM).read_text("utf-8"))
            entry = data.pop("entry")
            item = Deleted(id=path.name, entry=entry and (str(entry[0]), str(entry[1])), **data)
            return item if entry or (path / _CONTENT).exists() else None
        except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError):
            return None
