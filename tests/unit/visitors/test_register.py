"""Names and roles of visitors, and who is here."""

import os
import time

import pytest

from mnist_core.home import HomeError
from mnist_core.visitors import cookie
from mnist_core.visitors import register as register_module
from mnist_core.visitors.register import ATTEMPTS, NotAllowed, Register
from mnist_core.visitors.visitor import OWN, UNKNOWN, Account, Visitor

ADA, BO = "0123456789abcdef", "fedcba9876543210"


@pytest.fixture
def register(tmp_path):
    return Register(tmp_path, "open sesame")


def test_a_visitor_is_a_pupil_without_a_name_until_they_give_one(register):
    assert register.visitor(ADA) == Visitor(ADA, "pupil", "")
    register.rename(ADA, "  Ada\n\x00 <b>Lovelace</b> ")
    assert register.visitor(ADA).name == register.name(ADA) == "Ada <b>Lovelace</b>"
    register.rename(ADA, "")
    assert register.visitor(ADA).name == ""
    with pytest.raises(ValueError, match="at most 40"):
        register.rename(ADA, "x" * 41)


@pytest.mark.parametrize("id_", ["", "..", "../0123456789abcdef", "0123456789ABCDEF", "x" * 16, UNKNOWN])
def test_an_id_that_is_none_reads_and_writes_nothing(register, id_):
    with pytest.raises(ValueError, match="no visitor"):
        register.rename(id_, "Eve")
    register.saw(id_)
    assert register.name(id_) == "" and register.last_seen() == {}


def test_the_owner_and_the_unknown_have_no_record(register):
    assert register.visitor(OWN) == Visitor(OWN, "own") and register.visitor("?").role == "unknown"


def test_the_password_makes_a_teacher_who_stays_one_until_it_is_changed(register, tmp_path):
    register.enter(register.visitor(ADA), "open sesame")
    assert register.visitor(ADA).role == "teacher" and register.visitor(BO).role == "pupil"
    assert Register(tmp_path, "open sesame").visitor(ADA).role == "teacher", "after a restart"
    assert Register(tmp_path, "another").visitor(ADA).role == "pupil"
    assert Register(tmp_path, "").visitor(ADA).role == "pupil"
    register.leave(register.visitor(ADA))
    assert register.visitor(ADA).role == "pupil"


def test_a_copied_record_makes_nobody_a_teacher(register):
    register.enter(register.visitor(ADA), "open sesame")
    (register.folder / f"{BO}.json").write_bytes((register.folder / f"{ADA}.json").read_bytes())
    assert register.visitor(BO).role == "pupil"


@pytest.mark.parametrize("damaged", ["", "[]", '{"teacher": true}', '{"name": 7}', "\x00"])
def test_a_damaged_record_is_a_pupils(register, damaged):
    register.rename(ADA, "Ada")
    (register.folder / f"{ADA}.json").write_text(damaged)
    assert register.visitor(ADA) == Visitor(ADA, "pupil", "")


def test_after_some_wrong_passwords_the_right_one_has_to_wait(register, monkeypatch):
    for _ in range(ATTEMPTS):
        with pytest.raises(NotAllowed, match="not the teacher's"):
            register.enter(register.visitor(ADA), "guess")
    with pytest.raises(NotAllowed, match="Too many"):
        register.enter(register.visitor(ADA), "open sesame")
    register.enter(register.visitor(BO), "open sesame")
    now = time.monotonic()
    monkeypatch.setattr(register_module.time, "monotonic", lambda: now + register_module.WITHIN + 1)
    register.enter(register.visitor(ADA), "open sesame")


def test_fresh_cookies_do_not_give_more_attempts_than_everybody_has_together(register):
    for number in range(register_module.EVERYBODYS_ATTEMPTS):
        with pytest.raises(NotAllowed, match="not the teacher's"):
            register.enter(Visitor(f"{number:016x}", "pupil"), "guess")
    with pytest.raises(NotAllowed, match="Too many"):
        register.enter(Visitor(ADA, "pupil"), "open sesame")


def test_without_a_password_or_a_cookie_nobody_becomes_a_teacher(register, tmp_path):
    with pytest.raises(NotAllowed, match="Nobody can"):
        Register(tmp_path).enter(Visitor(ADA, "pupil"), "")
    with pytest.raises(NotAllowed, match="Nobody can"):
        register.enter(Visitor(UNKNOWN, "unknown"), "open sesame")


def test_accounts_are_teachers_by_their_subject_or_their_verified_address(tmp_path):
    register = Register(tmp_path, teachers=("4711", "ada@school.example"))
    for account, role in (
        (Account("https://a", "4711"), "teacher"),
        (Account("https://a", "1", "Ada", "ada@school.example"), "teacher"),
        (Account("https://a", "2", "ada@school.example", ""), "pupil"),
    ):
        assert register.visitor(account.id, account).role == role
    bo = Account("https://a", "2", "Bo")
    register.saw(bo.id, bo.name)
    assert register.visitor(bo.id, bo).name == "Bo"
    register.rename(bo.id, "")
    register.saw(bo.id, bo.name)
    assert register.visitor(bo.id, bo).name == ""
    assert Account("https://a", "1").id != Account("https://b", "1").id


def test_the_environment_names_password_and_teachers(tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_TEACHER_PASSWORD", "open sesame")
    monkeypatch.setenv("MNIST_TEACHERS", " a@b.c, 4711 ,,")
    assert Register.of_environment(tmp_path) == Register(tmp_path, "open sesame", ("a@b.c", "4711"))


def test_who_was_seen_lately_is_here(register):
    for id_ in (ADA, BO):
        register.saw(id_)
    assert set(register.here()) == {ADA, BO}
    os.utime(register.folder / f"{BO}.json", (time.time() - 3600,) * 2)
    assert register.here() == [ADA] and [*register.last_seen()] == [ADA, BO]
    register.forget(ADA)
    assert register.here() == [] and [*register.last_seen()] == [BO]


def test_a_home_of_a_later_version_is_left_as_it_is(tmp_path):
    (tmp_path / "version").write_text("99")
    with pytest.raises(HomeError):
        Register(tmp_path).saw(ADA)
    with pytest.raises(HomeError):
        cookie.fresh(tmp_path)
    assert cookie.id_in(tmp_path, f"{ADA}.x") == "" and [path.name for path in tmp_path.iterdir()] == [
        "version"
    ]
