"""The learning curves of one run, finished or in training, or of several runs compared (curves.js)."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import streamlit as st

from mnist_core.language.catalogues import current
from mnist_core.language.messages import _
from mnist_core.recipes.layers import Dropout
from mnist_core.recipes.published import History
from mnist_core.recipes.recipe import Published, Recipe
from mnist_core.recipes.words import title
from mnist_core.runs.axes import limits, widest
from mnist_core.runs.beside import history_of, printed
from mnist_core.runs.curves import TRAINING, VALIDATION, Row, loss_key, points
from mnist_core.runs.run import Run

_COLOURS = [f"var(--st-{name}-color)" for name in ("blue", "orange", "green", "violet", "red", "gray")]
_FILES = Path(__file__).parent


def show_curves(run: Run, rows: Sequence[Row], key: str, at: float | None = None) -> None:
    """Loss and accuracy by epoch, for training and validation, with the published accuracy.

    For a run that trains, `at` is the time of these rows: newer data that the browser fetched is drawn instead.
    """
    _show([run], picture(run.recipe, rows), key, at)


def compare_curves(runs: Sequence[Run], key: str, names: Sequence[str] = ()) -> None:
    """Several runs in one chart: the validation curve if there is one, else training.

    `names` are what the runs are called, by default their titles.
    """
    _show(runs, compared([(run.recipe, run.metrics()) for run in runs], names), key)


def picture(recipe: Recipe, rows: Sequence[Row]) -> dict[str, Any]:
    """The data that curves.js draws for one run; each point is (epoch, loss, accuracy)."""
    found, history = points(rows), history_of(recipe)
    kinds = (TRAINING, VALIDATION) if recipe.validation else (TRAINING,)
    return {
        "epochs": recipe.epochs,
        "limits": limits(recipe.published, found, history),
        "series": [
            *(_series(found, kind, _kind(kind), colour) for kind, colour in zip(kinds, _COLOURS)),
            *(_printed(history) if history else ()),
        ],
        # Where the tutorial printed its curves, they are drawn instead of its last accuracy.
        "published": None if history and printed(history) else _published(recipe.published, recipe.epochs),
        "notes": notes(recipe, rows),
    }


def compared(runs: Sequence[tuple[Recipe, Sequence[Row]]], names: Sequence[str] = ()) -> dict[str, Any]:
    """The data that curves.js draws for several runs, numbered as in the table of differences."""
    series, ranges, said = [], [], []
    for number, (recipe, rows) in enumerate(runs, 1):
        found = points(rows)
        kind = VALIDATION if any(point["series"] == VALIDATION for point in found) else TRAINING
        name = f"{number} · {names[number - 1] if names else title(recipe)}"
        series.append(_series(found, kind, f"{name} ({_kind(kind)})", _COLOURS[(number - 1) % len(_COLOURS)]))
        ranges.append(limits(recipe.published, found))
        if kind == TRAINING and _is_smoothed(recipe, rows):
            said.append(_("{run}: this training loss still includes label smoothing.", run=name))
    epochs = max(recipe.epochs for recipe, _rows in runs)
    return {"epochs": epochs, "limits": widest(ranges), "series": series, "published": None, "notes": said}


def notes(recipe: Recipe, rows: Sequence[Row]) -> list[str]:
    """Why training and validation values differ, apart from the images."""
    said = {
        _("Training values are measured with dropout on, validation values with it off."): any(
            isinstance(layer, Dropout) for layer in recipe.layers
        ),
        _("Training images are moved at random, validation images are not."): recipe.augmentation,
        _(
            "Training values are those of the current weights, validation values those of the averaged weights."
        ): recipe.ema_momentum,
        _(
            "The answer to a validation image is the mean of the outputs for four shifted copies of it."
        ): recipe.test_time_shifts,
        _("Training images that are not digits count in the accuracy only."): recipe.other_handwriting,
    }
    apart = [words for words, applies in said.items() if applies and recipe.validation]
    if _is_smoothed(recipe, rows):
        apart.append(
            _(
                "This run was made by an earlier version: its training loss includes label smoothing, its "
                "validation loss does not."
            )
        )
    return apart


def _kind(kind: str) -> str:
    return _("training data") if kind == TRAINING else _("validation data")


def _is_smoothed(recipe: Recipe, rows: Sequence[Row]) -> bool:
    return recipe.label_smoothing > 0 and loss_key(rows) == "loss"


def _series(found: Sequence[Row], kind: str, name: str, colour: str) -> dict[str, Any]:
    values = [[p["epoch"], p["loss"], p["accuracy"]] for p in found if p["series"] == kind]
    return {"name": name, "kind": kind, "colour": colour, "points": values}


def _printed(history: History) -> Iterator[dict[str, Any]]:
    """The curves that the tutorial printed, in the colours of the run's own.

    Its training values are means over an epoch, which the run's own curve reaches in the middle of the epoch.
    """
    named = {
        TRAINING: (_("published, training data"), history.loss, history.accuracy, 0.5),
        VALIDATION: (_("published, validation data"), history.val_loss, history.val_accuracy, 0.0),
    }
    for (kind, (name, losses, accuracies, back)), colour in zip(named.items(), _COLOURS):
        if losses or accuracies:
            columns = zip_longest([epoch - back for epoch in history.epoch], losses, accuracies)
            yield {"name": name, "kind": f"published {kind}", "colour": colour, "points": [*map(list, columns)]}


def _published(published: Published | None, epochs: int) -> dict[str, Any] | None:
    """The tutorial's final accuracy, drawn as a line, and those of earlier epochs."""
    if not published:
        return None
    words = _("published {accuracy:.4f}", accuracy=published.accuracy)
    earlier = [[epoch, value] for epoch, value in published.accuracies[:-1] if epoch <= epochs]
    return {"accuracy": published.accuracy, "words": words, "earlier": earlier}


def _show(runs: Sequence[Run], drawn: dict[str, Any], key: str, at: float | None = None) -> None:
    names = "+".join(run.id for run in runs)
    file = f"{runs[0].id}-curves" if len(runs) == 1 else f"{len(runs)}-runs-curves"
    data = {"run": names, "at": at, "file": file, "key": key, "picture": drawn, "words": _words()}
    _part()(data=data, key=f"{key}-curves")


def _words() -> dict[str, Any]:
    """What curves.js writes beside the curves."""
    return {
        "language": current(),
        "loss": [_("Loss"), _("cross-entropy, logarithmic axis"), _("loss against the epoch")],
        "accuracy": [_("Accuracy"), _("share of images read correctly"), _("accuracy against the epoch")],
        "last": _("{chart}. Last values: {values}", chart="{chart}", values="{values}"),
        "epoch": _("epoch"),
        "earlier": _("published, earlier epochs"),
        "reset": _("Whole run"),
        "svg": _("Download as SVG"),
        "png": _("Download as PNG"),
    }


@st.cache_resource(max_entries=1, show_spinner=False)
def _part() -> Any:
    files = {kind: (_FILES / f"curves.{kind}").read_text("utf-8") for kind in ("js", "css")}
    # Not isolated, so that screen readers and the browser's search find its text.
    return st.components.v2.component("mnist-studio-curves", **files, isolate_styles=False)
