"""Which process trains a run, and whether it is still running.

    attempt.json       {"pid": 4711, "created": 1790000000.5, "host": "ada", "birth": "<boot id>:81234",
                        "number": 2, "engine": "cluster"}
    attempts/2.json    the same, with "began" and, once it has ended, "ended", in seconds since 1970; and
                       "status", its exit status, if it was not cut off with the program that started it
    attempts/2.resumed exists if a cluster has let the run go on after its second attempt
    heartbeat          a counter that this process raises every BEAT seconds while its training progresses

A number is given once: attempts/<number>.json is created by one process only and never removed, so that a late
order to make an attempt that was made already has no effect, on any machine. Runs of older versions have no
attempts/.

An attempt that fails in a process that lives on, such as a notebook's, gets the process id 0: it has ended.
On its own machine a process is identified by its id and start time, since ids are used again. Linux tells the
start time by the clock, which may be corrected by hours; there it is told by `birth`, in ticks since the boot.
Other machines see only the counter. They measure how long it has been silent with their own clock, because the
clocks of two machines differ.
"""

import json
import os
import platform
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from mnist_core.files import write_json
from mnist_core.language.messages import message

ATTEMPT, ATTEMPTS, HEARTBEAT = "attempt.json", "attempts", "heartbeat"
CLUSTER = "cluster"
BEAT = 1.0  # seconds between two counts
SILENT = 12.0  # seconds without a count after which a process counts as not responding
FIRST = 120.0  # seconds allowed until the first count: it may be importing, or compiling another recipe
LOST = 120.0  # more seconds, after which a process on another machine counts as ended
LONGEST_STEP = 600.0  # seconds that compiling, evaluating or saving may take without a call of `heard`


class Superseded(RuntimeError):
    """Another process trains this run now; it replaced an attempt that had stopped responding."""


@dataclass(frozen=True)
class Attempt:
    """A process that trains a run. `host` is None if an old version without a heartbeat wrote it.

    `birth` is "" on systems other than Linux, and in files of older versions. `number` counts a run's attempts
    from 1; it is 0 before the claim, and in files of older versions. `engine` is CLUSTER if a cluster's
    worker started the process.
    """

    pid: int
    created: float
    host: str | None
    birth: str = ""
    number: int = 0
    engine: str = ""

    @classmethod
    def of(cls, pid: int) -> "Attempt":
        """The process `pid` on this machine."""
        return cls(pid, psutil.Process(pid).create_time(), platform.node(), _birth(pid))

    @classmethod
    def from_json(cls, data: dict[str, Any] | None) -> "Attempt | None":
        """The attempt in attempt.json; None without the file. A damaged file gives one that is not alive."""
        if data is None:
            return None
        pid, created, host = data.get("pid"), data.get("created"), data.get("host")
        host = host if isinstance(host, str) else None
        is_whole = isinstance(pid, int) and isinstance(created, int | float)
        birth, number, engine = data.get("birth"), data.get("number"), data.get("engine")
        birth = birth if isinstance(birth, str) else ""
        number = number if isinstance(number, int) else 0
        engine = engine if isinstance(engine, str) else ""
        return cls(pid, created, host, birth, number, engine) if is_whole else cls(0, 0.0, host)

    @property
    def is_here(self) -> bool:
        """Whether it runs or ran on this machine."""
        return self.host in (None, platform.node())

    @property
    def is_alive(self) -> bool:
        """Whether this process runs on this machine; its start time is checked, since ids are reused."""
        try:
            process = psutil.Process(self.pid)
            # Without a birth: the start time depends on the clock, which may have been corrected since.
            at_that_time = abs(process.create_time() - self.created) < 5
            same = self.birth == _birth(self.pid) if self.birth else at_that_time
            return same and process.status() != psutil.STATUS_ZOMBIE
        except (psutil.Error, ValueError, OverflowError):
            return False

    @property
    def is_child(self) -> bool:
        """Whether this program started it, and so can end it."""
        with suppress(psutil.Error, ValueError, OverflowError):
            return self.is_here and psutil.Process(self.pid).ppid() == os.getpid()
        return False

    def has_ended(self, folder: Path) -> bool:
        """Whether the process is gone, as far as this machine can tell."""
        return not self.is_alive if self.is_here else _silence(folder) > LOST + _allowed(folder)

    def responds(self, folder: Path) -> bool:
        """Whether it has shown a sign of life recently."""
        return self.host is None or _silence(folder) <= _allowed(folder)

    def claim(self, folder: Path) -> bool:
        """Make this the attempt at the run in `folder`, with its number, or the next if it has none.

        False if there already is one, or the number is not the next.
        """
        number = next_number(folder)
        if self.number not in (0, number) or (folder / ATTEMPT).exists():
            return False
        numbered = asdict(replace(self, number=number))
        (folder / ATTEMPTS).mkdir(exist_ok=True)
        if not _create(_record(folder, number), {**numbered, "began": time.time()}):
            return False
        if not _create(folder / ATTEMPT, numbered):
            _record(folder, number).unlink()
            return False
        return True

    def log_end(self, folder: Path, status: int | None = None) -> bool:
        """Note in its record that it has ended, with its exit status if it was not cut off.

        False if nothing was noted that was not known.
        """
        record = _record(folder, self.number)
        with suppress(OSError, ValueError):  # such as a folder that was deleted; older versions left no record
            known = json.loads(record.read_bytes())
            found = {"ended": time.time(), **known} | ({} if status is None else {"status": status})
            if found != known:
                write_json(record, found)
                return True
        return False

    def was_cut_off(self, folder: Path) -> bool:
        """Whether the process, which has ended, ended with the program that had started it, or its machine."""
        try:
            return "status" not in json.loads(_record(folder, self.number).read_bytes())
        except (OSError, ValueError):
            return False

    def may_be_resumed(self, folder: Path, most: int) -> bool:
        """Take the right to let the run go on after this attempt, which one process gets, and once.

        False, too, after the run was let go on `most` times in a row. A visitor's Resume begins a new row.
        """
        before = range(self.number - most, self.number)
        if all(_resumed(folder, number).exists() for number in before):
            return False
        with suppress(OSError):
            _resumed(folder, self.number).touch(exist_ok=False)
            return True
        return False


