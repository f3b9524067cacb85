"""The program that makes a map of the test set: each image a point, near those that the network holds alike.

    map.npz        points float16 (n, 2), in the test set's order, within -1..1

What the last hidden layer puts out is laid into two dimensions with t-SNE (van der Maaten and Hinton 2008,
scikit-learn's). The app starts it as `python -m mnist_core.map` and writes one line to its standard
input, the run's folder, which stays open as a leash. It prints how far it is, 0 to 1, a line each.
"""

import contextlib
import io
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mnist_core.data import sources
from mnist_core.files import whole
from mnist_core.jobs import leash
from mnist_core.runs.run import Run

ITERATIONS = 750
_PREPARED = 0.1  # of the whole, before the iterations begin


def make(run: Run, images: np.ndarray, report: Callable[[float], None]) -> None:
    """Write map.npz for the run's model and the test `images` uint8 (n, 28, 28)."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    features = _features(run, images)
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

    from mnist_core.training.models import network_of

    network = network_of(keras.saving.load_model(run.model_path))
    hidden = keras.Model(network.inputs, network.layers[-2].output)
    values = hidden.predict(images, batch_size=500, verbose=0)
    return values.reshape(len(values), -1)


def main() -> int:
    """The exit status is 0 once the map is there; standard error says why else."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Threads that wait for each other must not keep the processor from who works: a training, say.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    folder = leash.lines(lambda: os._exit(1)).get()
    if hasattr(os, "nice"):
        os.nice(10)  # who trains or draws goes first
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what others print is none
    try:
        test = sources.load(download=False).test
        make(Run(Path(folder)), test.images, lambda share: print(share, file=answers, flush=True))
        return 0
    except Exception as error:
        print(str(error) or repr(error), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
