"""Whether this process still has time to run the page for every stroke."""

import time
from threading import Lock

FULL = 0.8  # of a core: Python computes on one at a time, so answers never have more than one
MANY = 10.0  # answers a second: with fewer, what takes the time is something else
FEWER = 0.7  # of the answers a second at which it became full: then it is full no longer
AGAIN = 300.0  # seconds after which it is tried whether the page has time again: what filled it may be over
_WHILE = 1.0  # seconds that are judged together


class Load:
    """Counts answers, and says whether they have filled the process."""

    def __init__(self) -> None:
        self._limit = float("inf")  # answers a second at which it became full
        self._since = 0.0  # when it became full
        self._lock = Lock()
        self._start()

    def is_full(self) -> bool:
        """Whether the process was full lately. Ask once for each answer, since that counts it."""
        with self._lock:
            return self._judged()

    def _judged(self) -> bool:
        self._answers += 1
        now = time.monotonic()
        seconds = now - self._begin
        if seconds >= _WHILE:
            rate = self._answers / seconds
            if rate < FEWER * self._limit or now - self._since > AGAIN:
                self._limit = float("inf")
                if rate > MANY and time.process_time() - self._used > FULL * seconds:
                    self._limit, self._since = rate, now
            self._start()
        return self._limit < float("inf")

    def _start(self) -> None:
        self._begin, self._used, self._answers = time.monotonic(), time.process_time(), 0


load = Load()
