"""One folder a run: everything about a run is read from its folder.

    <home>/runs/20261121-031412-fast-4f2a/
        owner.json         {"visitor": id}: whose run it is, on a server that many share (visitors/)
        recipe.json        what is trained; its existence makes the folder a run
        attempt.json       the process that trains it, and its machine (attempt.py)
        attempts/          each of its attempts, by number: when it began and ended (attempt.py)
        heartbeat          a counter that this process raises while it works (attempt.py)
        metrics.jsonl      one JSON row every fraction of a second and at the end of each epoch
        log.txt            what this process printed
        checkpoint.npz     the state from which the training can resume (training/checkpoint.py)
        weights/           small copies of the weights after some epochs (weights.py)
        pen.npz            the pen digits that it is trained on in addition to MNIST, if any (pen.py)
        front              exists if the run waits before all others (snapshot.py)
        stop               exists once the run was asked to stop; may say why (words.py)
        model.keras        the trained model, for Keras
        model.tflite       the same model, for LiteRT: the pages read this one
        evaluation.npz     the test set's probabilities and labels (evaluation/)
        map.npz            the map of the test set, once requested (explain/map.py)
        origin.json        which file it is from, if it was brought in (bring_in.py)
        manifest.json      a checksum of each file, so that damage is noticed (seal.py)
        result.json        written last: the run is complete

A run's status is derived from these files (snapshot.py). Files that decide it are written beside and
renamed, so that a process killed at any moment leaves either the old state or the new one.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from mnist_core.files import as_json, in_words, whole, write_json
from mnist_core.language.messages import Message, message, said_by
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs import seal
from mnist_core.runs.attempt import ATTEMPT, ATTEMPTS, HEARTBEAT, Attempt, next_number
from mnist_core.runs.errors import Damaged, RunError
from mnist_core.runs.rows import rows_of

OWNER = "owner.json"


@dataclass(frozen=True)
class Run:
    """A run's folder. Every property but the recipe is read afresh; `rename` and `resume` change the recipe and
    return a new Run."""

    folder: Path

    @classmethod
    @in_words()
    def create(
        cls,
        folder: Path,
        recipe: Recipe,
        pid: int | None = None,
        files: Mapping[str, bytes] | None = None,
        owner: str = "",
    ) -> "Run":
        """A new run in `folder`, which is created: queued, or claimed by the process `pid` from the start.

        `files` maps names to contents that are written into the folder, too. `owner` is the id of the visitor
        whose run it is; "" for one that belongs to everybody.
        """
        folder.mkdir(parents=True, exist_ok=True)
        run = cls(folder)
        if owner:
            write_json(folder / OWNER, {"visitor": owner})
        if pid:
            run.claim(pid)
        for name, content in (files or {}).items():
            (folder / name).write_bytes(content)
        write_json(folder / "recipe.json", recipe.to_json())
        return run

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def owner(self) -> str:
        """The id of the visitor whose run it is; "" for one that belongs to everybody. It never changes."""
        return _owner(self.folder / OWNER)

    @cached_property
    def recipe(self) -> Recipe:
        """The run's recipe. RunError if recipe.json is missing or damaged."""
        path = self.folder / "recipe.json"
        try:
            seal.check(self.folder, "recipe.json")
            return _recipe(path, path.stat().st_mtime_ns)
        except Damaged:
            raise
        except FileNotFoundError as error:
            raise RunError(
                message("Run {run} is gone: its folder was deleted or moved.", run=self.id)
            ) from error
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise RunError(
                message(
                    "Run {run} has no readable recipe.json: delete its folder. The reason: {problem}",
                    run=self.id,
                    problem=error.strerror if isinstance(error, OSError) else said_by(error),
                )
            ) from error

    @property
    def result(self) -> dict[str, Any] | None:
        """`status`, `test_accuracy`, `test_loss`, `seconds`, `epochs`, `is_mnist`, ...; None until complete.

        None, too, if result.json is damaged: see `damage`.
        """
        found = _read_json(self.folder / seal.RESULT)
        try:
            if found is not None:
                seal.check(self.folder, seal.RESULT)
            return found
        except Damaged:
            return None

    def complete(self, result: dict[str, Any], run_id: str | None = None) -> dict[str, Any]:
        """Seal the run's files and write result.json, which makes it complete; returns its content.

        `run_id` is the run's id if its folder is still to be renamed to it.
        """
        result = {**result, "versions": {**result.get("versions", {}), "seal": f"{seal.VERSION}"}}
        content = as_json(result)
        seal.write(self.folder, run_id or self.id, content)
        with whole(self.folder / seal.RESULT) as file:
            file.write(content)
        return result

    def intact(self, path: Path) -> Path:
        """`path`, one of the run's files, after comparing it with the seal (seal.py): for reading it.

        Damaged, with a sentence, if it is not as it was when the run ended. A file that is not sealed passes.
        """
        seal.check(self.folder, path.relative_to(self.folder).as_posix())
        return path

    @property
    def damage(self) -> tuple[Message, ...]:
        """A sentence for each of its files that is no longer as it was when the run ended."""
        return seal.damage(self.folder)

    @property
    def is_sealed(self) -> bool:
        """Whether its training has ended once, even if its result.json has been lost since."""
        return (self.folder / seal.MANIFEST).exists()

    @property
    def origin(self) -> dict[str, Any] | None:
        """Where a run that was brought in comes from (bring_in.py); None for one that was trained here."""
        return _read_json(self.folder / "origin.json")

    @property
    def attempt(self) -> Attempt | None:
        """The process that trains it, or did last; None before it has started."""
        path = self.folder / ATTEMPT
        data = _read_json(path)
        return Attempt.from_json({} if data is None and path.exists() else data)

    @property
    def begun(self) -> float:
        """When that process took it, in seconds since 1970; 0 before it has started."""
        try:
            return (self.folder / ATTEMPT).stat().st_mtime
        except OSError:
            return 0.0

    @property
    def is_under_way(self) -> bool:
        """Whether a process still works on it, including evaluating and saving."""
        attempt = self.attempt
        return attempt is not None and self.result is None and not attempt.has_ended(self.folder)

    @property
    def has_rows(self) -> bool:
        """Whether its current process has written rows; after a resume the file still has older ones."""
        try:
            rows, attempt = ((self.folder / name).stat() for name in ("metrics.jsonl", ATTEMPT))
        except FileNotFoundError:
            return False
        return rows.st_mtime_ns >= attempt.st_mtime_ns

    @property
    def stop_asked(self) -> bool:
        return (self.folder / "stop").exists()

    @property
    def has_model(self) -> bool:
        return self.result is not None and self.lite_path.exists()

    @property
    def can_go_on(self) -> bool:
        """Whether it has ended and left a checkpoint to resume from."""
        # Once result.json is written, the process does no more work, even if it still exists.
        return not self.is_under_way and self.checkpoint_path.exists()

    @property
    def can_begin_again(self) -> bool:
        """Whether it ended without a result and before its first checkpoint, so that it can only begin anew."""
        has_begun = self.attempt is not None or self.stop_asked
        is_over = has_begun and not self.is_under_way
        is_lost = self.result is None and not self.checkpoint_path.exists()
        return is_over and is_lost and self.origin is None

    @in_words()
    def resume(self, epochs: int | None = None, pid: int | None = None) -> "Run":
        """Queue the run again, with `epochs` in total if given, and return it as a new Run.

        It goes on from its checkpoint; one that ended before its first begins anew, with the same files. With
        `pid` it is claimed by that process instead. RunError if it can do neither, is still under way, or its
        epochs cannot be changed to `epochs`.
        """
        begins_again, last = self.can_begin_again, self.attempt
        if not self.can_go_on and not begins_again:
            raise RunError(
                message(
                    "Run {run} cannot be resumed: it has no checkpoint, or its process has not ended yet.",
                    run=self.id,
                )
            )
        if epochs is not None and self.recipe.schedule != "constant":
            raise RunError(
                message(
                    "The learning rate schedule of run {run} was planned for its last epoch, so its number of "
                    "epochs cannot be changed.",
                    run=self.id,
                )
            )
        reached = max((row["epoch"] for row in self.metrics() if "epoch" in row), default=1)
        if epochs is not None and epochs < reached:
            raise RunError(
                message(
                    "Run {run} has already reached epoch {epoch}, so it cannot have fewer epochs.",
                    run=self.id,
                    epoch=reached,
                )
            )
        if self.result is not None:  # else the training itself sees what it can go on from
            for path in (self.checkpoint_path, self.folder / "metrics.jsonl"):
                self.intact(path)
        if begins_again:
            shutil.rmtree(self.weights_path, ignore_errors=True)
            for name in ("metrics.jsonl", "log.txt"):
                (self.folder / name).unlink(missing_ok=True)
        self._sweep()
        if epochs is not None:
            self._change_recipe(replace(self.recipe, epochs=epochs))
        if self.attempt != last:  # another process has resumed it at the same time, and it trains already
            raise RunError(message("Run {run} is being trained already.", run=self.id))
        # The file that makes it queued goes last: if killed in between, the run can still be resumed.
        for name in ("map.npz", seal.RESULT, seal.MANIFEST, "stop", "front", HEARTBEAT, ATTEMPT):
            (self.folder / name).unlink(missing_ok=True)
        resumed = Run(self.folder)
        if pid and not resumed.claim(pid):
            raise RunError(message("Run {run} is being trained already.", run=self.id))
        return resumed

    def _sweep(self) -> None:
        """Remove what a killed process was writing."""
        for folder, names in (
            (self.folder, "*.tmp"),
            (self.weights_path, "*.tmp"),
            (self.folder / ATTEMPTS, "*.tmp"),
            (self.folder, "unfinished.*"),
        ):
            for path in folder.glob(names):
                path.unlink(missing_ok=True)

    @in_words()
    def rename(self, title: str) -> "Run":
        """Change the run's title. ValueError says what a title must be."""
        self._change_recipe(replace(self.recipe, title=title.strip()))
        return Run(self.folder)

    def _change_recipe(self, recipe: Recipe) -> None:
        content = as_json(recipe.to_json())
        seal.expect(self.folder, "recipe.json", content)
        with whole(self.folder / "recipe.json") as file:
            file.write(content)

    @property
    def checkpoint_path(self) -> Path:
        return self.folder / "checkpoint.npz"

    @property
    def model_path(self) -> Path:
        return self.folder / "model.keras"

    @property
    def lite_path(self) -> Path:
        return self.folder / "model.tflite"

    @property
    def weights_path(self) -> Path:
        return self.folder / "weights"

    @property
    def evaluation_path(self) -> Path:
        return self.folder / "evaluation.npz"

    @property
    def map_path(self) -> Path:
        return self.folder / "map.npz"

    def metrics(self) -> list[dict[str, Any]]:
        """All rows so far, in order; a last line that is only partly written is left out."""
        try:
            return rows_of(self.folder / "metrics.jsonl").read()
        except FileNotFoundError:
            return []

    def log_tail(self, num_lines: int = 12) -> str:
        """The last lines that the training process printed."""
        try:
            with (self.folder / "log.txt").open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - 20_000))
                return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-num_lines:])
        except FileNotFoundError:
            return ""

    @property
    def log_size(self) -> int:
        """The number of bytes that the training process has printed."""
        try:
            return (self.folder / "log.txt").stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def why_stopped(self) -> str:
        """What was written when it was asked to stop, one of the sentences of words.py; "" for no reason."""
        try:
            return (self.folder / "stop").read_text("utf-8")
        except (OSError, ValueError):
            return ""

    @in_words()
    def ask_to_stop(self, why: str = "") -> None:
        (self.folder / "stop").write_text(why, "utf-8")

    @in_words()
    def go_first(self) -> None:
        """Let it wait before all others."""
        (self.folder / "front").write_bytes(b"")  # the latest is first: its time changes, too

    @property
    def front_since(self) -> int | None:
        """When it was moved to the front of the queue, ns; None if it was not."""
        try:
            return (self.folder / "front").stat().st_mtime_ns
        except OSError:
            return None

    @property
    def next_attempt(self) -> int:
        """The number of its next attempt."""
        return next_number(self.folder)

    def claim(self, pid: int, number: int = 0, engine: str = "") -> bool:
        """Make the process `pid` the one that trains this run, as attempt `number` or the next.

        False if it already has one, or the number is not the next.
        """
        return replace(Attempt.of(pid), number=number, engine=engine).claim(self.folder)


@lru_cache(maxsize=65_536)
def _owner(path: Path) -> str:
    owner = (_read_json(path) or {}).get("visitor", "")
    return owner if isinstance(owner, str) else ""


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        data = _parsed(path, path.stat().st_mtime_ns)
        return dict(data) if isinstance(data, dict) else None
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=65_536)
def _parsed(path: Path, changed: int) -> Any:
    """A JSON file's content, cached because pages read the same files twice a second."""
    return json.loads(path.read_text("utf-8"))


@lru_cache(maxsize=65_536)
def _recipe(path: Path, changed: int) -> Recipe:
    return Recipe.from_json(json.loads(path.read_text("utf-8")))
