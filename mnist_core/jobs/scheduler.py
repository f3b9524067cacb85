"""The connection to a Dask scheduler: which addresses are accepted, and what it is asked."""

import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mnist_core.language.messages import message, said_by

if TYPE_CHECKING:
    from distributed import Client

ANSWER = 5.0  # seconds for the scheduler to answer


class ClusterError(RuntimeError):
    """The cluster cannot be used; the message says why, and what to do."""


def check_address(address: str) -> None:
    """ClusterError if this is no scheduler's address, or one off this machine that is not encrypted.

    An address has neither spaces nor a slash at its end.
    """
    try:
        parts = urlsplit(address)
        is_whole = parts.scheme in ("tcp", "tls") and parts.hostname and parts.port
    except ValueError:
        is_whole = False
    if not is_whole:
        raise ClusterError(
            message(
                "MNIST_CLUSTER is {address}, which is not the address of a Dask scheduler, such as "
                "tls://scheduler.example.org:8786.",
                address=address,
            )
        )
    if parts.scheme == "tcp" and not _is_loopback(parts.hostname):
        raise ClusterError(
            message(
                "MNIST_CLUSTER is {address}, which is not encrypted. Whoever reaches a scheduler can run "
                "programs on its machines, so on another machine than this it must be tls://, with "
                "certificates: docs/deploy.md says how.",
                address=address,
            )
        )


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def connect(address: str) -> "Client":
    """A connection to the scheduler. ClusterError if there is none."""
    check_address(address)
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterError(
            message(
                "MNIST_CLUSTER is set, but the package distributed is not installed: install it with "
                "`pip install -r requirements-cluster.txt`, and start the app again."
            )
        ) from error
    parts = urlsplit(address)
    if parts.scheme == "tls" and not _has_certificates():
        raise ClusterError(
            message(
                "MNIST_CLUSTER is {address}, but this program has no certificates for TLS. Set DASK_CONFIG to "
                "the folder with dask.yaml, which names them, and start again: docs/deploy.md says how.",
                address=address,
            )
        )

    def ask() -> "Client":
        # An unreachable scheduler is found sooner so, and a client that is not connected takes long to close.
        socket.create_connection((parts.hostname, parts.port), ANSWER).close()
        return Client(address, timeout=ANSWER, set_as_default=False, name="mnist-studio")

    return _asked(address, ask)


def _has_certificates() -> bool:
    import dask

    return dask.config.get("distributed.comm.tls.ca-file", None) is not None


def workers_of(client: "Client") -> tuple[dict[str, int], dict[str, set[str]]]:
    """The places of each worker, and the keys of what it trains. ClusterError if there is no answer."""

    def ask(what: Callable[[], Any]) -> Any:
        return _asked(client.scheduler.address, lambda: client.sync(what, callback_timeout=ANSWER))

    threads, tasks = ask(client.scheduler.ncores), ask(client.scheduler.processing)
    return threads, {worker: {f"{key}" for key in keys} for worker, keys in tasks.items()}


def without_the_program(client: "Client", workers: Sequence[str]) -> set[str]:
    """Which of these workers cannot import mnist_core. ClusterError if there is no answer."""

    def run() -> Awaitable[dict[str, Any]]:
        # A function of Python's own, which needs nothing of ours on the worker.
        return client.run(find_spec, "mnist_core", workers=list(workers), on_error="ignore")

    specs = _asked(client.scheduler.address, lambda: client.sync(run, callback_timeout=ANSWER))
    return {worker for worker, spec in specs.items() if spec is None}


def _asked(address: str, question: Callable[[], Any]) -> Any:
    """The scheduler's answer. ClusterError if it gives none."""
    try:
        return question()
    except Exception as error:  # of the network, of TLS, of messages that another version sends
        raise ClusterError(
            message(
                "The cluster's scheduler at {address} cannot be reached. Runs wait until it is back. The "
                "reason: {problem}",
                address=address,
                problem=said_by(error) or type(error).__name__,
            )
        ) from error
