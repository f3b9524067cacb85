"""What is remembered of each visitor of a shared server: their name, if they gave one, and who is a teacher.

    <home>/visitors/<id>.json      {"name": "Ada", "teacher": "<what the password's check gave>"}

The file's time says when the visitor was here last. Both entries may be missing.
"""

import hmac
import json
import os
import time
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from mnist_core.files import write_json
from mnist_core.home import settle
from mnist_core.language.messages import message
from mnist_core.visitors.cookie import ID, secret
from mnist_core.visitors.visitor import OWN, UNKNOWN, Account, Visitor

LONGEST_NAME = 40  # characters
HERE = 300.0  # seconds since a visitor's last action within which they count as being here
_SEEN_EVERY = 60.0  # seconds between two notes that a visitor is here
ATTEMPTS, EVERYBODYS_ATTEMPTS, WITHIN = 5, 50, 600.0  # wrong passwords of one and of all visitors, in seconds


class NotAllowed(Exception):
    """Something that this visitor may not do; the message says why."""


@dataclass(frozen=True)
class Register:
    """Owns the folder with the visitors' records.

    `password` makes a visitor a teacher, `teachers` are the accounts (subject or e-mail) that are teachers.
    """

    home: Path
    password: str = ""
    teachers: Collection[str] = ()

    @classmethod
    def of_environment(cls, home: Path) -> "Register":
        """As $MNIST_TEACHER_PASSWORD and $MNIST_TEACHERS say."""
        named = os.environ.get("MNIST_TEACHERS", "").split(",")
        teachers = tuple(name.strip() for name in named if name.strip())
        return cls(home, os.environ.get("MNIST_TEACHER_PASSWORD", ""), teachers)

    @property
    def folder(self) -> Path:
        return self.home / "visitors"

    def visitor(self, id_: str, account: Account | None = None) -> Visitor:
        """Who has this id, with name and role."""
        if id_ == OWN:
            return Visitor(OWN, "own")
        if not ID.fullmatch(id_):
            return Visitor(UNKNOWN, "unknown")
        record = self._record(id_)
        role = "teacher" if self._is_teacher(id_, record, account) else "pupil"
        return Visitor(id_, role, record.get("name", ""))

    def name(self, id_: str) -> str:
        """A visitor's name; "" for who has given none."""
        return self._record(id_).get("name", "") if ID.fullmatch(id_) else ""

    def _is_teacher(self, id_: str, record: Mapping[str, str], account: Account | None) -> bool:
        if account and set(self.teachers) & ({account.subject, account.email} - {""}):
            return True
        # A record that was made with another password no longer counts.
        return bool(self.password) and hmac.compare_digest(record.get("teacher", ""), self._proof(id_))

    def _proof(self, id_: str) -> str:
        return hmac.new(secret(self.home), f"{id_}\n{self.password}".encode(), sha256).hexdigest()

    def enter(self, visitor: Visitor, password: str) -> None:
        """Make the visitor a teacher. NotAllowed if the password is wrong, or too many were."""
        tried = _tried.setdefault((self.home, visitor.id), deque(maxlen=ATTEMPTS))
        all_tried = _tried.setdefault((self.home, ""), deque(maxlen=EVERYBODYS_ATTEMPTS))
        if not self.password or not visitor.can_act:
            raise NotAllowed(message("Nobody can become a teacher of this server by a password."))
        if _is_full(tried) or _is_full(all_tried):
            raise NotAllowed(message("Too many wrong passwords. Try again in ten minutes."))
        if not hmac.compare_digest(password.encode(), self.password.encode()):
            tried.append(time.monotonic())
            all_tried.append(time.monotonic())
            raise NotAllowed(message("This is not the teacher's password."))
        self._write(visitor.id, teacher=self._proof(visitor.id))

    def leave(self, visitor: Visitor) -> None:
        """Make the visitor a pupil again."""
        self._write(visitor.id, teacher="")

    def rename(self, id_: str, name: str) -> None:
        """Give the visitor a name; "" takes it away. ValueError if it is too long."""
        tidy = _tidy(name)
        if len(tidy) > LONGEST_NAME:
            raise ValueError(message("A name has at most {most} characters.", most=LONGEST_NAME))
        self._write(id_, name=tidy)

    def saw(self, id_: str, name: str = "") -> None:
        """Note that the visitor is here, at most once a minute; the first time with their account's name.

        HomeError if a later version has written the home folder, OSError if it cannot be written.
        """
        now = time.monotonic()
        if ID.fullmatch(id_) and now - _seen.get((self.home, id_), -_SEEN_EVERY) >= _SEEN_EVERY:
            _forget_some(_seen)
            _seen[self.home, id_] = now
            settle(self.home)
            if not self._path(id_).exists():
                self._write(id_, name=_tidy(name)[:LONGEST_NAME])
            os.utime(self._path(id_))

    def last_seen(self) -> dict[str, float]:
        """When each visitor was here last, in seconds since 1970, by id; the latest first."""
        paths = self.folder.glob("*.json") if self.folder.is_dir() else ()
        found = {path.stem: _time(path) for path in paths if ID.fullmatch(path.stem)}
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))

    def here(self) -> list[str]:
        """The ids of the visitors who are here now."""
        return [id_ for id_, seen in self.last_seen().items() if time.time() - seen < HERE + _SEEN_EVERY]

    def forget(self, id_: str) -> None:
        """Delete what is remembered of the visitor; a minute later they may be seen again."""
        self._path(id_).unlink(missing_ok=True)

    def _record(self, id_: str) -> Mapping[str, str]:
        path = self._path(id_)
        try:
            return _content(path, path.stat().st_mtime_ns)
        except (OSError, ValueError):
            return {}

    def _write(self, id_: str, **changes: str) -> None:
        record = {name: value for name, value in {**self._record(id_), **changes}.items() if value}
        self.folder.mkdir(parents=True, exist_ok=True)
        write_json(self._path(id_), record)

    def _path(self, id_: str) -> Path:
        if not ID.fullmatch(id_):
            raise ValueError(message("There is no visitor {name!r}.", name=id_[:40]))
        return self.folder / f"{id_}.json"


_tried: dict[
    tuple[Path, str], deque[float]
] = {}  # when wrong passwords were typed, by visitor; "" is everybody
_seen: dict[tuple[Path, str], float] = {}
_MOST_KEPT = 10_000


def _is_full(tried: deque[float]) -> bool:
    return len(tried) == tried.maxlen and time.monotonic() - tried[0] < WITHIN


def _forget_some(kept: dict[tuple[Path, str], float]) -> None:
    while len(kept) >= _MOST_KEPT:
        kept.pop(next(iter(kept)), None)


def _tidy(name: str) -> str:
    """In one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


@lru_cache(maxsize=4096)
def _content(path: Path, changed: int) -> Mapping[str, str]:
    data = json.loads(path.read_text("utf-8"))
    whole = isinstance(data, dict) and all(isinstance(value, str) for value in data.values())
    return data if whole else {}