def next_number(folder: Path) -> int:
    """The number of the next attempt at the run in `folder`."""
    stems = (path.stem for path in (folder / ATTEMPTS).glob("*.json"))
    return 1 + max((int(stem) for stem in stems if stem.isdecimal()), default=0)


def _record(folder: Path, number: int) -> Path:
    return folder / ATTEMPTS / f"{number}.json"


def _resumed(folder: Path, number: int) -> Path:
    return _record(folder, number).with_suffix(".resumed")


def _create(path: Path, data: dict[str, Any]) -> bool:
    """Write a JSON file in one step; False if it exists, so that of several processes one succeeds."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".tmp", delete=False) as file:
        json.dump(data, file)
    try:
        os.link(file.name, path)
        return True
    except FileExistsError:
        return False
    finally:
        os.unlink(file.name)


def _birth(pid: int) -> str:
    """When the process was started, without the clock: Linux's boot id and ticks; "" on other systems."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        after_name = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return f"{boot}:{int(after_name[19])}"
    except (OSError, IndexError, ValueError):
        return ""


class Heartbeat:
    """A context manager that owns the counter in a run's folder and the thread that raises it.

    The thread keeps counting while the loop waits for a long step, such as compiling, but no longer than
    LONGEST_STEP after the last call of `heard`: a process that hangs falls silent, too. After an exception the
    attempt counts as ended.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._ended = folder, threading.Event()
        self._attempt = _content(folder / ATTEMPT)
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._last = time.monotonic()

    def heard(self) -> None:
        """Report that the training progresses. Superseded if another process trains the run now."""
        self._last = time.monotonic()
        if not self._is_ours:
            raise Superseded(message("Run {run} is trained by another process now.", run=self._folder.name))

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        if self._is_ours:
            attempt = Attempt(0, 0.0, platform.node())
            with suppress(ValueError):  # a notebook may train without a claim
                attempt = Attempt.from_json(json.loads(self._attempt))
            attempt.log_end(self._folder)
            with suppress(OSError):
                (self._folder / HEARTBEAT).unlink()
            if error:
                gone = replace(attempt, pid=0, created=0.0, birth="")
                with suppress(OSError):
                    write_json(self._folder / ATTEMPT, asdict(gone))

    @property
    def _is_ours(self) -> bool:
        return _content(self._folder / ATTEMPT) == self._attempt

    def _beat(self) -> None:
        count = 0
        while True:
            if time.monotonic() - self._last < LONGEST_STEP and self._is_ours:
                count += 1
                with suppress(OSError):  # such as a full disk, which may have space again later
                    (self._folder / HEARTBEAT).write_bytes(b"%d" % count)
            if self._ended.wait(BEAT):
                return


_signs: dict[Path, tuple[bytes, float]] = {}  # each folder's last counter, and since when by this clock
_MOST_SIGNS = 256


def _allowed(folder: Path) -> float:
    """Seconds of silence after which the process counts as not responding."""
    return SILENT if (folder / HEARTBEAT).exists() else FIRST


def _silence(folder: Path) -> float:
    """Seconds since the last sign of life of the process that trains the run in `folder`."""
    now = time.monotonic()
    path = folder / HEARTBEAT if (folder / HEARTBEAT).exists() else folder / ATTEMPT
    sign = _content(path)
    known = _signs.get(folder)
    if not known or known[0] != sign:
        age = 0.0 if known else _age(path)  # the first time, only the file's time is known
        while len(_signs) >= _MOST_SIGNS:
            _signs.pop(next(iter(_signs)), None)
        known = _signs[folder] = (sign, now - age)
    return now - known[1]


def _age(path: Path) -> float:
    """Seconds since the file was written, by the clock of its file system, which may be another machine's."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp") as fresh:
            return max(0.0, os.fstat(fresh.fileno()).st_mtime - path.stat().st_mtime)
    except OSError:
        return 0.0


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
