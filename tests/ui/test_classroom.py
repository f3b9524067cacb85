"""A server that many share: what a teacher and a pupil see, and that a page's buttons are not the check."""

import os

import numpy as np
import pytest

from mnist_core.data import sources
from mnist_core.data.my_digits import MyDigits
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.limits import Limits
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import snapshots_of
from mnist_core.visitors import cookie
from mnist_core.visitors.hidden import Hidden
from mnist_core.visitors.register import Register
from mnist_core.visitors.visitor import Request
from pages.components import visitor
from tests.ui.conftest import asked_by, ended_run, open_page, words


@pytest.fixture
def by(home, monkeypatch):
    """Makes the pages be asked by a visitor with a cookie; the same number is the same visitor."""
    monkeypatch.setenv("MNIST_SHARED", "1")
    monkeypatch.setenv("MNIST_TEACHER_PASSWORD", "open sesame")
    given = {}

    def ask(number: int, teaches: bool = False) -> str:
        made = given.setdefault(number, cookie.fresh(home))
        asked_by(monkeypatch, Request("127.0.0.1", cookie=made))
        id_ = cookie.id_in(home, made)
        if teaches:
            Register(home, "open sesame").enter(Register(home).visitor(id_), "open sesame")
        return id_

    return ask


def finished(store, owner: str, **changes) -> Run:
    """A finished run of this owner."""
    test = sources.load().test
    made = ended_run(store, np.eye(10)[test.labels], test.labels, **changes)
    (made.folder / "owner.json").write_text(f'{{"visitor": "{owner}"}}')
    return Run(made.folder)


def enter(app) -> None:
    next(button for button in app.button if button.label == "Enter").click().run()


def test_a_pupil_gets_in_with_the_password_only(by):
    id_ = by(1)
    app = open_page("classroom")
    assert "for the teachers of this server" in words(app) and not app.metric
    app.text_input(key="teacher-password").set_value("guess")
    enter(app)
    assert "not the teacher's password" in words(app) and not app.metric
    app.text_input(key="teacher-password").set_value("open sesame")
    enter(app)
    assert app.metric and visitor.visitor().role == "teacher" and visitor.visitor().id == id_
    app.button(key="leave-class").click().run()
    assert not app.metric and "for the teachers" in words(app)


def test_without_a_cookie_there_is_not_even_a_password_to_guess(by, monkeypatch):
    asked_by(monkeypatch, Request("127.0.0.1"))
    monkeypatch.setenv("MNIST_SHARED", "1")
    app = open_page("classroom")
    assert "for the teachers" in words(app) and not app.text_input


def test_the_teacher_sees_runs_digits_and_visitors_of_everybody(by, store):
    pupil = by(1)
    Register(store.home).rename(pupil, "Ada <script>")
    finished(store, pupil, title="Her run")
    MyDigits(store.home, pupil).add(3, sources.load().test.images[0])
    store.create(RECIPES["softmax"], os.getpid())  # it trains, so that the other one waits
    store.create(RECIPES["softmax"], owner=pupil)
    by(2, teaches=True)
    app = open_page("classroom")
    assert "<script>" not in words(app)
    tables = [table.value.to_string() for table in app.dataframe]
    assert any("Her run" in table for table in tables) and any("Ada <script>" in table for table in tables)
    assert [metric.value for metric in app.metric][-2:] == ["1", "1"]


def test_the_teacher_reorders_hides_and_stops_what_waits(by, store):
    pupil = by(1)
    store.create(RECIPES["softmax"], os.getpid())  # it trains, so that the others wait
    first, second = (store.create(RECIPES["softmax"], owner=pupil) for _ in range(2))
    by(2, teaches=True)
    app = open_page("classroom")
    app.button(key=f"front-{second.id}").click().run()
    assert snapshots_of(store).waiting[0].run == second
    app.button(key=f"hide-{first.id}").click().run()
    assert first.id in Hidden.of(store.home).runs
    app.button(key=f"class-stop-{first.id}").click().run()
    assert first.stop_asked


