"""What the pages say about a cluster: that it cannot be reached, and what trains where."""

import json
import time

import pytest
from starlette.requests import Request as Asked

from mnist_core.recipes.table import RECIPES
from mnist_core.runs.attempt import CLUSTER, Attempt
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import snapshots_of
from mnist_core.visitors import cookie
from mnist_core.visitors.visitor import Request
from pages.components import resources
from pages.components.training import live
from pages.components.training.words import queue_lines
from tests.ui.conftest import PATIENCE, asked_by, open_page, words


@pytest.fixture
def ada(home, monkeypatch) -> str:
    """A pupil of a shared server, who asks for the pages; her id."""
    monkeypatch.setenv("MNIST_SHARED", "1")
    made = cookie.fresh(home)
    asked_by(monkeypatch, Request("192.0.2.7", cookie=made))
    return cookie.id_in(home, made)


@pytest.fixture
def no_scheduler(monkeypatch) -> None:
    monkeypatch.setenv("MNIST_CLUSTER", "tcp://127.0.0.1:1")
    deadline = time.monotonic() + PATIENCE
    while not resources.worker().problem:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """The runs here have one sign of life, and a slow machine must not make them silent."""
    monkeypatch.setattr("mnist_core.runs.attempt.SILENT", 3600.0)


def trained_on(store, host: str, owner: str = "") -> Run:
    """A run that a machine of the cluster trains."""
    run = store.create(RECIPES["mlp"], owner=owner)
    Attempt(1, 1.0, host, engine=CLUSTER).claim(run.folder)
    (run.folder / "heartbeat").write_text("7")
    row = {"epoch": 1, "step": 100, "epochs_done": 0.1, "seconds": 2.0, "loss": 2.3, "accuracy": 0.11}
    (run.folder / "metrics.jsonl").write_text(json.dumps(row) + "\n")
    return run


def asked(run: Run) -> dict | None:
    """What a browser that watches the run gets."""
    scope = {"type": "http", "path_params": {"run": run.id}, "query_string": b"lang=en", "headers": []}
    return json.loads(live.answer(Asked(scope)).body)


def test_who_can_do_something_about_it_reads_why_no_training_begins(no_scheduler, store):
    run = store.create(RECIPES["softmax"])
    for page in ("classroom", "train"):
        said = words(open_page(page))
        assert "cannot be reached. Runs wait until it is back." in said and "127.0.0.1" in said
    assert "Next: Softmax regression" in said and run.attempt is None


def test_a_pupil_reads_that_runs_wait_and_nothing_about_the_machines(ada, no_scheduler):
    said = words(open_page("train"))
    assert "No training can begin at the moment. Runs wait" in said and "127.0.0.1" not in said


def test_of_several_trainings_a_visitor_watches_their_own_and_the_others_have_a_line(ada, store):
    others = [trained_on(store, f"machine-{number}") for number in (1, 2)]
    own = trained_on(store, "machine-3", ada)
    app = open_page("train")
    said = words(app)
    assert "(yours)" in said
    assert "on machine-1" in said and "on machine-2" in said
    keys = {button.key for button in app.button}
    assert f"stop-{own.id}" in keys and not any(f"stop-other-{other.id}" in keys for other in others)
    assert "on machine-3" in asked(own)["words"], "her browser polls her run"


def test_who_has_none_watches_the_oldest_and_can_stop_the_others_of_their_own_machine(store):
    first, second = trained_on(store, "machine-1"), trained_on(store, "machine-2")
    app = open_page("train")
    assert "on machine-1" in asked(first)["words"] and asked(second) is None
    key = snapshots_of(store).key
    app.button(key=f"stop-other-{second.id}").click().run()
    assert second.stop_asked and not app.exception
    trained_on(store, "machine-3")
    assert snapshots_of(store).key != key, "the page shows it, too"


def test_of_many_that_train_a_visitor_sees_some_and_the_number_of_the_rest(store):
    for number in range(9):
        trained_on(store, f"machine-{number}")
    said = words(open_page("train"))
    assert said.count("on machine-") == 6 and "2 more runs train." in said


def test_runs_that_wait_begin_when_a_place_is_free(store):
    for number in (1, 2):
        trained_on(store, f"machine-{number}")
    waiting = [store.create(RECIPES["best"]) for _ in range(3)]
    lines = queue_lines(snapshots_of(store))
    resources.worker().places = 3
    with_a_free_place = queue_lines(snapshots_of(store))
    assert "begins in" in lines[waiting[0].id] and "begins in" not in with_a_free_place[waiting[0].id]
    assert [with_a_free_place[run.id] for run in waiting][1].startswith("number 2 in line · begins in about")
