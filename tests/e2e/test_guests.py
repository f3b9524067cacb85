"""Guests who mean harm: what they send is refused or harmless, and everybody else can go on."""

import asyncio
import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine
from typing import Any

import numpy as np
import psutil
import pytest
from playwright.sync_api import expect
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from mnist_core.data.my_digits import MyDigits
from mnist_core.recipes.table import RECIPES
from tests.e2e.conftest import Server
from tests.session import Session, run
from tests.ui.conftest import ended_run

SCRIPT = "<img src=x onerror=document.title='owned'><script>"
STROKE = [[(80.0, 60.0), (180.0, 60.0), (115.0, 220.0)]]


def answered(address: str, method: str = "GET", data: bytes | None = None, **headers: str) -> tuple[int, str]:
    """The status and the body of the answer to a request."""
    request = urllib.request.Request(
        address, data, {k.replace("_", "-"): v for k, v in headers.items()}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")


def in_session(server: Server, act: Callable[[Session], Coroutine[Any, Any, Any]]) -> Any:
    async def acted() -> Any:
        session = Session(server.address)
        await session.open()
        try:
            return await act(session)
        finally:
            await session.close()

    return run(acted())


async def still_answers(session: Session) -> None:
    await session.draw(STROKE)


def test_the_server_listens_on_this_machine_only(server):
    listens = [
        found for found in psutil.Process(server.process.pid).net_connections() if found.status == "LISTEN"
    ]
    assert listens and {found.laddr.ip for found in listens} == {"127.0.0.1"}


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/static/../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/app.py",
        "/media/..%2f..%2fapp.py",
        "/app/static/../app.py",
        "/_stcore/bidi-components/x/../../../app.py",
        "/component/streamlit_drawable_canvas.st_canvas/../../app.py",
        "/live/..%2f..%2fapp.py",
        "/live/%00",
        "//evil.example/x",
    ],
)
def test_no_file_outside_is_served(server, path):
    status, body = answered(server.address + path)
    assert "root:" not in body and "st.navigation" not in body and "Traceback" not in body
    assert status in (200, 400, 403, 404)
    if status == 200:  # the front end's own page, or the answer about a run that there is not
        assert body == "null" or "<title>Streamlit</title>" in body


@pytest.mark.parametrize("host, origin", [("evil.example", None), ("localhost", "http://evil.example")])
def test_a_foreign_host_or_origin_gets_no_session(server, host, origin):
    async def open_socket() -> None:
        address = f"ws://{host}:{server.port}/_stcore/stream"
        there = {"host": "127.0.0.1", "port": server.port, "origin": origin, "subprotocols": ["streamlit"]}
        async with connect(address, **there) as socket:
            await socket.recv()

    with pytest.raises(WebSocketException):
        run(open_socket())


def test_a_foreign_host_hears_nothing_about_runs(server):
    status, _ = answered(f"{server.address}/live/starter", Host="evil.example")
    assert status == 400


def test_without_a_ticket_the_page_alone_answers(server):
    address = f"{server.address}/answers/{'0' * 64}"
    assert answered(address, "POST", b'{"objects": []}') == (404, "null")
    assert answered(address, "POST", bytes(20_000_000)) == (404, "null")
    assert answered(address, "POST", b"{}", Host="evil.example")[0] == 400
    in_session(server, still_answers)


def test_a_request_from_another_site_uploads_nothing(server):
    async def send(session: Session) -> int:
        address = f"{server.address}/_stcore/upload_file/{session.id}/one"
        body = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nhi\r\n--x--\r\n'
        kind = {"Content_Type": "multipart/form-data; boundary=x"}
        status, _ = await asyncio.to_thread(
            answered, address, "PUT", body, Origin="http://evil.example", **kind
        )
        return status

    assert in_session(server, send) == 403


def test_forty_uploads_of_20_mb_do_not_fill_the_memory(server):
    process = psutil.Process(server.process.pid)
    before = process.memory_info().rss

    async def send(session: Session) -> list[int]:
        content = bytes(20_000_000)
        statuses = [await asyncio.to_thread(session.upload, f"{number}", content) for number in range(40)]
        await still_answers(session)
        return statuses

    statuses = in_session(server, send)
    assert statuses[0] == 204 and statuses[-1] == 507
    assert process.memory_info().rss - before < 400e6
    assert in_session(server, lambda session: asyncio.to_thread(session.upload, "later", b"small")) == 204


def test_a_drawing_of_ten_thousand_strokes_is_refused_and_the_next_one_is_read(server):
    async def draw(session: Session) -> str:
        points = [[(float(x % 280), float(x % 270)), (float(x % 270), float(x % 280))] for x in range(10_000)]
        await session.draw(points)
        said = session.answer
        await still_answers(session)
        return said + session.answer

    said = in_session(server, draw)
    assert "more than 20,000 points" in said and "sure" in said


@pytest.mark.parametrize(
    "query",
    [
        "image=999999999999999999999999",
        "image=-1e999",
        "behind=NaN",
        f"run={'../' * 50}etc/passwd",
        f"run={'a' * 5000}",
        f"drawing={'A' * 20_000}",
        "lesson=../../x&step=%00",
        f"lang={'ja' * 2000}",
        "term=<script>",
        "pixels=" + "f" * 5000,
        "recipe=__import__('os')",
    ],
    ids=lambda query: query[:20],
)
def test_an_address_with_hostile_values_opens_every_page(server, query):
    async def look() -> None:
        for page in ("draw", "mine", "learn", "train", "gallery", "network", "words", "data"):
            session = Session(server.address)
            await session.open(page, query)
            assert session.exceptions == [], page
            await session.close()

    run(look())


def test_scripts_in_names_are_shown_as_text(server, open_page, small):
    run = ended_run(server.store, np.eye(10)[small.test.labels], small.test.labels)
    run.rename(SCRIPT)
    page = open_page(f"/gallery?run={run.id}")
    expect(page.get_by_role("combobox", name="Model")).to_have_value(re.compile("^<img src=x"))
    for path in ("/train", "/draw"):
        page.goto(server.address + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("img[src=x]")).to_have_count(0)
    assert "owned" not in page.title()


def test_the_name_of_an_upload_is_text_and_no_path(server, open_page, tmp_path):
    page = open_page("/mine")
    page.get_by_role("button", name="Upload digits").click()
    hostile = {
        "name": "../../<img src=x onerror=document.title='owned'>.npz",
        "mimeType": "x/y",
        "buffer": b"PK no",
    }
    page.locator("input[type=file]").set_input_files(hostile)
    expect(page.get_by_text(re.compile("This is not a file of digits"))).to_be_visible()
    assert page.locator("img[src=x]").count() == 0 and "owned" not in page.title()
    assert not [*server.store.home.parent.glob("*.npz")]
    assert MyDigits(server.store.home).ids() == []


@pytest.mark.fresh_server
def test_no_page_shows_a_traceback_or_the_servers_folders(server):
    server.store.create(RECIPES["softmax"], os.getpid())

    async def look() -> str:
        said = ""
        for page in ("draw", "mine", "learn", "train", "gallery", "network", "words", "data"):
            session = Session(server.address)
            await session.open(page)
            said += session.said
            await session.close()
        return said

    said = run(look())
    assert "Traceback" not in said and str(server.store.home) not in said and "site-packages" not in said
