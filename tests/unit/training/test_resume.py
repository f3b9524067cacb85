"""An interrupted training continues as if it had not been interrupted."""

import os
from dataclasses import replace

import numpy as np
import pytest

from mnist_core.recipes.table import RECIPES
from mnist_core.runs import words
from mnist_core.runs.run import RunError
from mnist_core.runs.snapshot import snapshot_of
from mnist_core.training import checkpoint, loop
from mnist_core.training.checkpoint import Position
from mnist_core.training.fill import train_run

NAMES = ["mlp", "dropout-cnn", "best"]


def recipe(name):
    return replace(RECIPES[name], batch_size=128, epochs=3)


def ignore(row):
    pass


@pytest.mark.parametrize("name", NAMES)
def test_stopping_and_resuming_gives_the_same_weights_as_training_without_a_break(small, tmp_path, name):
    straight = loop.fit(recipe(name), small.train, None, ignore)
    path, rows = tmp_path / "checkpoint.npz", []
    loop.fit(recipe(name), small.train, None, rows.append, lambda: len(rows) > 4, path)
    assert rows[-1] == {"stopped": True} and rows[-2]["epoch"] < 3
    more = []
    resumed = loop.fit(recipe(name), small.train, None, more.append, checkpoint_path=path)
    assert more[0]["step"] > rows[-2]["step"] and more[-1]["epochs_done"] == 3.0
    for a, b in zip(straight.get_weights(), resumed.get_weights()):
        assert np.abs(a - b).max() <= 1e-5 * max(np.abs(b).max(), 1e-3)


def test_the_means_of_an_interrupted_epoch_are_over_all_of_it(small, tmp_path):
    path, rows, straight = tmp_path / "checkpoint.npz", [], []
    loop.fit(recipe("mlp"), small.train, None, straight.append)
    loop.fit(recipe("mlp"), small.train, None, rows.append, lambda: len(rows) > 2, path)
    loop.fit(recipe("mlp"), small.train, None, rows.append, checkpoint_path=path)
    ends, expected = ([row["loss"] for row in all_ if "end" in row] for all_ in (rows, straight))
    assert ends == pytest.approx(expected, rel=1e-4)
    seconds = [row["seconds"] for row in rows if "seconds" in row]
    assert seconds == sorted(seconds)


def test_a_finished_training_can_be_given_more_epochs(small, tmp_path):
    path, rows = tmp_path / "checkpoint.npz", []
    straight = loop.fit(recipe("mlp"), small.train, None, ignore)
    loop.fit(replace(recipe("mlp"), epochs=2), small.train, None, ignore, checkpoint_path=path)
    longer = loop.fit(recipe("mlp"), small.train, None, rows.append, checkpoint_path=path)
    assert {row["epoch"] for row in rows} == {3}
    for a, b in zip(straight.get_weights(), longer.get_weights()):
        assert np.abs(a - b).max() <= 1e-5


def test_a_run_is_not_resumed_on_other_images(store, small):
    run, other = store.create(replace(recipe("mlp"), epochs=1)), replace(small, train=small.train[::-1])
    train_run(run, small)
    longer = run.resume(epochs=2)
    with pytest.raises(checkpoint.OtherImages, match="trained on other images"):
        train_run(longer, other)
    assert words.own_sentence(longer.log_tail()).startswith("Until now this run was trained on other images")
    assert train_run(longer, small)["epochs"] == 2, "nothing is lost"


def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path):
    path, shapes = tmp_path / "checkpoint.npz", [(2, 3), ()]
    for epoch in (1, 2, 3):
        checkpoint.save(path, Position(epoch, 5), [np.full((2, 3), epoch), np.array(7)])
    position, variables = checkpoint.load(path, shapes)
    assert position.epoch == 3 and variables[0][0, 0] == 3 and variables[1] == 7
    path.write_bytes(path.read_bytes()[:-200])
    assert checkpoint.load(path, shapes)[0] == Position(2, 5)
    assert checkpoint.load(path, [(9,), ()]) is None
    path.with_stem("checkpoint-1").unlink()
    assert checkpoint.load(path, shapes) is None
    assert len(list(tmp_path.iterdir())) == 1


