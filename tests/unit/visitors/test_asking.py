"""Who asks: one's own machine is silent, everybody else is known by a signed cookie or an account."""

import os
import stat

import pytest

from mnist_core.visitors import cookie
from mnist_core.visitors.visitor import OWN, UNKNOWN, Account, Request, Visitor, asking

ADA = "0123456789abcdef"
SOMEBODY = Account("https://school.example", "4711", "Ada", "ada@school.example")


def id_in(text: str) -> str:
    return ADA if text == "valid" else ""


@pytest.mark.parametrize(
    ("is_shared", "address", "headers", "cookie_", "account", "expected"),
    [
        (False, "127.0.0.1", ("Host", "Cookie"), "", None, OWN),
        (False, "127.0.0.1", (), "valid", None, OWN),
        (False, "127.3.2.1", (), "", None, OWN),
        (False, "::1", (), "", None, OWN),
        (False, "::ffff:127.0.0.1", (), "", None, OWN),
        (False, "127.0.0.1", (), "", SOMEBODY, OWN),
        (True, "127.0.0.1", (), "", None, UNKNOWN),
        (True, "127.0.0.1", (), "valid", None, ADA),
        (True, "127.0.0.1", (), "forged", None, UNKNOWN),
        (True, "127.0.0.1", (), "valid", SOMEBODY, SOMEBODY.id),
        (True, "127.0.0.1", (), "valid", Account(), UNKNOWN),
        (False, "192.168.1.7", (), "valid", None, ADA),
        (False, "192.168.1.7", (), "", None, UNKNOWN),
        (False, "::ffff:192.168.1.7", (), "", None, UNKNOWN),
        (False, None, (), "", None, UNKNOWN),
        (False, "", (), "", None, UNKNOWN),
        (False, "testclient", (), "", None, UNKNOWN),
        (False, "127.0.0.1", ("X-Forwarded-For",), "", None, UNKNOWN),
        (False, "127.0.0.1", ("x-forwarded-proto",), "", None, UNKNOWN),
        (False, "127.0.0.1", ("X-Forwarded-Host",), "valid", None, ADA),
        (False, "127.0.0.1", ("Forwarded",), "", None, UNKNOWN),
        (False, "127.0.0.1", ("X-Real-IP",), "", None, UNKNOWN),
        (False, "127.0.0.1", ("Via",), "", None, UNKNOWN),
    ],
)
def test_only_a_direct_request_from_this_machine_to_a_server_of_ones_own_is_the_owners(
    is_shared, address, headers, cookie_, account, expected
):
    assert asking(Request(address, headers, cookie_, account), is_shared, id_in) == expected


def test_only_the_owner_and_teachers_may_do_everything_and_only_who_is_known_may_act():
    may = {role: (Visitor(ADA, role).is_teacher, Visitor(ADA, role).can_act) for role in
           ("own", "teacher", "pupil", "unknown")}  # fmt: skip
    assert may == {
        "own": (True, True),
        "teacher": (True, True),
        "pupil": (False, True),
        "unknown": (False, False),
    }
    assert Visitor(OWN, "own").is_alone and not Visitor(ADA, "teacher").is_alone


def test_a_cookie_is_read_back_and_a_changed_or_foreign_one_is_nobodys(tmp_path):
    made = cookie.fresh(tmp_path / "home")
    id_ = cookie.id_in(tmp_path / "home", made)
    assert cookie.ID.fullmatch(id_) and made.startswith(f"{id_}.")
    other = cookie.fresh(tmp_path / "home")
    signature = made.partition(".")[2]
    forged = [
        ADA,
        f"{ADA}.{signature}",
        f"{other.partition('.')[0]}.{signature}",
        made[:-1],
        "",
        ".",
        "é.ü",
        "x" * 9999,
    ]
    forged += [cookie.fresh(tmp_path / "elsewhere"), f"../../etc.{signature}", f"{OWN}.{signature}"]
    assert [cookie.id_in(tmp_path / "home", text) for text in forged] == [""] * len(forged)


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    made = cookie.fresh(tmp_path)
    cookie._secret.cache_clear()  # as another process
    assert cookie.id_in(tmp_path, made) == made.partition(".")[0]
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / cookie.SECRET).stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {cookie.SECRET, "version"}


def test_scripts_and_other_sites_cannot_use_the_cookie():
    assert cookie.header("a.b", False) == (
        "mnist_studio_visitor=a.b; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
    )
    assert cookie.header("a.b", True).endswith("; Secure")
