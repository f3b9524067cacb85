"""From a run's metrics rows to chart points and progress."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]
TRAINING, VALIDATION = "training", "validation"


@dataclass(frozen=True)
class Progress:
    """A training's progress: `fraction` 0..1, seconds left (None at first), images a second (None at first)."""

    epoch: int
    step: int
    num_steps: int
    fraction: float
    seconds_left: float | None
    images_per_second: float | None


def points(rows: Sequence[Row], max_points: int = 300) -> list[Row]:
    """Chart points `{"epoch" (a fraction), "series", "loss", "accuracy"}`, training then validation.

    Training points are means over a window of steps, placed at its middle, at most `max_points` however
    long the run; validation points are at the ends of epochs. The loss is that of `loss_key`. Points whose
    loss or accuracy is not finite are left out.
    """
    within = [row for row in rows if "loss" in row and "end" not in row]
    ends = [row for row in rows if "end" in row]
    key = loss_key(rows)
    training = _thinned(within or ends, max_points, key)
    validation = [_validation(row, key) for row in _spread(ends, max_points) if "val_loss" in row]
    return [p for p in (*training, *validation) if _is_finite(p["loss"]) and _is_finite(p["accuracy"])]


def loss_key(rows: Sequence[Row]) -> str:
    """The loss that training and validation share: "cross_entropy", or "loss" if a row lacks it.

    Older rows have only "loss", which with label smoothing is higher for training than for validation.
    """
    return "cross_entropy" if all("cross_entropy" in row for row in rows if "loss" in row) else "loss"


def progress(rows: Sequence[Row], epochs: int, batch_size: int) -> Progress | None:
    """The progress towards `epochs` according to the rows; None before the first step."""
    steps = [row for row in rows if "loss" in row]
    if not steps:
        return None
    first, last = steps[0], steps[-1]
    done = last["epochs_done"]
    # Most of the time until the first row is compiling, so speed is measured from there.
    seconds, covered = last["seconds"] - first["seconds"], done - first["epochs_done"]
    known = covered > 0 and seconds > 0.5
    return Progress(
        epoch=last["epoch"],
        step=last["step"],
        num_steps=round(last["step"] / done * epochs),
        fraction=min(1.0, done / epochs),
        seconds_left=seconds / covered * (epochs - done) if known else None,
        images_per_second=(last["step"] - first["step"]) * batch_size / seconds if known else None,
    )


def _is_finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _validation(row: Row, key: str) -> Row:
    loss, accuracy = row[f"val_{key}"], row["val_accuracy"]
    return {"epoch": row["epochs_done"], "series": VALIDATION, "loss": loss, "accuracy": accuracy}


def _thinned(rows: Sequence[Row], max_points: int, key: str) -> list[Row]:
    """Join neighbouring rows until each point covers its share of the steps, weighted by steps.

    This keeps the short windows at a training's start, or after a resume, from appearing as noise.
    """
    share = rows[-1]["step"] / max_points if rows else 0
    joined, begun, before, total = [], 0, 0, {key: 0.0, "accuracy": 0.0}
    for row in rows:
        for name in total:
            # A non-finite loss was written as null; its whole window is then not finite.
            total[name] += (math.nan if row[name] is None else row[name]) * (row["step"] - before)
        before = row["step"]
        if before - begun >= share or row is rows[-1]:
            means = {name: value / (before - begun) for name, value in total.items()}
            middle = row["epochs_done"] * (begun + before) / (2 * before)
            point = {"epoch": middle, "series": TRAINING, "loss": means[key], "accuracy": means["accuracy"]}
            joined.append(point)
            begun, total = before, dict.fromkeys(total, 0.0)
    return joined


def _spread(rows: Sequence[Row], max_points: int) -> Sequence[Row]:
    """At most `max_points` of the rows, evenly spaced, including the last one."""
    return rows[:: -math.ceil(len(rows) / max_points)][::-1] if rows else rows
