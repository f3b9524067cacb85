"""All sweeps of this computer: one folder each, which names the sweep's runs.

    <home>/sweeps/20261127-031412123-mlp-4f2a/
        sweep.json      {"name": ..., "owner": id of the visitor, "base": a recipe, "axes": {"units": [32, 64]},
                         "runs": [ids, in the order of Sweep.points]}

sweep.json is written last, once its runs are queued, and never changes. All else is read from the runs'
folders; a run that was deleted leaves a gap.
"""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from mnist_core.files import in_words, write_json
from mnist_core.language.messages import message
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs.run import Run, RunError
from mnist_core.runs.store import new_id
from mnist_core.sweeps.sweep import Sweep
from mnist_core.trash import Trash

LONGEST_NAME = 60  # characters
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
FILE = "sweep.json"


@dataclass(frozen=True)
class SavedSweep:
    """A sweep that was started; `runs` are the ids of its runs, in the order of its points. `owner` is "" for
    one that belongs to everybody."""

    id: str
    name: str
    owner: str
    sweep: Sweep
    runs: tuple[str, ...]


@dataclass(frozen=True)
class SweepStore:
    """All sweeps under a home folder."""

    home: Path

    @property
    def folder(self) -> Path:
        return self.home / "sweeps"

    def list(self) -> list[SavedSweep]:
        """All sweeps whose file can be read, the newest first."""
        paths = sorted(self.folder.iterdir(), reverse=True) if self.folder.is_dir() else ()
        return [saved for path in paths if _ID.fullmatch(path.name) and (saved := _read(path / FILE))]

    def get(self, sweep_id: str) -> SavedSweep:
        """The sweep with this id. RunError if there is none."""
        found = _read(self.folder / sweep_id / FILE) if _ID.fullmatch(sweep_id) else None
        if found is None:
            raise RunError(
                message(
                    "There is no sweep {sweep}. The command `python -m mnist_core sweep --list` lists them.",
                    sweep=sweep_id[:80],
                )
            )
        return found

    def by_run(self) -> dict[str, SavedSweep]:
        """The sweep of each run that belongs to one, by the run's id."""
        return {run_id: saved for saved in self.list() for run_id in saved.runs}

    @in_words()
    def create(self, sweep: Sweep, name: str, owner: str, queue: Callable[[Recipe], Run]) -> SavedSweep:
        """Queue all runs of a sweep and save it. If that fails, the runs queued so far are taken back.

        ValueError if the name is not one line of 1 to LONGEST_NAME characters.
        """
        name = name.strip()
        if len(name) > LONGEST_NAME or name.splitlines() != [name]:
            words = message("A sweep's name must be one line of 1 to {most} characters.", most=LONGEST_NAME)
            raise ValueError(words)
        sweep_id, runs = new_id(sweep.base.name), []
        folder = self.folder / sweep_id
        try:
            folder.mkdir(parents=True)
            for recipe in sweep.recipes:
                runs.append(queue(recipe))
            saved = SavedSweep(sweep_id, name, owner, sweep, tuple(run.id for run in runs))
            about = {"name": name, "owner": owner, **sweep.to_json(), "runs": list(saved.runs)}
            write_json(folder / FILE, about)
        except BaseException:
            for run in runs:
                run.ask_to_stop()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return saved

    @in_words()
    def delete(self, saved: SavedSweep) -> None:
        """Delete what holds the runs together, not the runs. It can be restored for a day."""
        Trash(self.home).put("sweep", self.folder / saved.id, saved.name, saved.owner)


def runs_in(folder: Path) -> tuple[str, ...]:
    """The ids of the runs of the sweep in this folder, which may be in the trash; none if it cannot be read."""
    saved = _read(folder / FILE)
    return saved.runs if saved else ()


def _read(path: Path) -> SavedSweep | None:
    try:
        return _saved(path, path.stat().st_mtime_ns)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


@lru_cache(maxsize=512)
def _saved(path: Path, changed: int) -> SavedSweep:
    data = json.loads(path.read_text("utf-8"))
    sweep, runs = Sweep.from_json(data), tuple(map(str, data["runs"]))
    if len(runs) != sweep.num_runs:
        raise ValueError(path)
    return SavedSweep(path.parent.name, f"{data['name']}"[:LONGEST_NAME], f"{data['owner']}", sweep, runs)
