"""How much a visitor of a shared server may do: the limits that a teacher has set."""

from dataclasses import dataclass

from mnist_core.language.messages import message
from mnist_core.runs.limits import Limits, size
from mnist_core.runs.snapshot import snapshots_of
from mnist_core.runs.store import RunStore
from mnist_core.visitors.register import NotAllowed
from mnist_core.visitors.visitor import Visitor

_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Quota:
    """What is left for a visitor. If it is too little, a check raises NotAllowed, which says what to do."""

    visitor: Visitor
    store: RunStore

    def check_time(self, seconds: float) -> None:
        """That a training of so many seconds is allowed, and that there is space for it."""
        minutes = None if self.visitor.is_alone else Limits.of(self.store.home).minutes
        if minutes and seconds > 60 * minutes:
            words = message(
                "On this server, a training may take at most {minutes} min. Choose fewer epochs, fewer "
                "training images, or a smaller network.",
                minutes=minutes,
            )
            raise NotAllowed(words)
        self.check_space()

    def check_space(self) -> None:
        """That the home may grow."""
        most = None if self.visitor.is_teacher else Limits.of(self.store.home).megabytes
        if most and size(self.store.home) > most * _MEGABYTE:
            words = message(
                "This server is full: it may keep {most:,} MB. Delete runs that you do not need any more, or "
                "ask the teacher.",
                most=most,
            )
            raise NotAllowed(words)

    def check_queue(self, number: int = 1) -> None:
        """That so many more runs may wait."""
        most = None if self.visitor.is_teacher else Limits.of(self.store.home).waiting
        own = [of for of in snapshots_of(self.store).all if of.run.owner == self.visitor.id and of.is_active]
        if most is None or len(own) + number <= most:
            return
        words = message(
            "You may have at most {most} runs that train or wait. Start this one when another has ended.",
            most=most,
        )
        if number > 1:
            words = message(
                "You may have at most {most} runs that train or wait. You have {own}, and these are {number} "
                "more: choose fewer values, or ask the teacher for a higher limit.",
                most=most,
                own=len(own),
                number=number,
            )
        raise NotAllowed(words)

    def check_number_of_runs(self, number: int = 1) -> None:
        """That so many more runs may be kept."""
        most = None if self.visitor.is_teacher else Limits.of(self.store.home).kept
        own = sum(run.owner == self.visitor.id for run in self.store.list()) if most else 0
        if most is None or own + number <= most:
            return
        words = message(
            "You may keep at most {most} runs. Delete one on the Train page, under Past runs.", most=most
        )
        if number > 1:
            words = message(
                "You may keep at most {most} runs. You have {own}, and these are {number} more: choose fewer "
                "values, or delete runs.",
                most=most,
                own=own,
                number=number,
            )
        raise NotAllowed(words)
