"""Whose turn it is: owners take turns, and a teacher can move a run to the front."""

import os
import time

import pytest

from mnist_core.jobs.worker import Worker
from mnist_core.language.catalogues import using
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.attempt import Attempt
from mnist_core.runs.limits import Limits, size
from mnist_core.runs.snapshot import snapshot_of, snapshots_of
from mnist_core.runs.words import TIME_IS_UP, log_words

ADA, BO, CY = "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb", "cccccccccccccccc"


@pytest.fixture
def queue(store):
    class Queue:
        """Runs named by their owner's first letter and a number; one trains at a time."""

        def __init__(self) -> None:
            self.names, self.turns = {}, 0

        def add(self, name: str) -> None:
            owner = {"a": ADA, "b": BO, "c": CY, "o": ""}[name[0]]
            made = store.folder / f"20261127-0{len(self.names):05d}000-{name}-0000"
            type(store.get("starter")).create(made, RECIPES["softmax"], owner=owner)
            self.names[made.name] = name

        def run(self, name: str):
            return store.get(next(id_ for id_, known in self.names.items() if known == name))

        def order(self) -> str:
            return " ".join(self.names[snapshot.run.id] for snapshot in snapshots_of(store).waiting)

        def train_next(self) -> str:
            """Begin and end the run whose turn it is."""
            run, self.turns = snapshots_of(store).waiting[0].run, self.turns + 1
            Attempt(0, 0.0, None).claim(run.folder)  # a process that has ended
            os.utime(run.folder / "attempt.json", (1_000_000_000 + self.turns,) * 2)
            return self.names[run.id]

    return Queue()


def test_one_owner_is_served_in_the_order_of_time_as_ever(queue):
    for name in ("o1", "o2", "o3"):
        queue.add(name)
    assert queue.order() == "o1 o2 o3"


def test_five_runs_of_one_do_not_hold_up_the_others(queue):
    for name in ("a1", "a2", "a3", "a4", "a5", "b1", "c1", "b2"):
        queue.add(name)
    assert queue.order() == "a1 b1 c1 a2 b2 a3 a4 a5"


def test_what_is_shown_is_what_happens(queue):
    for name in ("a1", "a2", "a3", "b1", "b2", "c1"):
        queue.add(name)
    expected = queue.order().split()
    assert [queue.train_next() for _ in expected] == expected


def test_who_has_waited_longest_is_next_even_if_another_has_asked_earlier(queue):
    for name in ("a1", "a2", "a3"):
        queue.add(name)
    assert queue.train_next() == "a1"
    queue.add("b1")
    queue.add("b2")
    assert queue.order() == "b1 a2 b2 a3"
    assert queue.train_next() == "b1"
    queue.add("c1")
    assert queue.order() == "c1 a2 b2 a3"


def test_a_run_moved_to_the_front_is_next_and_the_latest_of_several_first(queue):
    for name in ("a1", "a2", "b1", "b2"):
        queue.add(name)
    queue.run("b2").go_first()
    assert queue.order() == "b2 a1 b1 a2"
    queue.run("a2").go_first()
    os.utime(queue.run("b2").folder / "front", (1_000_000_000,) * 2)
    assert queue.order() == "a2 b2 a1 b1"
    run = queue.run("a2")
    queue.train_next()
    run.checkpoint_path.touch()
    run.resume()
    assert run.front_since is None and queue.order() == "b2 a1 b1 a2"


@pytest.mark.parametrize("damaged", ["", "[]", '{"visitor": 7}', "\x00"])
def test_a_damaged_owner_is_nobody(store, damaged):
    run = store.create(RECIPES["softmax"], owner=ADA)
    assert run.owner == ADA
    other = store.create(RECIPES["softmax"], files={"owner.json": damaged.encode()})
    assert other.owner == "" and store.create(RECIPES["softmax"]).owner == ""


def test_a_visitors_run_that_trains_for_too_long_is_stopped_and_says_why(store):
    Limits(minutes=1).save(store.home)
    earlier = b'{"epoch": 1, "step": 1, "seconds": 59.0, "loss": 2.3}\n'
    worker = Worker(store)
    try:
        run = worker.submit(RECIPES["mlp"], {"metrics.jsonl": earlier}, owner=ADA)
        deadline = time.monotonic() + 60
        while not (run.stop_asked and snapshot_of(run).status == "stopped"):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        worker.close()
    assert run.why_stopped == TIME_IS_UP.format(minutes=1)
    with using("ja"):
        assert log_words(run.why_stopped) != run.why_stopped and "1" in log_words(run.why_stopped)


def test_limits_are_kept_and_a_damaged_file_counts_as_none(tmp_path):
    assert Limits.of(tmp_path) == Limits()
    Limits(minutes=3, waiting=None).save(tmp_path)
    assert Limits.of(tmp_path) == Limits(minutes=3, waiting=None)
    for wrong in ("", "[]", '{"minutes": 0}', '{"hours": 3}', '{"minutes": true}', '{"minutes": 1.5}'):
        (tmp_path / "limits.json").write_text(wrong)
        os.utime(tmp_path / "limits.json", (len(wrong),) * 2)
        assert Limits.of(tmp_path) == Limits()
    with pytest.raises(ValueError, match="whole number from 1"):
        Limits(kept=0)


def test_the_size_of_a_home_is_that_of_its_files(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_bytes(bytes(1000))
    (tmp_path / "c").write_bytes(bytes(24))
    assert size(tmp_path) == 1024 and size(tmp_path / "nothing") == 0
