"""The guide docs/deploy.md: its examples and commands, run as they are written."""

import re
import shutil
import subprocess

import numpy as np
import pytest
from playwright.sync_api import expect

from mnist_core.preprocessing.examples import EXAMPLES
from mnist_core.runs.store import RunStore
from tests.e2e.conftest import Server
from tests.e2e.steps import SEVEN, draw, settle
from tests.guide import commands, examples
from tests.proxy import Proxy
from tests.session import Session, run, visit
from tests.ui.conftest import ended_run

HEADERS = ("X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Content-Security-Policy")
FOLDER = "/var/lib/mnist-studio"


@pytest.fixture
def shared(monkeypatch):
    monkeypatch.setenv("MNIST_SHARED", "1")


@pytest.fixture
def proxy(shared, server, tmp_path):
    try:
        with Proxy(tmp_path, [server.port]) as made:
            yield made
    except FileNotFoundError as error:
        pytest.skip(str(error))


@pytest.mark.fresh_server
def test_behind_nginx_every_page_works_and_the_browser_gets_the_security_headers(proxy, server, open_page):
    server.address = proxy.address
    page = open_page("/draw")
    answer = page.reload()
    assert all(answer.header_value(name) for name in HEADERS)
    draw(page, SEVEN)
    expect(page.locator(".answer")).to_contain_text("sure")
    for path in ("/mine", "/learn", "/train", "/gallery", "/network", "/words", "/data"):
        page.goto(proxy.address + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        settle(page)
    # What the policy blocks is an error in the console, which ends the test.


@pytest.mark.fresh_server
def test_two_servers_behind_nginx_share_one_home_and_keep_each_visitor(shared, server, tmp_path):
    second = Server(server.store.home, None)
    try:
        with Proxy(tmp_path, [server.port, second.port]) as proxy:

            async def visits(cookie: str) -> None:
                session = Session(proxy.address, cookie)
                await session.open()
                await session.draw(EXAMPLES["clear"][0])
                await session.close()

            for _ in range(8):
                cookie = visit(proxy.address)
                run(visits(cookie))
                run(visits(cookie))
    except FileNotFoundError as error:
        pytest.skip(str(error))
    finally:
        second.end()


UNITS = ("mnist-studio@8501", "mnist-studio-scheduler", "mnist-studio-worker")


@pytest.mark.parametrize(("name", "text"), zip(UNITS, examples("ini"), strict=True), ids=UNITS)
def test_systemd_understands_the_unit(name, text, tmp_path):
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("needs systemd-analyze: apt-get install systemd")
    unit = tmp_path / f"{name}.service"
    there = re.sub(r"/opt/mnist-studio/\.venv/bin/\w+", shutil.which("true"), text)
    unit.write_text(there.replace("/opt/mnist-studio", "/"))
    done = subprocess.run([program, "verify", unit], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "mnist-studio" not in done.stderr, done.stderr


def test_a_backup_brings_everything_back(tmp_path, small):
    store = RunStore(tmp_path / "home")
    kept = ended_run(store, np.eye(10)[small.test.labels], small.test.labels)
    (back_up,) = commands("Back up")
    restore = [command for command in commands("Restore") if not command.startswith(("systemctl", "chown"))]
    made = re.search(r"mnist-studio-\d{4}-\d\d-\d\d\.tar\.gz", " ".join(restore)).group()
    for command in (back_up.replace("mnist-studio-$(date +%F).tar.gz", made), *restore):
        here = command.replace(FOLDER, str(tmp_path))
        subprocess.run(here, shell=True, cwd=tmp_path, check=True)
    assert (tmp_path / "home.before").is_dir()
    assert [run.result for run in store.list()] == [kept.result]
