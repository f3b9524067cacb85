"""Answers without a run of the page, while more people draw than the page can be run for."""

import json

import pytest
from starlette.requests import Request
from starlette.responses import Response

from mnist_core.runs.store import STARTER
from pages.components.answer import load as load_module
from pages.components.answer import quick
from pages.components.answer.load import Load
from tests.session import drawing, run

SEVEN = [[(80.0, 60.0), (180.0, 60.0), (115.0, 220.0)]]


class Clock:
    """Stands for the module `time`: wall clock and processor time, in seconds."""

    def __init__(self) -> None:
        self.now = self.used = 0.0

    def monotonic(self) -> float:
        return self.now

    def process_time(self) -> float:
        return self.used


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(load_module, "time", made)
    return made


@pytest.fixture
def full(monkeypatch) -> None:
    monkeypatch.setattr(quick.load, "is_full", lambda session="": True)


def is_full_after(clock: Clock, load: Load, rate: int, used: float, seconds: int = 1, people: int = 10) -> bool:
    """Whether the process is full after seconds with so many answers and so much processor time in each."""
    for number in range(rate * seconds):
        clock.now += 1.0001 / rate
        clock.used += used / rate
        is_full = load.is_full(f"{number % people}")
    return is_full


def test_a_process_is_full_from_a_busy_second_until_a_third_fewer_ask(clock):
    load = Load()
    assert not is_full_after(clock, load, 40, used=0.5)
    assert is_full_after(clock, load, 50, used=0.95)
    assert is_full_after(clock, load, 60, used=0.4, seconds=5)  # quick answers take less, which must not end it
    assert is_full_after(clock, load, 10, used=0.3, seconds=1)  # nor must a quiet second
    assert is_full_after(clock, load, 60, used=0.3, seconds=4)
    assert not is_full_after(clock, load, 30, used=0.2, seconds=6)
    assert not is_full_after(clock, load, 30, used=0.5)


def test_a_process_that_others_leave_no_time_is_full_when_answers_pile_up(clock):
    load = Load()
    load.took(0.5)
    assert not is_full_after(clock, load, 12, used=0.3)
    load.took(0.7)
    assert is_full_after(clock, load, 12, used=0.3)


def test_after_five_minutes_it_is_tried_whether_the_page_has_time_again(clock):
    load = Load()
    assert is_full_after(clock, load, 50, used=0.9)
    assert is_full_after(clock, load, 50, used=0.3, seconds=290)
    assert not is_full_after(clock, load, 50, used=0.3, seconds=20)
    assert is_full_after(clock, load, 50, used=0.9, seconds=2)


def test_few_people_do_not_fill_a_process_however_often_they_draw(clock):
    load = Load()
    assert not is_full_after(clock, load, 50, used=1.5, people=4)


@pytest.fixture
def starter(store):
    return store.get(STARTER)


def test_there_is_a_ticket_only_while_the_process_is_full(starter, monkeypatch):
    monkeypatch.setattr(quick.load, "is_full", lambda session: False)
    assert quick.ticket_for(starter, None, ["the starter"]) is None
    monkeypatch.setattr(quick.load, "is_full", lambda session="": True)
    ticket = quick.ticket_for(starter, None, ["the starter"])
    assert ticket == quick.ticket_for(starter, None, ["the starter"])
    assert ticket != quick.ticket_for(starter, starter, ["the starter", "again"])


def test_only_so_many_tickets_are_kept(starter, full):
    tickets = [quick.ticket_for(starter, None, [f"{number}"]) for number in range(quick._MOST + 5)]
    assert tickets[0] not in quick._readers and tickets[-1] in quick._readers
    assert len(quick._readers) == quick._MOST


def test_what_has_no_ticket_or_is_too_large_is_refused(starter, full):
    ticket = quick.ticket_for(starter, None, [""])
    assert json.loads(response(ticket, b'{"objects": []}').body)["isFull"]
    assert response(ticket, bytes(quick.LARGEST + 1)).status_code == 413
    assert response(ticket[:-1], b"{}").status_code == 404


def response(ticket: str, content: bytes) -> Response:
    async def receive() -> dict:
        return {"type": "http.request", "body": content, "more_body": False}

    scope = {"type": "http", "method": "POST", "headers": [], "path_params": {"ticket": ticket}}
    return run(quick.answer(Request(scope, receive)))


def answered(starter, strokes, language="en", other=None):
    names = ("the starter", "the other")[: 2 if other else 1]
    reader = quick.Reader(starter, other, names, language)
    return quick.answer_to(reader, json.dumps(drawing(strokes)).encode())


def test_a_digit_is_answered_with_its_words_the_input_and_the_bars(starter, full):
    reply = answered(starter, SEVEN)
    assert 'data-says="7, over 99.9% sure"' in reply["answer"]
    assert reply["answer"].count("<img") == 1
    assert "7: over 99.9%" in reply["bars"] and "bars-names" not in reply["bars"]
    assert reply["isFull"]


def test_it_is_answered_in_the_visitors_language_and_by_both_models(starter, full):
    reply = answered(starter, SEVEN, "ja", other=starter)
    assert "確信度" in reply["answer"]
    assert reply["bars"].count("<i ") == 20 and "the other" in reply["bars"]


def test_an_empty_canvas_and_a_dot_are_answered_with_a_hint(starter, full):
    assert "Draw a digit from 0 to 9." in answered(starter, [])["answer"]
    assert "A single dot" in answered(starter, [[(50, 50), (51, 50)]])["answer"]


def test_several_digits_are_left_to_the_page(starter, full):
    assert answered(starter, [[(x / 3, y) for x, y in SEVEN[0]], [(220.0, 60.0), (220.0, 220.0)]]) is None


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_drawing_is_left_to_the_page(starter, full, content):
    assert quick.answer_to(quick.Reader(starter, None, ("",), "en"), content) is None


@pytest.mark.parametrize("content", [b"[]", b"3", b'{"objects": [1]}', b'{"objects": [{"type": "path"}]}'])
def test_a_drawing_in_another_form_is_said_to_be_none(starter, full, content):
    reply = quick.answer_to(quick.Reader(starter, None, ("",), "en"), content)
    assert "This is not a canvas drawing" in reply["answer"]