def test_the_teacher_sets_limits_which_a_pupil_then_reads_about(by, store):
    by(2, teaches=True)
    app = open_page("classroom")
    app.number_input(key="limit-waiting").set_value(1)
    next(button for button in app.button if button.label == "Save the limits").click().run()
    assert Limits.of(store.home) == Limits(waiting=1)
    pupil = by(1)
    store.create(RECIPES["softmax"], os.getpid())  # it trains, so that the other one waits
    store.create(RECIPES["softmax"], owner=pupil)
    app = open_page("train")
    app.button(key="start-training").click().run()
    assert "at most 1 runs" in words(app) and len(store.list()) == 2


def test_a_pupil_lists_their_own_runs_or_everybodys(by, store):
    ada, bo = by(1), by(2)
    finished(store, ada, title="Adas run")
    finished(store, bo, title="Bos run")
    app = open_page("train")
    (past,) = [table.value for table in app.dataframe if "owner" in table.value]
    assert past["name"].tolist() == ["Bos run"]
    app.segmented_control(key="whose-past").set_value("all").run()
    (past,) = [table.value for table in app.dataframe if "owner" in table.value]
    assert past["name"].tolist() == ["Bos run", "Adas run"]


def test_a_hidden_run_is_not_there_for_others_not_even_by_its_address(by, store):
    ada = by(1)
    run = finished(store, ada, title="Rude name")
    Hidden(frozenset({run.id})).save(store.home)
    for page in ("gallery", "draw"):
        app = open_page(page, {"run": run.id})
        assert any("Rude name" in option for box in app.selectbox for option in box.options), "for its owner"
    by(2)
    for page in ("gallery", "draw", "train"):
        app = open_page(page, {"run": run.id})
        assert "Rude name" not in words(app)
        assert not any("Rude name" in option for box in app.selectbox for option in box.options)


def test_each_visitor_has_their_own_digits(by, store):
    ada = by(1)
    MyDigits(store.home, ada).add(3, sources.load().test.images[0])
    assert "**1 digit**" in words(open_page("mine"))
    by(2)
    app = open_page("mine")
    assert "No digits are saved yet" in words(app)
    app.segmented_control(key="whose-digits").set_value("all").run()
    assert "**1 digit**" in words(app)
    assert not [button for button in app.button if button.key and button.key.startswith("icon-drop")]


def test_what_is_kept_of_a_visitor_is_shown_and_deleted(by, store):
    ada = by(1)
    run = finished(store, ada)
    MyDigits(store.home, ada).add(3, sources.load().test.images[0])
    app = open_page("mine")
    app.text_input(key="visitor-name").set_value("Ada")
    app.button(key="visitor-name-save").click().run()
    assert Register(store.home).name(ada) == "Ada" and "**Ada**" in words(app)
    assert "**1 run** · **1 digit** · **0 judgements**" in words(app)
    app.button(key="delete-kept-yes").click().run()
    assert not run.folder.exists() and MyDigits(store.home, ada).ids() == []
    assert Register(store.home).name(ada) == ""


def test_a_session_that_another_visitor_takes_over_holds_nothing_of_the_first(by):
    by(1)
    app = open_page("draw")
    app.session_state["deleted"] = ["hers"]
    second = by(2)
    app.run()
    assert not app.exception and "deleted" not in app.session_state
    assert app.session_state["visitor"] == second


def test_on_ones_own_machine_nothing_is_said_about_visitors(store):
    ended_run(store, np.eye(10)[sources.load().test.labels], sources.load().test.labels)
    for page in ("draw", "train", "gallery", "mine"):
        app = open_page(page)
        keys = [widget.key or "" for widget in (*app.button, *app.segmented_control, *app.text_input)]
        assert not any(key.startswith(("whose", "visitor", "take-kept")) for key in keys)
        assert "visitor" not in words(app).lower()
    assert not (store.home / "secret").exists() and not (store.home / "visitors").exists()
