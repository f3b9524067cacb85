"""What visitors can do, and the check on the server that they may: the only way in which pages change anything.

On one's own machine everything is allowed. On a shared server a teacher may do everything, a pupil may act on
what is theirs, and who is unknown may only look. What belongs to nobody, only a teacher may change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mnist_core.data.my_digits import MyDigit, MyDigits
from mnist_core.evaluation.judgements import Judgements
from mnist_core.jobs.engine import Engine
from mnist_core.language.messages import Message, message
from mnist_core.preprocessing.preprocess import Stroke
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs.limits import Limits
from mnist_core.runs.run import Run, RunError
from mnist_core.runs.snapshot import snapshot_of, snapshots_of
from mnist_core.runs.store import RunStore
from mnist_core.sweeps.store import SavedSweep, SweepStore, runs_in
from mnist_core.sweeps.sweep import Sweep
from mnist_core.trash import Deleted, Trash
from mnist_core.visitors.hidden import Hidden
from mnist_core.visitors.kept import Kept
from mnist_core.visitors.quota import Quota
from mnist_core.visitors.register import NotAllowed, Register
from mnist_core.visitors.visitor import Visitor


@dataclass(frozen=True)
class Acts:
    """What one visitor can do. Each method raises NotAllowed, with words, if this visitor may not do it, and
    what the act itself raises."""

    visitor: Visitor
    store: RunStore
    worker: Engine
    register: Register

    @property
    def home(self) -> Path:
        return self.store.home

    @property
    def _quota(self) -> Quota:
        return Quota(self.visitor, self.store)

    def may_change(self, item: Run | SavedSweep) -> bool:
        """Whether the visitor may stop, resume and delete the run or the sweep, and rename the run."""
        return self.visitor.is_teacher or (self.visitor.can_act and item.owner == self.visitor.id)

    def start(self, recipe: Recipe, files: Mapping[str, bytes] | None = None, seconds: float = 0.0) -> Run:
        """Queue a new run of the visitor's; `seconds` is how long it is expected to take."""
        self._check_known()
        self._quota.check_time(seconds)
        self._quota.check_queue()
        self._quota.check_number_of_runs()
        return self.worker.submit(recipe, files, self.visitor.id)

    def start_sweep(self, sweep: Sweep, name: str, seconds: float = 0.0) -> SavedSweep:
        """Queue all runs of a sweep; `seconds` is how long the longest is expected to take. Either all or none
        of them are queued."""
        self._check_known()
        self._quota.check_time(seconds)
        self._quota.check_queue(sweep.num_runs)
        self._quota.check_number_of_runs(sweep.num_runs)

        def queue(recipe: Recipe) -> Run:
            return self.worker.submit(recipe, owner=self.visitor.id)

        return SweepStore(self.home).create(sweep, name, self.visitor.id, queue)

    def stop_sweep(self, saved: SavedSweep) -> None:
        """Stop those of its runs that train, keeping their weights, and remove the others from the queue."""
        self._check(saved)
        active = [of.run for of in snapshots_of(self.store).all if of.run.id in saved.runs and of.is_active]
        # The newest first: otherwise each run that is stopped would let the next one begin.
        for run in active:
            self.worker.stop(run)

    def resume_sweep(self, saved: SavedSweep) -> None:
        """Queue those of its runs again that ended early."""
        self._check(saved)
        ended = [of for of in snapshots_of(self.store).all if of.run.id in saved.runs and not of.is_active]
        early = [of.run for of in reversed(ended) if of.can_resume or of.can_begin_again]
        self._quota.check_time(0.0)
        self._quota.check_queue(len(early))
        for run in early:
            self.worker.resume(run)

    def delete_sweep(self, saved: SavedSweep) -> None:
        """Delete a sweep with its runs. RunError, with nothing deleted, while one of them is trained."""
        self._check(saved)
        runs = [run for run in self.store.list() if run.id in saved.runs]
        if any(snapshot_of(run).is_active for run in runs):
            raise RunError(message("Runs of this sweep still train or wait: stop it first."))
        SweepStore(self.home).delete(saved)  # first: its runs then have a later time (_runs_of)
        for run in runs:
            self.store.delete(run)

    def bring_in(self) -> str:
        """Check that a run may be brought in; returns the id of its owner."""
        self._check_known()
        self._quota.check_space()
        self._quota.check_number_of_runs()
        return self.visitor.id

    def stop(self, run: Run) -> None:
        """Stop a run that trains, or remove it from the queue."""
        self._check(run)
        self.worker.stop(run)

    def resume(self, run: Run, epochs: int | None = None) -> None:
        """Queue a run that has ended again."""
        self._check(run)
        rows = run.metrics()
        self._quota.check_time(rows[-1].get("seconds", 0.0) if rows else 0.0)
        self._quota.check_queue()
        self.worker.resume(run, epochs)

    def rename(self, run: Run, title: str) -> Run:
        """Give the run another title."""
        self._check(run)
        return run.rename(title)

    def delete(self, run: Run) -> None:
        """Delete a run that is not being trained."""
        self._check(run)
        self.store.delete(run)

    def move_to_front(self, run: Run) -> None:
        """Let a run that waits be the next."""
        self._check_teacher()
        if snapshot_of(run).status != "queued":
            raise RunError(message("Run {run} does not wait any more.", run=run.id))
        run.go_first()

    def hide(self, run: Run, is_hidden: bool = True) -> None:
        """Hide a run from the pupils, or show it again."""
        self._check_teacher()
        now = Hidden.of(self.home)
        replace(now, runs=now.runs | {run.id} if is_hidden else now.runs - {run.id}).save(self.home)

    def hide_name(self, visitor_id: str, is_hidden: bool = True) -> None:
        """Hide a visitor's name from the pupils, or show it again."""
        self._check_teacher()
        now = Hidden.of(self.home)
        replace(now, names=now.names | {visitor_id} if is_hidden else now.names - {visitor_id}).save(self.home)

    def set_limits(self, limits: Limits) -> None:
        """Set what the pupils are allowed."""
        self._check_teacher()
        limits.save(self.home)

    def become_teacher(self, password: str) -> None:
        """Become a teacher by the teacher's password."""
        self._check_known()
        self.register.enter(self.visitor, password)

    def leave_teaching(self) -> None:
        """Become a pupil again."""
        self._check_known()
        self.register.leave(self.visitor)

    def set_name(self, name: str) -> None:
        """Give oneself a name; "" takes it away."""
        self._check_known()
        self.register.rename(self.visitor.id, name)

    def judge(self, judgements: Judgements, index: int, judgement: str | None) -> None:
        """Judge a test image, or take the judgement back."""
        self._check_own(judgements.owner)
        judgements.judge(index, judgement)

    def add_digit(
        self, digits: MyDigits, label: int, image: np.ndarray, strokes: Sequence[Stroke] | None = None
    ) -> MyDigit:
        """Save one of the visitor's digits."""
        self._check_own(digits.owner)
        self._quota.check_space()
        return digits.add(label, image, strokes)

    def bring_digits(self, digits: MyDigits, content: bytes) -> int:
        """Add digits from a file to the visitor's."""
        self._check_own(digits.owner)
        self._quota.check_space()
        return digits.bring(content)

    def delete_digit(self, digits: MyDigits, id_: str) -> Deleted | None:
        """Delete one of the visitor's digits, a teacher of everybody's; None if it was deleted before."""
        if not self.visitor.is_teacher:
            self._check_own(digits.owner)
        return digits.delete(id_)

    def may_restore(self, item: Deleted) -> bool:
        """Whether the visitor may restore what was deleted, and delete it for good."""
        return self.visitor.is_teacher or (self.visitor.can_act and item.whose == self.visitor.id)

    def restore(self, item: Deleted) -> None:
        """Put something that was deleted back where it was."""
        self._check_deleted(item)
        self._quota.check_space()
        if item.kind in ("run", "sweep"):
            runs = self._runs_of(item)
            self._quota.check_number_of_runs(max(1, len(runs)))
            for run in runs:
                Trash(self.home).restore(run)
        Trash(self.home).restore(item)

    def _runs_of(self, item: Deleted) -> list[Deleted]:
        """The runs that were deleted together with a sweep, which is `item`."""
        if item.kind != "sweep":
            return []
        ids = runs_in(Trash(self.home).content(item))
        with_it = (run for run in Trash(self.home).list("run") if run.deleted >= item.deleted)
        return [run for run in with_it if Path(run.place).name in ids]

    def discard(self, item: Deleted) -> None:
        """Delete for good what was deleted."""
        self._check_deleted(item)
        Trash(self.home).discard(item)

    def kept(self, visitor_id: str = "") -> Kept:
        """What is kept of the visitor; a teacher may ask for that of another visitor."""
        self._check_known()
        if visitor_id not in ("", self.visitor.id):
            self._check_teacher()
        return Kept(self.home, visitor_id or self.visitor.id)

    def delete_everything(self, visitor_id: str = "") -> None:
        """Delete all that is kept of the visitor, or for a teacher of another one, for good."""
        self.kept(visitor_id).delete()

    def _check_teacher(self) -> None:
        if not self.visitor.is_teacher:
            raise NotAllowed(message("Only a teacher of this server may do that."))

    def _check_known(self) -> None:
        if not self.visitor.can_act:
            raise NotAllowed(
                message(
                    "The server does not know who you are, so nothing can be kept for you. Reload the page, "
                    "and allow its cookie or sign in."
                )
            )

    def _check_own(self, owner: str) -> None:
        self._check_known()
        if owner != self.visitor.id:
            raise NotAllowed(message("This belongs to another visitor."))

    def _check(self, item: Run | SavedSweep) -> None:
        self._check_known()
        if isinstance(item, Run) and item.folder.parent != self.store.folder:
            raise NotAllowed(message("{run} ships with the app and cannot be changed.", run=item.id))
        if not self.may_change(item):
            raise NotAllowed(_whose(item))

    def _check_deleted(self, item: Deleted) -> None:
        self._check_known()
        if not self.may_restore(Trash(self.home).get(item.id)):
            raise NotAllowed(message("This belongs to another visitor."))


def _whose(item: Run | SavedSweep) -> Message:
    if isinstance(item, SavedSweep):
        return message("This is not your sweep: only who started it, or a teacher, can change it.")
    if item.owner:
        return message("This is another visitor's run: only they or a teacher can change it.")
    return message("This run belongs to everybody: only a teacher can change it.")
