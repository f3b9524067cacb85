"""Memory that runs out in a trainer, and a clock that jumps while one trains."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from mnist_core.jobs.worker import Worker
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.snapshot import snapshot_of
from tests.faults.scenarios import LONG, SHORT, assert_trained_once, serving, status_is, wait_until

HEADROOM = 150_000_000  # bytes: less than the recipe's activations need
LARGE = replace(RECIPES["chollet-cnn"], batch_size=1024, epochs=1)
LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def set_clock(file: Path, jump: str) -> None:
    """In one step: of a half-written file libfaketime makes times that no system call accepts."""
    file.with_suffix(".new").write_text(jump)
    file.with_suffix(".new").replace(file)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a system that can limit another process's memory")
def test_a_trainer_whose_memory_runs_out_says_so_and_what_to_change_and_the_next_training_starts(store):
    worker = Worker(store)
    try:
        worker.warm(SHORT)
        wait_until(lambda: worker._process and worker._process.prepared, "the preparation")
        process = psutil.Process(worker._process._popen.pid)
        words = worker._process._words
        wait_until(lambda: b"prepared" in os.pread(words.fileno(), 10_000, 0), "the preparation")
        limit = process.memory_info().vms + HEADROOM
        process.rlimit(psutil.RLIMIT_AS, (limit, limit))
        run = worker.submit(LARGE)
        wait_until(status_is(run, "failed"), "the failure")
        wait_until(lambda: "Memory ran out. Choose a smaller network" in run.log_tail(), "a word about it")
        assert snapshot_of(run).can_begin_again
        following = worker.submit(SHORT)
        wait_until(status_is(following, "finished"), "the next training")
        assert_trained_once(following)
    finally:
        worker.close()


@pytest.mark.skipif(LIBRARY is None, reason="needs libfaketime: apt-get install faketime")
def test_a_clock_that_jumps_back_an_hour_and_forward_a_year_while_a_run_trains_changes_nothing(store, tmp_path):
    clock = tmp_path / "clock"
    set_clock(clock, "+0")
    faked = {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # as real clocks, of which only the time of day jumps
    }
    with serving(store, faked) as server:
        run = server.submit(LONG)
        for jump in ("-1h", "+365d"):
            rows = len(run.metrics())
            wait_until(lambda rows=rows: len(run.metrics()) > rows, "a row")
            assert snapshot_of(run).status == "training"
            set_clock(clock, jump)
        wait_until(status_is(run, "finished"), "the end")
        assert_trained_once(run)
        assert run.result["seconds"] < 3000
