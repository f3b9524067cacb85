"""TensorBoard's event files, read back with TensorBoard's own reader."""

import io
import json
import math
import zipfile
from datetime import datetime

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from mnist_core.recipes.table import RECIPES
from mnist_core.training import event_log

ROWS = (
    {"epoch": 1, "step": 3, "seconds": 0.5, "loss": 2.25, "accuracy": 0.125, "cross_entropy": 2.0},
    {"epoch": 1, "step": 7, "seconds": 0.75, "loss": None, "accuracy": 0.25, "cross_entropy": None},
    {"note": "not a row of numbers"},
    {
        "epoch": 1,
        "step": 9,
        "seconds": 1.0,
        "loss": 1.5,
        "accuracy": 0.5,
        "val_loss": 1.25,
        "val_accuracy": 0.625,
    }
    | {"end": True},
    {
        "epoch": 2,
        "step": 18,
        "seconds": 2.0,
        "loss": 1.0,
        "accuracy": 0.75,
        "val_loss": 0.75,
        "val_accuracy": 0.875,
    }
    | {"end": True, "last": True},
)


@pytest.fixture
def run(store):
    run = store.create(RECIPES["softmax"])
    (run.folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return run


def scalars(folder) -> dict[str, list[tuple[int, float, float]]]:
    """(step, value, wall time) by tag."""
    found = EventAccumulator(str(folder)).Reload()
    return {
        tag: [(event.step, event.value, event.wall_time) for event in found.Scalars(tag)]
        for tag in found.Tags()["scalars"]
    }


def test_tensorboard_reads_every_number_at_its_step_and_time(run, tmp_path):
    with zipfile.ZipFile(io.BytesIO(event_log.as_zip(run))) as archive:
        archive.extractall(tmp_path)
    begin = datetime.strptime(run.id[:15], "%Y%m%d-%H%M%S").timestamp()
    train, validation = (scalars(tmp_path / run.id / part) for part in ("train", "validation"))
    first, second, _, end, last = ROWS
    ends, within = (end, last), (first, second)
    assert train.keys() == {
        *("batch_loss", "batch_accuracy", "batch_cross_entropy"),
        *("epoch_loss", "epoch_accuracy"),
    }
    assert train["batch_accuracy"] == [(r["step"], r["accuracy"], begin + r["seconds"]) for r in within]
    assert train["batch_loss"][0] == (3, 2.25, begin + 0.5)
    assert math.isnan(train["batch_loss"][1][1])
    for measure in ("loss", "accuracy"):
        wanted = [(r["epoch"] - 1, r[measure], begin + r["seconds"]) for r in ends]
        assert train[f"epoch_{measure}"] == wanted
        wanted = [(r["epoch"] - 1, r[f"val_{measure}"], begin + r["seconds"]) for r in ends]
        assert validation[f"epoch_{measure}"] == wanted
        wanted = [(r["step"], r[f"val_{measure}"], begin + r["seconds"]) for r in ends]
        assert validation[f"evaluation_{measure}_vs_iterations"] == wanted
    assert len(validation) == 4


def test_a_run_without_a_time_in_its_id_begins_where_its_metrics_file_says(run, tmp_path):
    renamed = type(run)(run.folder.rename(tmp_path / "starter"))
    written = (renamed.folder / "metrics.jsonl").stat().st_mtime
    assert event_log.start_of(renamed) == written - 2.0


def test_the_tags_are_those_of_kerass_own_callback(small, tmp_path):
    import keras

    model = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"], run_eagerly=True)
    callback = keras.callbacks.TensorBoard(tmp_path, update_freq=1, write_graph=False)
    some = small.train[:64]
    model.fit(*some, validation_data=tuple(some), verbose=0, callbacks=[callback])
    theirs = {
        f"{part}/{tag}"
        for part in ("train", "validation")
        for tag in EventAccumulator(str(tmp_path / part)).Reload().Tags()["tensors"]
    }
    row = ROWS[3]
    ours = {
        f"{part}/{value.tag}"
        for part in ("train", "validation")
        for of in (ROWS[0], row)
        for event in event_log.events_of(of, part, 0.0)
        for value in event.summary.value
        if "cross_entropy" not in value.tag
    }
    assert ours <= theirs
