"""What stands between browsers and Streamlit; used once, by `st.App`.

Streamlit's browser files are served in one step each, and slow imports run while the browser loads them, so
that the first page appears soon after the server's start. Visitors of a shared server get their cookie.
"""

import mimetypes
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from threading import Thread

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.cli_util import open_browser
from streamlit.runtime import app_session
from streamlit.web.server.server_util import get_display_address, get_url

from mnist_core.home import HomeError, home
from mnist_core.visitors import cookie
from mnist_core.visitors.visitor import UNKNOWN, asking
from mnist_core.visitors.visitor import Request as Asked

# Needed for the first answer and not imported by Streamlit; pandas is imported by the canvas.
_SLOW = (
    "pandas",
    "mnist_core.preprocessing.drawings",
    "mnist_core.preprocessing.photo",
    "mnist_core.runs.classifier",
    "ai_edge_litert.interpreter",
)
_STATIC = Path(st.__file__).parent / "static"
_FILES = {f"/{path.relative_to(_STATIC).as_posix()}": path for path in _STATIC.glob("static/*/*")}


class QuickFiles:
    """Middleware that serves Streamlit's own files, of which the first page needs a hundred.

    Streamlit passes each file through several threads, each of which waits for the current import.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = _FILES.get(scope.get("path", "")) if scope.get("method") == "GET" else None
        answer = self.app
        if path:
            # Their names change with their content, so they can be cached.
            kept = {"Cache-Control": "public, immutable, max-age=31536000"}
            answer = Response(path.read_bytes(), headers=kept, media_type=mimetypes.guess_type(path)[0])
        await answer(scope, receive, send)


class Cookies:
    """Middleware that gives each page's visitor a cookie by which they are known again.

    There is none on one's own machine, and none if the key cannot be kept: the visitor is then unknown.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_cookie(part: Message) -> None:
            if part["type"] == "http.response.start" and _is_page(part):
                with suppress(OSError, HomeError):
                    made = cookie.header(cookie.fresh(home()), _is_secure(request))
                    MutableHeaders(scope=part).append("Set-Cookie", made)
            await send(part)

        request = Request(scope) if scope["type"] == "http" else None
        needs_one = request is not None and _asking(request) == UNKNOWN
        await self.app(scope, receive, send_with_cookie if needs_one else send)


def _asking(request: Request) -> str:
    """The id of who sends the request, whether signed in or not."""
    address = request.client.host if request.client else None
    asked = Asked(address, tuple(request.headers.keys()), request.cookies.get(cookie.NAME, ""))
    return asking(asked, bool(os.environ.get("MNIST_SHARED")), partial(cookie.id_in, home()))


def _is_page(part: Message) -> bool:
    """Whether this is the answer to the request of a page; the browser may have its file already."""
    kind = MutableHeaders(scope=part).get("content-type", "")
    return part["status"] == 304 or kind.startswith("text/html")


def _is_secure(request: Request) -> bool:
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))


def routes() -> list[Route]:
    """The app's own addresses, below its base path: what browsers fetch without a run of a page."""
    base = (config.get_option("server.baseUrlPath") or "").strip("/")
    below = f"/{base}" if base else ""
    return [
        Route(f"{below}/live/{{run}}", _live),
        Route(f"{below}/answers/{{ticket}}", _answer, methods=["POST"]),
    ]


# What follows is imported late, since the first answer does not need it.


def _live(request: Request) -> Response:
    """The state of a run that trains."""
    from pages.components.training.live import answer

    return answer(request)


async def _answer(request: Request) -> Response:
    """The answer to a stroke while the server is full."""
    from pages.components.answer.quick import answer

    return await answer(request)


def _read_the_theme_once() -> None:
    """Streamlit reads the theme anew for each answer, which takes an eighth of the answer's cost."""
    app_session.to_snake_case = cache(app_session.to_snake_case)
    config.get_options_for_section = cache(config.get_options_for_section)


@asynccontextmanager
async def started(_: st.App) -> AsyncIterator[None]:
    """At the server's start, do slow work in threads, so that the first visitor does not wait for it."""
    _read_the_theme_once()
    for begin in (_open_browser, _import):
        Thread(target=begin, daemon=True).start()
    yield


def _open_browser() -> None:
    """Open the browser: Streamlit does this only for apps without a lifespan function."""
    if not config.get_option("server.headless"):
        is_named = config.is_manually_set("browser.serverAddress")
        named = config.get_option("browser.serverAddress")
        open_browser(get_url(named if is_named else get_display_address(config.get_option("server.address"))))


def _import() -> None:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 10)  # so that the imports hardly delay the browser's requests
    for name in _SLOW:
        import_module(name)
    sys.setswitchinterval(usual)
