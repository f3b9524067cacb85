"""Standard input as a leash: a program that the app starts ends when the app does, however that ends."""

import os
import threading
from collections.abc import Callable


def read_line() -> str:
    """One line from standard input, "" where it has ended; byte by byte: nothing may be buffered away
    from the leash."""
    line = b""
    while (byte := os.read(0, 1)) not in (b"", b"\n"):
        line += byte
    return line.decode("utf-8") if byte else ""


def hold(let_go: Callable[[], None]) -> None:
    """Call `let_go` in a thread of its own once standard input ends."""

    def wait() -> None:
        # Not sys.stdin.read: in a daemon thread it makes a normal exit abort.
        while os.read(0, 1):
            pass
        let_go()

    threading.Thread(target=wait, daemon=True).start()
