"""The middleware that gives visitors their cookie."""

import asyncio

import pytest

from mnist_core.visitors import cookie
from pages.components.server import Cookies


class Pages:
    """An app that answers everything with a page, or with what else it was made with."""

    def __init__(self, status: int = 200, kind: str = "text/html; charset=utf-8") -> None:
        self.status, self.kind = status, kind

    async def __call__(self, scope, receive, send) -> None:
        headers = [(b"content-type", self.kind.encode())] if self.kind else []
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def cookies_given(app=None, address="192.168.1.7", headers=(), scheme="http") -> list[str]:
    """The cookies in the answer to one request."""
    sent = []

    async def send(message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/draw",
        "query_string": b"",
        "scheme": scheme,
        "server": ("localhost", 80),
        "client": (address, 5000),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
    }
    asyncio.run(Cookies(app or Pages())(scope, None, send))
    given = [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]
    assert len(sent) == 2 and len(given) <= 1
    return given


def test_ones_own_machine_gets_no_cookie_unless_the_server_is_shared(home, monkeypatch):
    monkeypatch.delenv("MNIST_SHARED", raising=False)
    assert cookies_given(address="127.0.0.1") == [] and not (home / cookie.SECRET).exists()
    assert cookies_given(address="127.0.0.1", headers=[("X-Forwarded-For", "10.0.0.1")])
    monkeypatch.setenv("MNIST_SHARED", "1")
    assert cookies_given(address="127.0.0.1")


def test_a_visitor_keeps_the_cookie_that_they_have(home):
    (given,) = cookies_given()
    value = given.split(";")[0]
    assert cookies_given(headers=[("Cookie", value)]) == []
    assert cookies_given(headers=[("Cookie", f"{value}x")]) != []


def test_it_comes_with_pages_only_and_over_https_for_https_only(home):
    assert cookies_given(Pages(kind="application/json")) == []
    assert cookies_given(Pages(304, "")) != []
    assert "Secure" not in cookies_given()[0]
    assert cookies_given(headers=[("X-Forwarded-Proto", "https")])[0].endswith("; Secure")
    assert cookies_given(scheme="https")[0].endswith("; Secure")


def test_other_connections_pass_through(home):
    passed = []

    async def app(scope, receive, send) -> None:
        passed.append((scope, receive, send))

    asyncio.run(Cookies(app)({"type": "websocket"}, 1, 2))
    assert passed == [({"type": "websocket"}, 1, 2)]


def test_a_home_that_cannot_be_written_gives_no_cookie_and_the_page_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("MNIST_HOME", str(tmp_path / "file" / "home"))
    assert cookies_given() == []


@pytest.mark.parametrize("wrong", ["=;;;", "mnist_studio_visitor=" + "x" * 9000, "\x7f"])
def test_a_cookie_that_is_none_is_replaced(home, wrong):
    assert cookies_given(headers=[("Cookie", wrong)]) != []
