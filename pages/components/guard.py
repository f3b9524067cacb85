"""Middleware that keeps strangers' requests from doing harm."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config
from streamlit.runtime import Runtime
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

MOST_UPLOADED = 200_000_000  # bytes of uploaded files that are in memory at a time, of all sessions together


class Hosts:
    """Refuses requests for other host names than `server.allowedHosts`; Streamlit does so for sessions only.

    Otherwise a page of another site could read answers of a server in the reader's own network, by a name that
    it makes point to that server (DNS rebinding).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not is_host_allowed(Request(scope).headers.get("host")):
            answer = PlainTextResponse("This server is not known by that name.", 400)
            await answer(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class Uploads:
    """Refuses uploads while those that are in memory take MOST_UPLOADED bytes or would take more.

    Streamlit keeps each until its session ends, and bounds only the size of a single one.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._coming = 0  # bytes of uploads that are being received

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_upload = scope["type"] == "http" and scope["method"] == "PUT" and "/upload_file/" in scope["path"]
        if not is_upload:
            await self.app(scope, receive, send)
            return
        size = _size(Request(scope))
        if _kept() + self._coming + size > MOST_UPLOADED:
            answer = PlainTextResponse("The server holds too many uploads: try again later.", 507)
            await answer(scope, receive, send)
            return
        self._coming += size
        try:
            await self.app(scope, receive, send)
        finally:
            self._coming -= size


def _size(request: Request) -> int:
    """The size of what comes: as it says, but at least the largest allowed where it does not say."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 1_000_000 * config.get_option("server.maxUploadSize")


def _kept() -> int:
    """Bytes of the uploads that are in memory."""
    manager = Runtime.instance().uploaded_file_mgr
    return sum(stat.byte_length for stats in manager.get_stats().values() for stat in stats)
