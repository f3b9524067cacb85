"""A run's metrics as TensorBoard's event files, in one zip:

    <run id>/train/events.out.tfevents.…          batch_loss, batch_accuracy, epoch_loss, epoch_accuracy
    <run id>/validation/events.out.tfevents.…     epoch_loss, epoch_accuracy, evaluation_loss_vs_iterations, …

Folders, tags and steps are those of Keras's TensorBoard callback, so that a training with plain Keras in the
same log folder lies in the same charts: batches and evaluations are at their step, epochs at their number from
0. The wall time is the run's start plus the row's seconds.
"""

import io
import math
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.core.framework.summary_pb2 import Summary
from tensorflow.core.util.event_pb2 import Event

from mnist_core.runs.history import started
from mnist_core.runs.run import Run

Row = dict[str, Any]
TRAIN, VALIDATION = "train", "validation"
_MEASURES = ("loss", "accuracy", "cross_entropy")


def as_zip(run: Run) -> bytes:
    """The zip; a loss that is not finite is NaN."""
    begin = start_of(run)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, tempfile.TemporaryDirectory() as folder:
        for part in (TRAIN, VALIDATION):
            events = [event for row in run.metrics() for event in events_of(row, part, begin)]
            if events:
                path = Path(folder) / f"events.out.tfevents.{int(begin)}.{run.id}.v2"
                _write(path, begin, events)
                archive.write(path, f"{run.id}/{part}/{path.name}")
    return file.getvalue()


def start_of(run: Run) -> float:
    """When the training began, in seconds since 1970: from the run's id, else from its metrics file."""
    if when := started(run.id):
        return when.timestamp()
    last = max((row["seconds"] for row in run.metrics() if "seconds" in row), default=0.0)
    return (run.folder / "metrics.jsonl").stat().st_mtime - last


def events_of(row: Row, part: str, begin: float) -> Iterator[Event]:
    """One event for each number of a metrics row that belongs to this part."""
    if "loss" not in row:
        return
    when, is_end = begin + row["seconds"], "end" in row
    for measure in _MEASURES:
        key = measure if part == TRAIN else f"val_{measure}"
        if key not in row:
            continue
        value = math.nan if row[key] is None else row[key]
        if is_end:
            yield _event(when, row["epoch"] - 1, f"epoch_{measure}", value)
        elif part == TRAIN:
            yield _event(when, row["step"], f"batch_{measure}", value)
        if is_end and part == VALIDATION:
            yield _event(when, row["step"], f"evaluation_{measure}_vs_iterations", value)


def _event(when: float, step: int, tag: str, value: float) -> Event:
    return Event(wall_time=when, step=step, summary=Summary(value=[Summary.Value(tag=tag, simple_value=value)]))


def _write(path: Path, begin: float, events: list[Event]) -> None:
    with tf.io.TFRecordWriter(str(path)) as writer:
        for event in (Event(wall_time=begin, file_version="brain.Event:2"), *events):
            writer.write(event.SerializeToString())
