"""All runs of this computer: finds, creates and deletes them. run.py describes a run."""

import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mnist_core.files import in_words
from mnist_core.home import settle
from mnist_core.language.messages import message
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs.run import Run, RunError
from mnist_core.trash import Trash

STARTER = "starter"
_STARTER_FOLDER = Path(__file__).parents[1] / STARTER
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


@dataclass(frozen=True)
class RunStore:
    """All runs under a home folder, and the starter, which ships with the app."""

    home: Path

    @property
    def folder(self) -> Path:
        return self.home / "runs"

    def get(self, run_id: str) -> Run:
        """The run with this id; "starter" always exists. RunError if there is none."""
        if run_id == STARTER:
            return Run(_STARTER_FOLDER)
        if not isinstance(run_id, str) or not _ID.fullmatch(run_id):
            raise RunError(
                message(
                    "{name!r} is not the name of a run. The command `python -m mnist_core runs` lists them.",
                    name=str(run_id)[:80],
                )
            )
        run = Run(self.folder / run_id)
        if not (run.folder / "recipe.json").exists():
            raise RunError(
                message(
                    "There is no run {run}. The command `python -m mnist_core runs` lists them.", run=run_id
                )
            )
        return run

    def list(self) -> list[Run]:
        """All runs with a readable recipe except the starter, newest first."""
        return [run for run in self._folders() if not _problem(run)]

    def problems(self) -> tuple[str, ...]:
        """For each run that is not listed because its recipe is damaged or lost, a sentence that says so."""
        made = (run for run in self._folders() if run.is_sealed or (run.folder / "recipe.json").exists())
        return tuple(problem for run in made if (problem := _problem(run)))

    def _folders(self) -> Iterator[Run]:
        for path in sorted(self.folder.iterdir(), reverse=True) if self.folder.is_dir() else ():
            if path.is_dir() and _ID.fullmatch(path.name):
                yield Run(path)

    def create(
        self,
        recipe: Recipe,
        pid: int | None = None,
        files: Mapping[str, bytes] | None = None,
        owner: str = "",
    ) -> Run:
        """A new run of the recipe with `files`: queued, or claimed by the process `pid`.

        HomeError if a later version has written the home folder.
        """
        settle(self.home)
        return Run.create(self.folder / new_id(recipe.name), recipe, pid, files, owner)

    @in_words()
    def delete(self, run: Run) -> None:
        """Delete a run that is not being trained, and what was exported of it. It can be restored for a day.

        RunError for the starter or a run under way.
        """
        if run.folder.parent != self.folder:
            raise RunError(message("{run} ships with the app and cannot be deleted.", run=run.id))
        if run.is_under_way:
            raise RunError(message("Run {run} is being trained: stop it first.", run=run.id))
        name = run.id if _problem(run) else run.recipe.title
        Trash(self.home).put("run", run.folder, name, run.owner)
        shutil.rmtree(self.home / "exports" / run.id, ignore_errors=True)


def new_id(name: str) -> str:
    """An id for a run of the recipe with this name. Ids sort by time."""
    now = time.time()
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now)) + f"{int(now * 1000) % 1000:03d}"
    return f"{stamp}-{name}-{secrets.token_hex(2)}"


def _problem(run: Run) -> str:
    """Why a run's recipe cannot be read; "" if it can."""
    try:
        run.recipe  # noqa: B018 - reading it is the check
        return ""
    except RunError as error:
        return str(error)
