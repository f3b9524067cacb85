"""What starts the queued runs: the part that the server's own worker and a cluster have in common.

The queue is the state of the run folders; snapshot.py says which run is next. An engine owns only what it has
started, and its thread looks at the folders once a second.
"""

import sys
import threading
import time
from collections.abc import Mapping

from mnist_core.language.messages import Message
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs.run import Run
from mnist_core.runs.store import RunStore


class Engine:
    """Starts the queued runs of a store. All methods may be called from any thread and return at once."""

    places = 1  # runs that can train at once
    problem: Message | None = None  # why no queued run is started at present

    def __init__(self, store: RunStore) -> None:
        self.store = store
        self._wake = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._supervise, name="training engine", daemon=True)
        self._thread.start()

    def submit(self, recipe: Recipe, files: Mapping[str, bytes] | None = None, owner: str = "") -> Run:
        """Create a run of the recipe with `files`; it starts as soon as there is a place and it is next."""
        run = self.store.create(recipe, files=files, owner=owner)
        self._wake.set()
        return run

    def resume(self, run: Run, epochs: int | None = None) -> None:
        """Queue a run that has ended again; RunError if it cannot be resumed."""
        run.resume(epochs)
        self._wake.set()

    def warm(self, recipe: Recipe | None = None) -> None:
        """Be ready: a visitor may soon start a training, of `recipe` if that is known."""

    def stop(self, run: Run) -> None:
        """Stop a run that trains, keeping its weights, or remove it from the queue."""
        run.ask_to_stop()
        self._wake.set()

    def close(self) -> None:
        """End what this engine owns, and its thread."""
        self._closed = True
        self._wake.set()
        self._thread.join()

    def _supervise(self) -> None:
        while not self._closed:
            self._wake.wait(1.0)
            self._wake.clear()
            try:
                self._check()
            except Exception as error:
                # A full disk or a deleted run folder must not end the supervision.
                print(f"training engine: {error!r}", file=sys.stderr)
                time.sleep(1.0)
        self._end()

    def _check(self) -> None:
        """Start what can be started, and forget what has ended."""
        raise NotImplementedError

    def _end(self) -> None:
        """End what this engine owns."""
        raise NotImplementedError
