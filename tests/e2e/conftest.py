"""A real server and a real browser."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from mnist_core.runs.snapshot import snapshots_of
from mnist_core.runs.store import RunStore
from tests.conftest import MNIST_DIR, write_small_standin

ROOT = Path(__file__).parents[2]
HOW_TO_GET_ONE = (
    "needs a browser: apt-get install chromium-headless-shell, or python -m playwright install chromium, "
    "or name one in $CHROMIUM"
)


# Not below the page's header; a page that need not be scrolled stays where it is.
INTO_VIEW = """(canvas) => {
    const {top, bottom} = canvas.getBoundingClientRect();
    if (top < 64 || bottom > innerHeight) canvas.scrollIntoView({block: "center"});
}"""
PATIENCE = 180  # seconds: a slow machine must not fail a test
expect.set_options(timeout=1000 * PATIENCE)


class Server:
    """The app or another one, served from its own home, with its address, process and runs."""

    def __init__(self, home: Path, mnist_dir: str | None, *options: str, app: str = "app.py") -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address, self.store = f"http://localhost:{self.port}", RunStore(home)
        command = [sys.executable, "-m", "streamlit", "run", app, "--server.headless=true"]
        environment = {
            **os.environ,
            "MNIST_HOME": str(home),
            "MNIST_DIR": mnist_dir or "",
            "MNIST_OFFLINE": "1",
            "KERAS_HOME": str(home / "keras"),
        }
        self.log = (home / f"server-{self.port}.log").open("wb")
        self.process = subprocess.Popen(
            [*command, f"--server.port={self.port}", *options],
            cwd=ROOT,
            env=environment,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert time.monotonic() < deadline and self.process.poll() is None, (
                home / "server.log"
            ).read_text()
            time.sleep(0.01)

    def _answers(self) -> bool:
        try:
            return urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=1).status == 200
        except OSError:
            return False

    def log_text(self) -> str:
        """What the server has printed."""
        return Path(self.log.name).read_text("utf-8", "replace")

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.log.close()

    def forget(self) -> None:
        """Return to the state after the start: delete what a test has left, and end its processes."""
        for snapshot in snapshots_of(self.store).all:
            if snapshot.is_active:
                snapshot.run.ask_to_stop()
            if snapshot.is_under_way and snapshot.attempt.is_here:
                with suppress(psutil.NoSuchProcess):
                    psutil.Process(snapshot.attempt.pid).kill()
        deadline = time.monotonic() + PATIENCE
        left = ("runs", "sweeps", "my-digits", "judgements", "exports", "incoming", "trash", "visitors")
        for settings in ("limits.json", "hidden.json"):
            (self.store.home / settings).unlink(missing_ok=True)
        for folder in (self.store.home / name for name in left):
            while folder.exists():  # a killed training's last output may still be written
                shutil.rmtree(folder, ignore_errors=True)
                assert time.monotonic() < deadline
                time.sleep(0.05)


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for many tests, with the real MNIST or a small stand-in set."""
    made = _made(tmp_path_factory.mktemp("home"), MNIST_DIR)
    yield made
    made.end()


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """The shared server, emptied; or a separate one for tests marked with `fresh_server`."""
    if mark := request.node.get_closest_marker("fresh_server"):
        made = _made(tmp_path, mark.kwargs.get("mnist_dir", MNIST_DIR))
        yield made
        made.end()
    else:
        made = request.getfixturevalue("shared_server")
        yield made
        made.forget()


def _made(home: Path, mnist_dir: str | None) -> Server:
    if not mnist_dir:
        write_small_standin(home)
    return Server(home, mnist_dir)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    try:
        with chromium() as made:
            yield made
    except FileNotFoundError as error:
        pytest.skip(str(error))


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser. FileNotFoundError, which says how to get one, if there is none."""
    # The first is the same browser without windows, which take a third of a page's time.
    known = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    names = (os.environ.get("CHROMIUM"), *known)
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        installed = Path(playwright.chromium.executable_path)
        if not found and not installed.exists():
            raise FileNotFoundError(HOW_TO_GET_ONE)
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        made = playwright.chromium.launch(executable_path=found or installed, args=arguments)
        yield made
        made.close()


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> dict[bool, BrowserContext]:
    """A desktop browser and a phone's, keyed by whether it has touch. They cache the app's files."""
    return {has_touch: browser.new_context(has_touch=has_touch) for has_touch in (False, True)}


@pytest.fixture
def open_page(contexts: dict[bool, BrowserContext], server: Server) -> Iterator[Callable[..., Page]]:
    """Opens an address of the server in a new tab; at the end there must be no console errors."""
    errors, others, opened = [], [], []

    def heard(message: ConsoleMessage) -> None:
        if is_error(message):
            errors.append(said(message))

    def failed(error: PlaywrightError) -> None:
        errors.append(str(error))

    def open_(
        path: str, width: int = 1280, dark: bool = False, as_another: bool = False, locale: str = "en-US"
    ) -> Page:
        context = contexts[width < 500]
        if as_another or locale != "en-US":  # as another visitor, with a separate browser context
            others.append(context := context.browser.new_context(has_touch=width < 500, locale=locale))
        # A tab left by an earlier test opens a page in half the time of a new one.
        page = next((page for page in context.pages if page not in opened), None) or context.new_page()
        opened.append(page)
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.set_default_timeout(1000 * PATIENCE)
        page.on("pageerror", failed)
        page.on("console", heard)
        page.bring_to_front()  # a page that is hidden does not ask for news
        page.goto(server.address + path)
        return page

    yield open_
    for context in others:
        context.close()
    for context in contexts.values():
        for page in context.pages:
            with suppress(PlaywrightError):  # a page that did not open has no storage
                page.evaluate("localStorage.clear(), sessionStorage.clear()")
        first, *rest = [page for page in context.pages if page in opened] or [None]
        for page in rest:
            page.close()
        if first:
            first.unroute_all(behavior="ignoreErrors")
            first.goto("about:blank")
            first.remove_listener("pageerror", failed)
            first.remove_listener("console", heard)
        context.clear_cookies()
    assert errors == []


def said(message: ConsoleMessage) -> str:
    return f"{message.text} ({message.location.get('url', '')})"


def is_error(message: ConsoleMessage) -> bool:
    """Streamlit's script first looks for its server below the page's address, and gets a 404, which is fine."""
    probe = re.search(r"/_stcore/(health|host-config)$", message.location.get("url", ""))
    return message.type == "error" and not probe


@contextmanager
def pen(page: Page) -> Iterator[Callable[[list[tuple[float, float]]], None]]:
    """Draws strokes on the canvas with the mouse, in canvas pixels."""
    canvas = page.locator("canvas.upper-canvas").first
    canvas.evaluate(INTO_VIEW)
    box = canvas.bounding_box()

    def stroke(points: list[tuple[float, float]]) -> None:
        (x, y), *rest = [(box["x"] + x, box["y"] + y) for x, y in points]
        page.mouse.move(x, y)
        page.mouse.down()
        for x, y in rest:
            page.mouse.move(x, y, steps=8)
        page.mouse.up()

    yield stroke
