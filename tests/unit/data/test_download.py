"""Downloads from a real local server, which behaves well or badly as each test asks."""

import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from mnist_core.data import download
from mnist_core.data.download import DownloadError, fetch
from mnist_core.data.mnist import read_folder


@contextmanager
def serving(
    files: dict[str, bytes], delay: float = 0.0, context: ssl.SSLContext | None = None
) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.get(self.path[1:])
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            time.sleep(delay)
            # The client may disconnect, which some tests check.
            with suppress(OSError):
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http{'s' * bool(context)}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def silent(what: str, done: int, total: int) -> None:
    pass


@pytest.fixture(scope="module")
def whole(mnist, tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("npz") / "mnist.npz"
    names = ("x_train", "y_train", "x_test", "y_test")
    np.savez_compressed(path, **dict(zip(names, [*mnist.train, *mnist.test])))
    return path.read_bytes()


def test_a_download_is_checked_kept_and_reported(whole, tmp_path):
    seen = []
    with serving({"mnist.npz": whole}) as address:
        folder = fetch(tmp_path, lambda *step: seen.append(step), [(f"{address}/mnist.npz",)])
    assert len(read_folder(folder)[0].labels) == 60_000
    assert seen[-1] == ("mnist.npz", len(whole), len(whole))
    assert [path.name for path in tmp_path.iterdir()] == ["mnist.npz"]


def test_the_mirror_is_asked_when_the_first_source_is_gone_or_wrong(whole, tmp_path):
    with serving({"wrong/mnist.npz": whole[:1000], "mnist.npz": whole}) as address:
        sources = [(f"{address}/gone/mnist.npz",), (f"{address}/wrong/mnist.npz",), (f"{address}/mnist.npz",)]
        assert read_folder(fetch(tmp_path, silent, sources))


def test_two_downloads_at_once_do_not_spoil_each_other(whole, tmp_path):
    with serving({"mnist.npz": whole}, delay=0.3) as address, ThreadPoolExecutor(2) as pool:
        both = [pool.submit(fetch, tmp_path, silent, [(f"{address}/mnist.npz",)]) for _ in range(2)]
        assert [future.result() for future in both] == [tmp_path, tmp_path]
    assert len(read_folder(tmp_path)[1].labels) == 10_000
    assert [path.name for path in tmp_path.iterdir()] == ["mnist.npz"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "answered 404"),
        (b"this is not mnist", "damaged or cut off"),
        (b"x" * 5000, "more than 3,000 bytes"),
    ],
)
def test_what_is_not_mnist_is_refused_and_leaves_nothing(tmp_path, monkeypatch, content, reason):
    monkeypatch.setattr(download, "MAX_BYTES", 3000)
    files = {} if content is None else {"mnist.npz": content}
    with serving(files) as address, pytest.raises(DownloadError, match=reason):
        fetch(tmp_path, silent, [(f"{address}/mnist.npz",)])
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_stalls_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "TIMEOUTS", (1, 0.2))
    with serving({"mnist.npz": b"late"}, delay=1.0) as address, pytest.raises(DownloadError, match="timed out"):
        fetch(tmp_path, silent, [(f"{address}/mnist.npz",)])


def test_a_server_that_cannot_be_reached_is_said_with_what_to_do(tmp_path):
    with pytest.raises(DownloadError, match=r"There is no connection\..*\$MNIST_DIR"):
        fetch(tmp_path, silent, [("http://127.0.0.1:9/mnist.npz",)])


def test_what_a_killed_download_left_is_swept_away(tmp_path: Path):
    old, young = tmp_path / "unfinished-old", tmp_path / "unfinished-young"
    old.mkdir()
    young.mkdir()
    os.utime(old, (0, 0))
    with pytest.raises(DownloadError):
        fetch(tmp_path, silent, [("http://127.0.0.1:9/mnist.npz",)])
    assert not old.exists() and young.exists()


def test_a_certificate_that_is_not_trusted_is_named_with_what_to_do(tmp_path):
    if not shutil.which("openssl"):
        pytest.skip("needs openssl, to make a certificate that nobody trusts")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=localhost",
        "-days",
        "1",
    ]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving({}, context=context) as address, pytest.raises(DownloadError) as refused:
        fetch(tmp_path / "downloads", silent, [[f"{address}/mnist.npz"]])
    assert "certificate is not trusted" in str(refused.value) and "$REQUESTS_CA_BUNDLE" in str(refused.value)


def test_a_proxy_that_does_not_answer_is_named_with_what_to_do(tmp_path, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free.getsockname()[1]}")
    with pytest.raises(
        DownloadError, match=r"The proxy refused the connection.*\$HTTPS_PROXY and \$HTTP_PROXY"
    ):
        fetch(tmp_path / "downloads", silent, [["http://mnist.example/mnist.npz"]])
