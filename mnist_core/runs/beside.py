"""What a tutorial printed, beside what a run has reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mnist_core.recipes.published import HISTORIES, History
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.run import Run

MEASURES = ("loss", "accuracy", "val_loss", "val_accuracy")
TEST_MEASURES = ("test_loss", "test_accuracy")


@dataclass(frozen=True)
class Pair:
    """A figure as published and as reached here; None where it was not printed, or is not reached yet."""

    published: float | None
    ours: float | None

    @property
    def difference(self) -> float | None:
        """Ours minus published."""
        return None if self.published is None or self.ours is None else self.ours - self.published


def history_of(recipe: Recipe) -> History | None:
    """What was printed of the recipe of this name; None if `recipe` trains otherwise.

    The epochs and the seed may differ: until its last epoch, such a run is the tutorial's with other chance.
    """
    known = RECIPES.get(recipe.name)
    if known is None or recipe.name not in HISTORIES:
        return None
    alike = replace(recipe, epochs=known.epochs, seed=known.seed)
    return HISTORIES[recipe.name] if alike.trains_like(known) else None


def printed(history: History) -> tuple[str, ...]:
    """Those of MEASURES that the tutorial printed."""
    return tuple(measure for measure in MEASURES if getattr(history, measure))


def by_epoch(history: History, rows: Sequence[Mapping[str, Any]]) -> dict[int, dict[str, Pair]]:
    """For each epoch that was printed: each printed measure, published and according to the metrics `rows`."""
    ours = {row["epoch"]: row for row in rows if "end" in row}
    return {
        epoch: {
            measure: Pair(history.at(epoch, measure), ours.get(epoch, {}).get(measure))
            for measure in printed(history)
        }
        for epoch in (history.epoch if printed(history) else ())
    }


def at_the_end(history: History, result: Mapping[str, Any] | None) -> dict[str, Pair]:
    """The printed test figures, and those of the run's `result`, if it has one."""
    figures = {measure: getattr(history, measure) for measure in TEST_MEASURES}
    return {
        measure: Pair(value, (result or {}).get(measure))
        for measure, value in figures.items()
        if value is not None
    }


def newest_finished(names: Sequence[str], runs: Sequence[Run]) -> dict[str, Run | None]:
    """For each recipe's name the newest of `runs`, which are newest first, that trained it to its end.

    Its seed may differ.
    """
    return {name: next((run for run in runs if _finished(RECIPES[name], run)), None) for name in names}


def _finished(recipe: Recipe, run: Run) -> bool:
    if run.recipe.name != recipe.name or not replace(run.recipe, seed=recipe.seed).trains_like(recipe):
        return False
    result = run.result
    return result is not None and result["status"] == "finished"
