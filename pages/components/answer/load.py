"""Whether this process still has time to run the page for every stroke."""

import time
from threading import Lock

FULL = 0.8  # of a core: Python computes on one at a time, so answers never have more than one
INSIDE = 0.6  # answers that the page computes at a time, on average; more if others take the cores
PEOPLE = 5  # whom the page answers: with fewer, what takes the time is something else
FEWER = 0.7  # of the answers a second at which it became full: then it is full no longer
AGAIN = 300.0  # seconds after which it is tried whether the page has time again: what filled it may be over
BUSY, CALM = 1.0, 5.0  # seconds that are judged together: whether it has become full, whether it still is


class Load:
    """Counts answers, and says whether they have filled the process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._limit = float("inf")  # answers a second at which it became full
        self._since = 0.0  # when it became full
        self._start()

    def is_full(self, session: str = "") -> bool:
        """Whether the process was full lately. Ask once for each answer, since that counts it.

        `session` is for whom the page runs; "" for an answer without the page.
        """
        with self._lock:
            self._answers += 1
            self._people.add(session)
            now = time.monotonic()
            if (seconds := now - self._begin) >= (CALM if self._limit < float("inf") else BUSY):
                self._judge(now, seconds)
                self._start()
            return self._limit < float("inf")

    def took(self, seconds: float) -> None:
        """Note how long the page took from a stroke to its answer."""
        with self._lock:
            self._inside += seconds

    def _judge(self, now: float, seconds: float) -> None:
        rate = self._answers / seconds
        if rate >= FEWER * self._limit and now - self._since <= AGAIN:
            return
        used = time.process_time() - self._used
        is_full = used > FULL * seconds or self._inside > INSIDE * seconds
        self._limit = rate if is_full and len(self._people) >= PEOPLE else float("inf")
        self._since = now

    def _start(self) -> None:
        self._begin, self._used = time.monotonic(), time.process_time()
        self._answers, self._inside = 0, 0.0
        self._people: set[str] = set()


load = Load()
