"""A guest who speaks to the server without a browser: with any cookie, and with any session's id."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from mnist_core.visitors.cookie import NAME
from tests.e2e.conftest import PATIENCE


def cookie_of(address: str, cookie: str = "") -> str:
    """The visitor's cookie that the server gives with a page; "" if it gives none."""
    asked = Request(f"{address}/draw", headers={"Cookie": f"{NAME}={cookie}"} if cookie else {})
    with urlopen(asked, timeout=PATIENCE) as answer:
        found = SimpleCookie(answer.headers.get("Set-Cookie", ""))
    return found[NAME].value if NAME in found else ""


class Session:
    """One connection to the app, in which pages can be run."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.id = ""

    def run(self, page: str, query: str = "") -> str:
        """Run a page to its end; returns all that the server sent for it, as text."""
        asked = BackMsg()
        asked.rerun_script.page_name = page
        asked.rerun_script.query_string = query
        self._connection.send(asked.SerializeToString())
        said: list[str] = []
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(self._connection.recv(timeout=PATIENCE))
            said.append(str(answer))
            self.id = answer.new_session.initialize.session_id or self.id
            if answer.WhichOneof("type") == "script_finished" and len(said) > 1:
                return "\n".join(said)


@contextmanager
def session(address: str, cookie: str = "", session_id: str = "", **headers: str) -> Iterator[Session]:
    """A connection with this cookie, to a session of its own or to the one with this id."""
    sent = [*([("Cookie", f"{NAME}={cookie}")] if cookie else []), *headers.items()]
    protocols = ["streamlit", "PLACEHOLDER_AUTH_TOKEN", *([session_id] if session_id else [])]
    url = f"ws://{urlsplit(address).netloc}/_stcore/stream"
    with connect(url, additional_headers=sent, subprotocols=protocols, max_size=None) as made:
        yield Session(made)
