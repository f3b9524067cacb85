"""nginx in front of the app, configured by the example in docs/deploy.md."""

import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.guide import examples

HOW_TO_GET_ONE = "needs nginx: apt-get install nginx-light"
_AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 4096; }}
worker_rlimit_nofile 16384;
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {example}
}}
"""


class Proxy:
    """A context manager that owns an nginx in front of the servers at these ports of this machine.

    FileNotFoundError, which says how to get one, if there is no nginx. Only ports and the host's name differ
    from the example; with `limits` False the limits of requests and connections are left out, since a load that
    stands for many machines comes from one.
    """

    def __init__(self, folder: Path, ports: Sequence[int], limits: bool = True) -> None:
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if program is None:
            raise FileNotFoundError(HOW_TO_GET_ONE)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://localhost:{port}"
        servers = "\n".join(f"    server 127.0.0.1:{each};" for each in ports)
        (given,) = examples("nginx")
        text = given.replace("    server 127.0.0.1:8501;", servers)
        text = text.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("mnist.example.org", "localhost")
        if not limits:
            text = re.sub(r"^ *limit_(req|conn) .*$", "", text, flags=re.MULTILINE)
        self._log = folder / "nginx-error.log"
        path = folder / "nginx.conf"
        path.write_text(_AROUND.format(folder=folder, example=text), "utf-8")
        self._command = [program, "-p", str(folder), "-e", str(self._log), "-c", str(path)]

    def __enter__(self) -> "Proxy":
        self._process = subprocess.Popen(self._command, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not self._answers():
            assert time.monotonic() < deadline and self._process.poll() is None, self._log.read_text()
            time.sleep(0.02)
        return self

    def __exit__(self, *_: Any) -> None:
        self._process.terminate()
        self._process.wait(10)

    def _answers(self) -> bool:
        try:
            return urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=1).status == 200
        except OSError:
            return False
