"""Standard input as a leash: a program started by the app ends when the app ends, for whatever reason."""

import os
import threading
from collections.abc import Callable
from queue import SimpleQueue


def lines(let_go: Callable[[], None]) -> "SimpleQueue[str]":
    """The lines of standard input as they arrive; at its end `let_go` is called in a separate thread."""
    found: SimpleQueue[str] = SimpleQueue()

    def read() -> None:
        # Not sys.stdin.read: in a daemon thread it makes a normal exit abort.
        rest = b""
        while chunk := os.read(0, 65536):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                found.put(line.decode("utf-8"))
        let_go()

    threading.Thread(target=read, daemon=True).start()
    return found
