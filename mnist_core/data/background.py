"""Loads the data set in the background, so that no page waits for a download."""

import threading

from mnist_core.data import sources
from mnist_core.data.mnist import Dataset
from mnist_core.language.messages import Message, message, said_by

PATIENCE = 1.5  # seconds: reading MNIST takes CPU time, which a page that needs no data may use first


class DatasetThread:
    """Owns the thread that loads the data. `dataset` is None until it has finished.

    Loading begins when the data is first waited for, or after PATIENCE.
    """

    def __init__(self) -> None:
        self.dataset: Dataset | None = None
        self.error: Message | str = ""
        self.progress = ("", 0, 0)
        self._thread: threading.Thread | None = None
        self._lock, self._wanted = threading.Lock(), threading.Event()
        self.start()

    @property
    def busy(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Load the data, again if it was loaded before; no effect while a load is running."""
        with self._lock:
            if not self.busy:
                self._thread = threading.Thread(target=self._load, name="dataset", daemon=True)
                self._thread.start()

    def wait(self, seconds: float) -> Dataset | None:
        """The data set, after waiting at most `seconds` for it; None if it is not loaded by then."""
        self._wanted.set()
        if self._thread:
            self._thread.join(seconds)
        return self.dataset

    def _load(self) -> None:
        self._wanted.wait(PATIENCE)
        self.error, self.progress = "", ("", 0, 0)
        try:
            self.dataset = sources.load(progress=lambda *step: setattr(self, "progress", step))
        except Exception as error:  # the page must show any error
            self.error = message(
                "The data cannot be saved to disk ({problem}). Make room or set $MNIST_HOME to another folder.",
                problem=said_by(error),
            )
