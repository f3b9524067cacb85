"""A server that many share: two visitors and a teacher, each in a browser, and guests who mean no good."""

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from mnist_core.data.my_digits import MyDigits
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.snapshot import snapshots_of
from mnist_core.visitors import cookie
from mnist_core.visitors.cookie import NAME
from mnist_core.visitors.register import Register
from tests.e2e.conftest import PATIENCE, Server, _made
from tests.e2e.steps import SEVEN, draw, expect_soon
from tests.session import Session, run

PASSWORD = "open sesame"


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that many share. It needs no data, so that it takes the small stand-in set."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MNIST_SHARED", "1")
        environment.setenv("MNIST_TEACHER_PASSWORD", PASSWORD)
        made = _made(tmp_path_factory.mktemp("class"), None)
    yield made
    made.end()


def id_of(page: Page, server: Server) -> str:
    """The visitor's id, from the cookie of their browser."""
    (found,) = [each for each in page.context.cookies() if each["name"] == NAME]
    assert found["httpOnly"] and found["sameSite"] == "Lax"
    return cookie.id_in(server.store.home, found["value"])


def enter(page: Page) -> None:
    page.get_by_label("The teacher's password").fill(PASSWORD)
    page.get_by_label("The teacher's password").press("Enter")
    expect(page.locator(".st-key-class-numbers")).to_be_visible()


def cookie_of(address: str, cookie: str = "") -> str:
    """The visitor's cookie that the server gives with a page; "" if it gives none."""
    asked = Request(f"{address}/draw", headers={"Cookie": f"{NAME}={cookie}"} if cookie else {})
    with urlopen(asked, timeout=PATIENCE) as answer:
        found = SimpleCookie(answer.headers.get("Set-Cookie", ""))
    return found[NAME].value if NAME in found else ""


def said_to(server: Server, page: str, made: str = "", **headers: str) -> str:
    """All that the server sends for a page to who has this cookie and sends these headers."""

    async def visit() -> str:
        guest = Session(server.address, f"{NAME}={made}" if made else "", **headers)
        said = await guest.open(page)
        await guest.close()
        return said

    return run(visit())


def test_two_visitors_have_their_own_digits_and_the_teacher_sees_both(open_page, server):
    ada, bo = open_page("/draw"), open_page("/draw", as_another=True)
    draw(ada, SEVEN)
    ada.locator(".st-key-right button").click()
    expect(ada.get_by_text("on the page My digits")).to_be_visible()
    first, second = id_of(ada, server), id_of(bo, server)
    assert first and second and first != second
    assert MyDigits(server.store.home, first).split().labels.tolist() == [7]
    bo.goto(f"{server.address}/mine")
    expect(bo.get_by_text("No digits are saved yet")).to_be_visible()
    bo.goto(f"{server.address}/classroom")
    expect(bo.get_by_text("for the teachers of this server")).to_be_visible()
    expect(bo.get_by_role("link", name="Class")).to_have_count(0)
    enter(bo)
    expect(bo.get_by_role("link", name="Class")).to_be_visible()
    expect(bo.get_by_role("button", name=re.compile("a 7, read as 7"))).to_be_visible()


def test_a_pupil_stops_their_own_run_and_has_no_button_for_anothers(open_page, server):
    ada, bo = open_page("/train"), open_page("/train", as_another=True)
    expect(ada.get_by_role("button", name="Start training")).to_be_enabled()
    expect(bo.get_by_role("button", name="Start training")).to_be_enabled()
    ada.get_by_role("button", name="Start training").click()
    expect_soon(server.store.list)
    (run,) = server.store.list()
    assert run.owner == id_of(ada, server)
    stop = f".st-key-stop-{run.id} button"
    expect(bo.locator(stop)).to_be_disabled()
    ada.locator(stop).click()
    expect_soon(lambda: snapshots_of(server.store).all[0].status in ("stopped", "finished"))


def test_a_name_is_shown_as_it_was_typed_whatever_it_holds(open_page, server):
    page = open_page("/mine")
    page.get_by_text("What is kept of you").click()
    name = page.locator(".st-key-visitor-name input")
    name.fill("<img src=x onerror=alert(1)> **Ada**")
    name.press("Enter")
    page.locator(".st-key-visitor-name-save button").click()
    expect(page.get_by_text("You are <img src=x onerror=alert(1)> **Ada**.")).to_be_visible()
    assert page.locator("img[src=x]").count() == 0


def test_a_forged_cookie_is_replaced_and_a_real_one_is_kept(server):
    made = cookie_of(server.address)
    id_ = cookie.id_in(server.store.home, made)
    assert id_ and cookie_of(server.address, made) == ""
    other = cookie_of(server.address, f"{id_}.{'x' * 43}")
    assert other and cookie.id_in(server.store.home, other) != id_


@pytest.fixture
def ada(server) -> str:
    """The cookie of a visitor who has given a name, saved a digit, and queued a run."""
    made = cookie_of(server.address)
    id_ = cookie.id_in(server.store.home, made)
    Register(server.store.home).rename(id_, "Ada Lovelace")
    server.store.create(RECIPES["softmax"], owner=id_).ask_to_stop()
    return made


def test_another_sessions_id_gives_nothing_of_that_visitor(server, ada):
    bo = cookie_of(server.address)

    async def take_over() -> tuple[str, str, str]:
        hers, his, nobodys = (Session(server.address, f"{NAME}={made}") for made in (ada, bo, "forged"))
        said = [await hers.open("mine")]
        for thief in (his, nobodys):
            said.append(await thief.open("mine", existing=hers.id))
            assert thief.id == hers.id, "the session itself goes on"
        for session in (hers, his, nobodys):
            await session.close()
        return tuple(said)

    to_her, to_him, to_nobody = run(take_over())
    assert "Ada Lovelace" in to_her
    assert "Ada Lovelace" not in to_him and cookie.id_in(server.store.home, bo)[:4] in to_him
    assert "Ada Lovelace" not in to_nobody and "does not know you again" in to_nobody


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Nothing"])
def test_no_header_makes_a_guest_of_a_shared_server_its_owner(server, header):
    said = said_to(server, "classroom", **{header: "127.0.0.1"})
    assert "for the teachers of this server" in said and "limit-kept" not in said


def test_a_cookie_from_another_server_is_nobodys(server, tmp_path):
    assert "does not know you again" in said_to(server, "mine", cookie.fresh(tmp_path))


def test_on_ones_own_machine_a_browser_gets_no_cookie(tmp_path):
    server = _made(tmp_path, None)
    try:
        assert cookie_of(server.address) == ""
        said = said_to(server, "mine")
        assert "kept-of-you" not in said and "whose-digits" not in said
        assert "kept-of-you" in said_to(server, "mine", **{"X-Forwarded-For": "10.0.0.7"})
        assert not (tmp_path / "visitors").exists()
    finally:
        server.end()
