"""The map of the test set: each image a point, near to those that the network holds for alike.

    map.npz        points float32 (n, 2), in the test set's order, within -1..1

What the last hidden layer puts out is laid into two dimensions with t-SNE (van der Maaten and Hinton 2008,
scikit-learn's). As a program, `python -m mnist_core.projection`, it reads one line from standard input,
the run's folder, makes that run's map, and prints how far it is, 0 to 1, a line each; standard
input stays open as a leash.
"""

import contextlib
import io
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mnist_core import data, leash
from mnist_core.files import whole
from mnist_core.run import Run

ITERATIONS = 750
_PREPARED = 0.1  # of the whole, before the iterations begin


def load(run: Run) -> np.ndarray | None:
    """The points float32 (n, 2) of the run's map; None where it has none, or a damaged one."""
    try:
        with np.load(run.map_path, allow_pickle=False) as file:
            points = file["points"].astype(np.float32)
        return points if points.ndim == 2 and points.shape[1] == 2 else None
    except Exception:  # a damaged archive can raise nearly anything
        return None


@dataclass
class _Job:
    progress: float = 0.0
    error: str = ""
    ended: bool = False


class Projector:
    """Owns the process that makes maps, one after the other. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Run] = queue.SimpleQueue()
        self._jobs: dict[Run, _Job] = {}
        self._popen: subprocess.Popen[bytes] | None = None
        threading.Thread(target=self._work, name="maps", daemon=True).start()

    def start(self, run: Run) -> None:
        """Make the run's map, after those asked for before; nothing where that is under way."""
        if self.progress(run) is None:
            self._jobs[run] = _Job()
            self._queue.put(run)

    def progress(self, run: Run) -> float | None:
        """How far the run's map is, 0 to 1; None where none is being made."""
        job = self._jobs.get(run)
        return job.progress if job and not job.ended else None

    def error(self, run: Run) -> str:
        """Why the last attempt at the run's map failed; "" where it did not."""
        job = self._jobs.get(run)
        return job.error if job else ""

    def close(self) -> None:
        """End what is being made."""
        if self._popen:
            self._popen.kill()

    def _work(self) -> None:
        while True:
            run = self._queue.get()
            job = self._jobs[run]
            try:
                self._hold(run, job)
            except (OSError, ValueError) as error:
                job.error = str(error)
            job.ended = True

    def _hold(self, run: Run, job: _Job) -> None:
        with tempfile.TemporaryFile() as words:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", "mnist_core.projection"],
                cwd=Path(__file__).parents[1],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words,
            )
            with self._popen as process:
                with contextlib.suppress(BrokenPipeError):  # it has died: its words say why
                    process.stdin.write(f"{run.folder}\n".encode())
                    process.stdin.flush()
                for line in process.stdout:
                    job.progress = float(line)
            if code := process.returncode:
                words.seek(0)
                said = words.read().decode("utf-8", "replace").strip().splitlines()
                job.error = said[-1] if said and code == 1 else f"its process ended with {code}"


def make(run: Run, images: np.ndarray, report: Callable[[float], None]) -> None:
    """Write map.npz for the run's model and the test `images` uint8 (n, 28, 28)."""
    report(0.0)
    features = _features(run, images)
    report(_PREPARED / 2)
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    if features.shape[1] > 50:
        features = PCA(50, random_state=0).fit_transform(features)
    report(_PREPARED)
    perplexity = min(30.0, (len(features) - 1) / 3)
    tsne = TSNE(2, init="pca", perplexity=perplexity, max_iter=ITERATIONS, random_state=0, verbose=2, n_jobs=-1)
    with contextlib.redirect_stdout(_Iterations(report)):
        points = tsne.fit_transform(features)
    middle, reach = (points.max(0) + points.min(0)) / 2, np.ptp(points, axis=0).max() / 2
    with whole(run.map_path) as file:
        np.savez_compressed(file, points=((points - middle) / reach).astype(np.float16))


class _Iterations(io.TextIOBase):
    """Takes what scikit-learn prints, which is its only word on how far it is."""

    def __init__(self, report: Callable[[float], None]) -> None:
        self._report = report

    def write(self, text: str) -> int:
        if found := re.search(r"Iteration (\d+):", text):
            self._report(_PREPARED + (1 - _PREPARED) * int(found[1]) / ITERATIONS)
        return len(text)


def _features(run: Run, images: np.ndarray) -> np.ndarray:
    """What the layer before the last puts out, float32 (n, units)."""
    import keras

    model = keras.saving.load_model(run.model_path)
    hidden = keras.Model(model.inputs, model.layers[-2].output)
    values = hidden.predict(images, batch_size=500, verbose=0)
    return values.reshape(len(values), -1)


def main() -> int:
    """The exit status is 0 once the map is there; standard error says why else."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    folder = leash.read_line()
    if not folder:
        return 0
    leash.hold(lambda: os._exit(1))
    if hasattr(os, "nice"):
        os.nice(10)  # who trains or draws goes first
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    try:
        make(
            Run(Path(folder)),
            data.load(download=False).test.images,
            lambda share: print(share, file=out, flush=True),
        )
        return 0
    except Exception as error:
        print(str(error) or repr(error), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
