"""A full disk, a read-only home, one that vanishes and comes back, altered files, other versions' files."""

import os
import subprocess

import numpy as np
import pytest

from mnist_core.__main__ import main
from mnist_core.data import sources
from mnist_core.data.mnist import NPZ_KEYS
from mnist_core.data.my_digits import MyDigits
from mnist_core.evaluation.judgements import Judgements
from mnist_core.files import StorageError, write_json
from mnist_core.jobs.cluster import check_machine
from mnist_core.runs.run import Run, RunError
from mnist_core.runs.snapshot import snapshot_of
from mnist_core.runs.store import RunStore
from mnist_core.training.fill import train_run
from tests.faults.scenarios import SHORT, assert_whole, fill_up, finished_run, small_disk

LEFT = (0, 4096, 60_000, 140_000)  # bytes: no write succeeds, then some of them


def test_whichever_write_finds_the_disk_full_all_that_was_finished_stays_and_the_run_can_be_trained(
    tmp_path, small
):
    with small_disk(tmp_path / "disk") as disk:
        store = RunStore(disk)
        finished = finished_run(store)
        for left in LEFT:
            run = store.create(SHORT)
            ballast = fill_up(disk, left)
            with pytest.raises(OSError, match="No space left"):
                train_run(run, small)
            assert run.result is None and store.list() == [run, finished]
            assert "The disk is full. Make room" in run.log_tail() or left == 0
            with pytest.raises(StorageError, match="the disk is full"):
                fill_up(disk, 0)
                store.create(SHORT)
            ballast.unlink()
            assert_whole(finished)
            assert train_run(run, small)["status"] == "finished"
            assert_whole(run)
            store.delete(run)


def test_on_a_read_only_home_everything_opens_and_every_change_is_refused_in_words(tmp_path, small, home):
    with small_disk(tmp_path / "disk") as disk:
        store, mine, judgements = RunStore(disk), MyDigits(disk), Judgements(disk, small.test)
        run, digit = finished_run(store), mine.add(3, np.full((28, 28), 9, np.uint8))
        waiting = store.create(SHORT)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        acts = (
            lambda: store.create(SHORT),
            lambda: run.rename("Another"),
            lambda: store.delete(run),
            lambda: waiting.ask_to_stop(),
            lambda: mine.add(4, np.full((28, 28), 9, np.uint8)),
            lambda: mine.delete(digit.id),
            lambda: judgements.judge(3, "model"),
        )
        for act in acts:
            with pytest.raises(StorageError, match=r"read-only\. Make it writable, or set"):
                act()
        with pytest.raises(PermissionError, match="cannot be written to"):
            check_machine(waiting.folder, False)  # so that a cluster leaves this machine out
        assert_whole(run)
        assert store.list() == [waiting, run] and mine.ids() == [digit.id]
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        assert run.rename("Another").damage == ()


def test_a_home_that_vanishes_and_comes_back_has_all_its_runs_again(store):
    run = finished_run(store)
    waiting = store.create(SHORT)
    away = store.home.with_name("away")
    os.rename(store.home, away)
    assert store.list() == [] and store.problems() == () and waiting.attempt is None
    with pytest.raises(StorageError, match="is gone"):
        waiting.ask_to_stop()
    with pytest.raises(RunError, match="is gone"):
        run.rename("Another")
    os.rename(away, store.home)
    assert store.list() == [waiting, run] and snapshot_of(waiting).status == "queued"
    assert_whole(run)


def test_mnist_that_was_altered_after_the_download_is_not_taken_for_mnist(home, mnist, monkeypatch):
    arrays = dict(zip(NPZ_KEYS.values(), (array for split in (mnist.train, mnist.test) for array in split)))
    images = arrays["x_train"].copy()
    images[100, 14, 14] ^= 1
    (home / "downloads").mkdir()
    np.savez(home / "downloads" / "mnist.npz", **(arrays | {"x_train": images}))
    found = sources.load()
    assert not found.is_mnist and "MD5" in str(found.problems[0]) and "Remove it" in str(found.problems[0])


def test_an_older_versions_home_opens_and_a_later_ones_is_refused_in_words_and_left_as_it_is(store, capsys):
    run = finished_run(store)
    result = run.result
    (run.folder / "manifest.json").unlink()
    write_json(run.folder / "result.json", {k: v for k, v in result.items() if k != "versions"})
    write_json(run.folder / "attempt.json", {"pid": 1, "created": 1.0})
    (store.home / "version").unlink()
    assert main(["runs"]) == 0 and run.id in capsys.readouterr().out
    assert_whole(Run(run.folder))
    assert (store.home / "version").read_text() == "1\n"
    (store.home / "version").write_text("2\n")
    before = sorted(store.home.rglob("*"))
    assert main(["runs"]) == 1 and "A later version of MNIST Studio" in capsys.readouterr().err
    with pytest.raises(ValueError, match="Update the app"):
        store.create(SHORT)
    assert sorted(store.home.rglob("*")) == before
