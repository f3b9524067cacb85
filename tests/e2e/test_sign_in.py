"""Signing in with an account of an OpenID provider, which runs here for the test."""

import json
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mnist_core.data.my_digits import MyDigits
from mnist_core.visitors.visitor import Account
from tests.conftest import write_small_standin
from tests.e2e.conftest import PATIENCE, Server

MISSING = [name for name in ("authlib", "oidc_provider_mock") if not find_spec(name)]
pytestmark = pytest.mark.skipif(
    bool(MISSING), reason="needs an OpenID provider: pip install Authlib oidc-provider-mock"
)
ADA = {"sub": "4711", "name": "Ada", "email": "ada@school.example", "email_verified": True}
BO = {"sub": "4712", "name": "Bo", "email": "bo@school.example", "email_verified": True}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of an OpenID provider that lets Ada and Bo in without a password."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    users = [part for user in (ADA, BO) for part in ("--user-claims", json.dumps(user))]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", f"{port}", *users]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address, deadline = f"http://localhost:{port}", time.monotonic() + PATIENCE
    while not answers(f"{address}/.well-known/openid-configuration"):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)
    yield address
    process.terminate()
    process.wait(10)


def answers(url: str) -> bool:
    try:
        return urllib.request.urlopen(url, timeout=1).status == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def shared_server(provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that many share, at which they sign in; Ada is a teacher."""
    home = tmp_path_factory.mktemp("accounts")
    write_small_standin(home)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MNIST_SHARED", "1")
        environment.setenv("MNIST_TEACHERS", ADA["email"])
        made = Server(home, None, f"--secrets.files={home / 'secrets.toml'}")
    write_secrets(home / "secrets.toml", made.address, provider)
    yield made
    made.end()


def write_secrets(path: Path, address: str, provider: str) -> None:
    """What .streamlit/secrets.toml holds for a provider."""
    path.write_text(
        f"""[auth]
redirect_uri = "{address}/oauth2callback"
cookie_secret = "{secrets.token_hex(16)}"
client_id = "mnist-studio"
client_secret = "not used by this provider"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""
    )


def open_kept(page: Page) -> None:
    page.get_by_text("What is kept of you").click()


def sign_in(page: Page, user: dict) -> None:
    """From the page My digits to the provider and back."""
    open_kept(page)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=re.compile(user["sub"])).click()


def test_the_identity_is_the_accounts_and_its_address_makes_a_teacher(open_page, server, provider):
    ada, bo = open_page("/mine"), open_page("/mine", as_another=True)
    for page in (ada, bo):  # the provider's own style, from the internet
        page.route("https://cdn.jsdelivr.net/**", lambda route: route.fulfill(body="", content_type="text/css"))
    open_kept(bo)
    expect(bo.get_by_text("You have not signed in")).to_be_visible()
    open_kept(bo)
    for page, user in ((ada, ADA), (bo, BO)):
        sign_in(page, user)
        page.wait_for_url(re.compile(re.escape(server.address)))
        page.goto(f"{server.address}/mine")
        open_kept(page)
        expect(page.get_by_text(f"You are {user['name']}.")).to_be_visible()
    expect(ada.get_by_role("link", name="Class")).to_be_visible()
    expect(bo.get_by_role("link", name="Class")).to_have_count(0)
    id_ = Account(provider, ADA["sub"]).id
    assert MyDigits(server.store.home, id_).ids() == []
    assert (server.store.home / "visitors" / f"{id_}.json").exists()
    ada.get_by_role("button", name="Sign out").click()
    ada.wait_for_url(re.compile(re.escape(provider)))  # which asks whether to end its session, too
    ada.goto(f"{server.address}/mine")
    open_kept(ada)
    expect(ada.get_by_text("You have not signed in")).to_be_visible()
