"""The cookie by which a browser is known again: a random id, signed, so that nobody can make one up.

    mnist_studio_visitor=4f2a9c01d3e85b76.<signature>

The key is in <home>/secret, which only the app's user can read. Whoever deletes it makes all visitors unknown.
"""

import os
import re
import secrets
import tempfile
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from itsdangerous import BadSignature, Signer

from mnist_core.home import settle

NAME = "mnist_studio_visitor"  # nginx can name only such
SECRET = "secret"
ID = re.compile(r"[0-9a-f]{16}")
_LONGEST = 100  # characters
_YEAR = 365 * 24 * 3600  # seconds


def secret(home: Path) -> bytes:
    """The key in <home>/secret, made the first time.

    OSError if it can be neither read nor written, HomeError if a later version has written the folder.
    """
    return _secret(home)


@lru_cache(maxsize=64)
def _secret(home: Path) -> bytes:
    path = home / SECRET
    if not path.exists():
        settle(home)
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=home, suffix=".tmp") as file:  # only its owner can read it
            file.write(secrets.token_hex(32).encode())
            file.flush()
            with suppress(FileExistsError):  # another process has made one meanwhile, which is then used
                os.link(file.name, path)
    return path.read_bytes()


def fresh(home: Path) -> str:
    """A cookie for a visitor who has none."""
    return _signer(secret(home)).sign(secrets.token_hex(8)).decode()


def id_in(home: Path, cookie: str) -> str:
    """The visitor's id in a cookie; "" if there is none, or it was not made here."""
    try:
        return _id_in(secret(home), cookie) if cookie else ""
    except (OSError, ValueError):  # ValueError: a later version has written the folder
        return ""


@lru_cache(maxsize=4096)
def _id_in(key: bytes, cookie: str) -> str:
    try:
        found = _signer(key).unsign(cookie).decode() if len(cookie) <= _LONGEST else ""
    except (BadSignature, UnicodeError):
        return ""
    return found if ID.fullmatch(found) else ""


def header(cookie: str, is_secure: bool) -> str:
    """The Set-Cookie header. Scripts cannot read the cookie, and other sites' requests do not carry it."""
    secure = "; Secure" if is_secure else ""
    return f"{NAME}={cookie}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Lax{secure}"


def _signer(key: bytes) -> Signer:
    return Signer(key, salt=NAME, digest_method=sha256)