def test_a_killed_run_goes_on_from_its_checkpoint_and_its_curve_has_no_seam(store, small):
    run = store.create(recipe("mlp"))
    rows = []

    def kill(row):
        rows.append(row)
        if row["epoch"] == 3:
            raise KeyboardInterrupt  # for the files, as sudden as a kill

    original, loop.CHECKPOINT_SHARE = loop.CHECKPOINT_SHARE, 1.0
    try:
        with pytest.raises(KeyboardInterrupt):
            train_run(run, small, kill)
    finally:
        loop.CHECKPOINT_SHARE = original
    run.ask_to_stop()
    assert snapshot_of(run).status == "stopped" and snapshot_of(run).can_resume
    run = run.resume()
    assert snapshot_of(run).status == "queued" and not snapshot_of(run).can_resume
    result = train_run(run, small)
    assert result["status"] == "finished" and result["epochs"] == 3
    steps = [row["step"] for row in run.metrics() if "end" not in row]
    assert steps == sorted(set(steps)) and steps[-1] == 24
    assert [row["epoch"] for row in run.metrics() if "end" in row] == [1, 2, 3]
    assert snapshot_of(run).can_take_more_epochs and not snapshot_of(run).can_resume
    (run.folder / "result.json").unlink()  # as if killed between the last checkpoint and the result
    again = train_run(run.resume(), small)
    assert again["epochs"] == 3 and again["seconds"] > 0
    assert again["test_accuracy"] == result["test_accuracy"]
    longer = run.resume(epochs=5)
    assert train_run(longer, small)["epochs"] == 5
    assert len([row for row in longer.metrics() if "end" in row]) == 5


def test_a_run_that_waits_or_is_under_way_cannot_be_resumed(store):
    run = store.create(recipe("mlp"))
    with pytest.raises(RunError, match="no checkpoint"):
        run.resume()
    run.checkpoint_path.touch()
    run.claim(os.getpid())
    with pytest.raises(RunError, match="not ended"):
        run.resume()
    assert snapshot_of(run).status == "training"


def test_other_epochs_are_refused_where_they_would_make_another_training(store, small):
    planned, stopped = store.create(replace(recipe("mlp"), schedule="one-cycle")), store.create(recipe("mlp"))
    train_run(planned, small)
    with pytest.raises(RunError, match="planned for its last epoch"):
        planned.resume(5)
    train_run(stopped, small)
    with pytest.raises(RunError, match="already reached epoch 3"):
        stopped.resume(2)


def test_where_every_checkpoint_is_damaged_the_training_begins_anew_and_says_so(store, small):
    run = store.create(recipe("mlp"))
    train_run(run, small)
    (run.folder / "result.json").unlink()
    for path in run.folder.glob("checkpoint*.npz"):
        path.write_bytes(b"damaged")
    result = train_run(run.resume(), small)
    assert result["status"] == "finished" and result["epochs"] == 3
    assert "begins anew" in run.metrics()[0]["note"]
    assert [row["epoch"] for row in run.metrics() if "end" in row] == [1, 2, 3]


@pytest.mark.skipif(
    not os.path.exists("/dev/full"), reason="needs Linux's /dev/full, a disk that is always full"
)
def test_a_full_disk_ends_the_training_in_words_and_harms_nothing_else(store, small):
    earlier, run = (store.create(recipe("mlp")) for _ in range(2))
    train_run(earlier, small)
    (run.folder / "unfinished.tflite").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        train_run(run, small)
    assert "The disk is full. Make room, then resume the run" in run.log_tail()
    assert run.result is None and snapshot_of(earlier).status == "finished" and earlier.has_model


@pytest.mark.skipif(
    not os.path.exists("/dev/full"), reason="needs Linux's /dev/full, a disk that is always full"
)
def test_where_no_checkpoint_can_be_written_the_training_itself_goes_on(store, small, capsys, monkeypatch):
    run = store.create(recipe("mlp"))
    full = open("/dev/full", "wb")  # noqa: SIM115
    monkeypatch.setattr(checkpoint.np, "savez", lambda *_, **__: (full.write(b"x"), full.flush()))
    assert train_run(run, small)["status"] == "finished"
    assert "No checkpoint was kept" in capsys.readouterr().err
    assert not list(run.folder.glob("*.tmp")) and not snapshot_of(run).can_take_more_epochs
    with pytest.raises(OSError):
        full.close()
