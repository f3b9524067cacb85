"""All that is kept of a visitor: to see it, to take it away, and to delete it for good.

These are their record (register.py), runs, sweeps, digits and judgements. A run's files in the archive are
those that tell of it and the model that answers; the model in other formats can be taken away by itself.

    visitor.json                  {"id": "4f2a9c01d3e85b76", "name": "Ada", "seen": "2026-11-27 10:15:00"}
    digits/<id>.json              as in data/my_digits.py
    judgements/<test set>.json    as in evaluation/judgements.py
    runs/<run id>/...             as in runs/run.py
    sweeps/<sweep id>/sweep.json  as in sweeps/store.py
"""

import io
import json
import shutil
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mnist_core.data.my_digits import MyDigits
from mnist_core.language.messages import message
from mnist_core.runs.run import OWNER, Run, RunError
from mnist_core.runs.store import RunStore
from mnist_core.runs.teaching import MINE
from mnist_core.sweeps.store import FILE, SweepStore
from mnist_core.trash import Trash
from mnist_core.visitors.cookie import ID
from mnist_core.visitors.hidden import Hidden
from mnist_core.visitors.register import Register

_TOLD = ("recipe.json", "result.json", "origin.json", "metrics.jsonl", "log.txt")
_OF_A_RUN = (OWNER, *_TOLD, "model.tflite", MINE)


@dataclass(frozen=True)
class Kept:
    """What is kept of the visitor with this id. ValueError if it is none of a visitor."""

    home: Path
    id: str

    def __post_init__(self) -> None:
        if not ID.fullmatch(self.id):
            raise ValueError(message("There is no visitor {name!r}.", name=self.id[:40]))

    def runs(self) -> list[Run]:
        """The visitor's runs, newest first; those with a damaged recipe, too."""
        folder = RunStore(self.home).folder
        paths = sorted(folder.iterdir(), reverse=True) if folder.is_dir() else ()
        return [run for path in paths if (run := Run(path)).owner == self.id]

    def digits(self) -> MyDigits:
        return MyDigits(self.home, self.id)

    def num_judgements(self) -> int:
        """The number of test images that the visitor has judged."""
        return sum(len(_entries(path)) for path in self._judgements())

    def as_zip(self) -> bytes:
        """All of it as a zip archive."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("visitor.json", json.dumps(self._record(), indent=1, ensure_ascii=False))
            for name, path in self._files():
                archive.write(path, name)
        return file.getvalue()

    def delete(self) -> None:
        """Delete all of it for good. RunError, with nothing deleted, while one of the runs is trained."""
        runs = self.runs()
        for run in runs:
            if run.is_under_way:
                raise RunError(message("Run {run} is being trained: stop it first.", run=run.id))
        for run in runs:
            shutil.rmtree(run.folder)
            shutil.rmtree(self.home / "exports" / run.id, ignore_errors=True)
        judged = self.home / "judgements" / self.id
        for folder in (self.digits().folder, judged, *(path.parent for path in self._sweeps())):
            shutil.rmtree(folder, ignore_errors=True)
        trash = Trash(self.home)
        for item in trash.list():
            if item.whose == self.id:
                trash.discard(item)
        hidden = Hidden.of(self.home)
        left = Hidden(hidden.runs - {run.id for run in runs}, hidden.names - {self.id})
        if left != hidden:
            left.save(self.home)
        Register(self.home).forget(self.id)

    def _record(self) -> dict[str, str]:
        register = Register(self.home)
        seen = register.last_seen().get(self.id)
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seen)) if seen else ""
        return {"id": self.id, "name": register.name(self.id), "seen": when}

    def _judgements(self) -> list[Path]:
        return sorted((self.home / "judgements" / self.id).glob("*.json"))

    def _sweeps(self) -> list[Path]:
        """The files of the visitor's sweeps."""
        sweeps = SweepStore(self.home)
        return [sweeps.folder / saved.id / FILE for saved in sweeps.list() if saved.owner == self.id]

    def _files(self) -> Iterator[tuple[str, Path]]:
        """The archive's members, with the files that they are made from."""
        folder = self.digits().folder
        yield from ((f"digits/{id_}.json", folder / f"{id_}.json") for id_ in self.digits().ids())
        yield from ((f"judgements/{path.name}", path) for path in self._judgements())
        yield from ((f"sweeps/{path.parent.name}/{FILE}", path) for path in self._sweeps())
        for run in self.runs():
            there = (name for name in _OF_A_RUN if (run.folder / name).exists())
            yield from ((f"runs/{run.id}/{name}", run.folder / name) for name in there)


def _entries(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text("utf-8"))
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}
