"""What makes the first answer come soon after the server's start: for `st.App`, once.

Streamlit's files for the browser come in one step each, and slow imports go on while it loads them.
"""

import mimetypes
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from threading import Thread

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config
from streamlit.cli_util import open_browser
from streamlit.web.server.server_util import get_display_address, get_url

# What the first answer needs and Streamlit has not imported; the canvas brings pandas with it.
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
    """Middleware: answers for Streamlit's own files, of which a first page needs a hundred.

    Streamlit hands each to other threads several times, and each time waits for what is being imported.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = _FILES.get(scope.get("path", "")) if scope.get("method") == "GET" else None
        answer = self.app
        if path:
            # Their names change with their content.
            kept = {"Cache-Control": "public, immutable, max-age=31536000"}
            answer = Response(path.read_bytes(), headers=kept, media_type=mimetypes.guess_type(path)[0])
        await answer(scope, receive, send)


def live() -> Route:
    """A look at a run that trains (live.py), at the app's own address, as Streamlit has its own routes."""
    base = (config.get_option("server.baseUrlPath") or "").strip("/")
    return Route(f"/{base}/live/{{run}}" if base else "/live/{run}", _look)


def _look(request: Request) -> Response:
    from pages.components.training.live import answer  # it needs much that the first answer can do without

    return answer(request)


@asynccontextmanager
async def started(_: st.App) -> AsyncIterator[None]:
    """The server's beginning: what the first visitor would wait for goes on while the browser loads."""
    for begin in (_open_browser, _import):
        Thread(target=begin, daemon=True).start()
    yield


def _open_browser() -> None:
    """Streamlit does so by itself only for apps without such a beginning."""
    if not config.get_option("server.headless"):
        is_named = config.is_manually_set("browser.serverAddress")
        named = config.get_option("browser.serverAddress")
        open_browser(get_url(named if is_named else get_display_address(config.get_option("server.address"))))


def _import() -> None:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 10)  # so that the browser's requests hardly wait for the imports
    for name in _SLOW:
        import_module(name)
    sys.setswitchinterval(usual)
