"""A visitor of the app without a browser: one session over a websocket, as Streamlit's own front end has it.

It opens a page, keeps the value of each widget, and sends strokes as canvas.js does. It understands only as
much of the answers as is needed to know when they are complete.
"""

import asyncio
import json
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise
from typing import Any

import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

PATIENCE = 60.0  # seconds without a message after which a session counts as lost
PAUSE = 8.0  # seconds, as in canvas.js
Strokes = Sequence[Sequence[Sequence[float]]]


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run it to its end, in a thread: Playwright has an event loop in the tests' own."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def visit(address: str) -> str:
    """The cookie that a new visitor of the page gets."""
    answer = requests.get(address, timeout=PATIENCE)
    return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())


class Session:
    """One visitor's connection to the app at `address`, such as http://localhost:8501."""

    def __init__(self, address: str, cookie: str = "", **headers: str) -> None:
        self.address = address.replace("http", "ws", 1)
        self._headers = {**headers, **({"Cookie": cookie} if cookie else {})}
        self._widgets: dict[str, WidgetState] = {}
        self._canvas = self._fragment = ""
        self.ticket: str | None = None  # for answers without a run of the page
        self._untold: Strokes | None = None  # what was answered without it
        self._browser = requests.Session()
        self.id = self.answer = ""  # the session's id, and the answer's HTML
        self._heard: list[ForwardMsg] = []  # since the last request
        self.exceptions: list[str] = []  # that pages did not catch
        self._socket: ClientConnection | None = None

    async def open(self, page: str = "draw", query: str = "", existing: str = "") -> str:
        """Open a page, wait until it is complete, and return all that came as text.

        `existing` is the id of a session to return to.
        """
        self._socket = await connect(
            f"{self.address}/_stcore/stream",
            subprotocols=["streamlit", "x", existing] if existing else ["streamlit"],
            max_size=None,
            additional_headers=self._headers,
            open_timeout=PATIENCE,
            ping_interval=None,
        )
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = page
        message.rerun_script.widget_states.SetInParent()
        await self._socket.send(message.SerializeToString())
        await self._until_finished()
        return self.said

    @property
    def said(self) -> str:
        """All that came since the last request, as text."""
        return "\n".join(map(str, self._heard))

    async def draw(self, strokes: Strokes) -> tuple[float, float]:
        """Send a drawing; seconds until the answer has arrived, and until the whole reply has.

        While the server is full, the answer comes without a run of the page, as canvas.js has it. The page is
        then told by `pause`, or at once if the server says that it is full no longer.
        """
        self._untold = None
        if not self.ticket:
            return await self._draw_on_page(strokes)
        begin = time.perf_counter()
        reply = await asyncio.to_thread(self._ask, drawing(strokes)["objects"])
        answered = time.perf_counter() - begin
        if reply:
            self.answer = reply["answer"]
        if reply and reply["isFull"]:
            self._untold = strokes
            return answered, answered
        answered_by_page, whole = await self._draw_on_page(strokes)
        return (answered if reply else answered_by_page), whole

    async def pause(self) -> None:
        """Tell the page what it was not told, as canvas.js does when the visitor has not drawn for PAUSE."""
        if self._untold:
            await self._draw_on_page(self._untold)
            self._untold = None

    def _ask(self, objects: list) -> dict[str, Any] | None:
        address = f"{self.address.replace('ws', 'http', 1)}/answers/{self.ticket}"
        there = {"json": {"objects": objects}, "headers": self._headers, "timeout": PATIENCE}
        try:
            return self._browser.post(address, **there).json()
        except requests.ConnectionError:  # the server has just closed it, as idle: browsers ask again, too
            return self._browser.post(address, **there).json()

    async def _draw_on_page(self, strokes: Strokes) -> tuple[float, float]:
        state = WidgetState(id=self._canvas, json_value=json.dumps({"drawing": drawing(strokes)}))
        self._widgets[self._canvas] = state
        message = BackMsg()
        message.rerun_script.fragment_id = self._fragment
        message.rerun_script.page_script_hash = self._page
        message.rerun_script.widget_states.widgets.extend(self._widgets.values())
        begin = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        answered = await self._until_finished()
        if answered is None:
            raise RuntimeError("the reply to a stroke held no answer")
        return answered - begin, time.perf_counter() - begin

    async def leave(self, page: str) -> list[ForwardMsg]:
        """Open another page, and ask for a part of this one when the other has begun.

        Returns all that comes, until nothing has come for a second.
        """
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.widget_states.SetInParent()
        await self._socket.send(message.SerializeToString())
        heard, late = [], BackMsg()
        late.rerun_script.fragment_id, late.rerun_script.page_script_hash = self._fragment, self._page
        late.rerun_script.widget_states.widgets.extend(self._widgets.values())
        with suppress(TimeoutError):
            while not heard or heard[-1].WhichOneof("type") != "delta":
                heard.append(ForwardMsg.FromString(await self._socket.recv()))
            await self._socket.send(late.SerializeToString())
            while True:
                heard.append(ForwardMsg.FromString(await asyncio.wait_for(self._socket.recv(), 1.0)))
        return heard

    def upload(self, name: str, content: bytes) -> int:
        """Upload a file to this session, and return the answer's status."""
        with requests.Session() as browser:
            address = self.address.replace("ws", "http", 1)
            browser.get(f"{address}/_stcore/health", timeout=PATIENCE)
            token = browser.cookies.get("_streamlit_xsrf", "")
            answer = browser.put(
                f"{address}/_stcore/upload_file/{self.id}/{name}",
                files={"file": (name, content)},
                headers={"X-Xsrftoken": token},
                timeout=PATIENCE,
            )
            return answer.status_code

    async def close(self) -> None:
        self._browser.close()
        if self._socket:
            await self._socket.close()

    async def _until_finished(self) -> float | None:
        """Read messages until a run of the script has ended; returns when the answer came."""
        answered, self._heard = None, []
        while True:
            async with asyncio.timeout(PATIENCE):
                data = await self._socket.recv()
            message = ForwardMsg.FromString(data)
            self._heard.append(message)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self._page = message.new_session.page_script_hash
                self.id = message.new_session.initialize.session_id
            elif kind == "delta":
                answered = self._take(message) or answered
            elif kind == "script_finished" and message.script_finished in (
                ForwardMsg.FINISHED_SUCCESSFULLY,
                ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
            ):
                return answered
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                raise RuntimeError("the page did not run to its end")

    def _take(self, message: ForwardMsg) -> float | None:
        """Take in a part of the page; the time if it is the answer."""
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.exceptions.append(str(element))
        if kind == "bidi_component" and element.bidi_component.id.endswith("-canvas"):
            self._canvas, self._fragment = element.bidi_component.id, message.delta.fragment_id
            self.ticket = json.loads(element.bidi_component.json)[0]["ticket"]
        if "data-says=" not in element.html.body:
            return None
        self.answer = element.html.body
        return time.perf_counter()


def drawing(strokes: Strokes) -> dict[str, Any]:
    """The drawing as canvas.js sends it: strokes of [x, y] in canvas pixels."""
    paths = [
        [["M", *stroke[0]], *(["Q", *before, *point] for before, point in pairwise(stroke))]
        for stroke in strokes
    ]
    ink = {"type": "Path", "stroke": "#ffffff", "strokeWidth": 20, "fill": None}
    return {"behind": None, "objects": [{**ink, "path": path} for path in paths]}
