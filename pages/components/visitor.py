"""Who uses this session. Asked anew in each run of a page: a session that another visitor takes over is theirs.

Nothing is read from files for it but the visitor's record, and that only when it has changed.
"""

import os
from contextlib import suppress
from functools import cache, partial

import streamlit as st
from streamlit import runtime
from streamlit.auth_util import get_secrets_auth_section
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mnist_core.home import HomeError, home
from mnist_core.visitors import cookie
from mnist_core.visitors.register import Register
from mnist_core.visitors.visitor import Account, Request, Visitor, asking

_SESSION = "visitor"


def visitor() -> Visitor:
    """Who looks at this page."""
    asked, known = request(), register()
    id_ = asking(asked, is_shared(), partial(cookie.id_in, home()))
    with suppress(OSError, HomeError):  # nothing can be written; whatever is to be kept then says so
        known.saw(id_, asked.account.name if asked.account else "")
    return known.visitor(id_, asked.account)


def settle_visitor() -> Visitor:
    """The same at the beginning of a page's run: what the session holds of another visitor is dropped."""
    now, state = visitor(), st.session_state
    if state.setdefault(_SESSION, now.id) != now.id:
        state.clear()
        state[_SESSION] = now.id
    return now


def register() -> Register:
    return Register.of_environment(home())


def is_shared() -> bool:
    """Whether this server is for many, whoever asks."""
    return bool(os.environ.get("MNIST_SHARED"))


def request() -> Request:
    """What is known of the connection between this session and its browser."""
    context = get_script_run_ctx()
    client = context and runtime.get_instance().get_client(context.session_id)
    if not client:  # the browser has just gone
        return Request(None)
    connection = client.client_context
    names = tuple(name for name, _ in connection.headers)
    return Request(connection.remote_ip, names, connection.cookies.get(cookie.NAME, ""), _account())


@cache
def has_accounts() -> bool:
    """Whether visitors can sign in: .streamlit/secrets.toml has a section [auth]."""
    return bool(get_secrets_auth_section())


def _account() -> Account | None:
    if not has_accounts():
        return None
    said = st.user.to_dict()
    if not said.get("is_logged_in"):
        return Account()
    email = said.get("email", "") if said.get("email_verified") is True else ""
    return Account(str(said.get("iss", "")), str(said.get("sub", "")), str(said.get("name") or ""), str(email))
