"""The program that makes a map of the test set (explain/map.py describes the map).

It projects the output of the network's last hidden layer to two dimensions with t-SNE (van der Maaten and
Hinton 2008), as openTSNE does it, with interpolation (Linderman et al. 2019; Poličar, Stražar and Zupan 2024).
The app starts it as `python -m mnist_core.map` and writes the run's folder as one line to its standard input,
which stays open as a leash. The program prints its progress, 0 to 1, one number a line.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mnist_core.data import sources
from mnist_core.files import whole
from mnist_core.jobs import leash
from mnist_core.language.messages import message
from mnist_core.runs import seal
from mnist_core.runs.run import Run, RunError

DIRECTIONS = 50  # principal components of the layer's output from which the points are computed
KEPT_DIRECTIONS = 30  # of these: saved to place further images
PERPLEXITY = 30.0
FEW = 2000  # images: with fewer, Barnes-Hut is faster than the FFT grid
NICE = 8  # a training has 5 (train.py)
EARLY, LATER = 100, 250  # iterations, with and without exaggeration
_IMPORTED, _PREPARED = 0.2, 0.5  # progress before the network's predictions, and before the iterations


def make(run: Run, images: np.ndarray, report: Callable[[float], None]) -> None:
    """Write the run's map.npz for the test `images` uint8 (n, 28, 28)."""
    hidden = _hidden(run, images, report)
    mean, axes = _directions(hidden)
    features = (hidden - mean) @ axes
    report(_PREPARED)
    points = _points(features, lambda share: report(_PREPARED + (1 - _PREPARED) * share))
    features, axes = features[:, :KEPT_DIRECTIONS], axes[:, :KEPT_DIRECTIONS]
    unit = max(float(np.abs(features).max()) / 127, 1e-6)
    with whole(run.map_path) as file:
        np.savez_compressed(
            file,
            points=points.astype(np.float16),
            features=np.round(features / unit).astype(np.int8),
            unit=np.float32(unit),
            mean=mean,
            axes=axes.astype(np.float16),
            model=np.array(seal.sum_of(run.folder, run.model_path.name)),
        )


def _hidden(run: Run, images: np.ndarray, report: Callable[[float], None]) -> np.ndarray:
    """The output of the layer before the last, float32 (n, d). RunError if the run has no model."""
    if not run.has_model:
        raise RunError(
            message("Run {run} has no model yet: train it to its end, or choose another.", run=run.id)
        )
    import keras

    from mnist_core.training.models import network_of

    report(_IMPORTED)
    network = network_of(keras.saving.load_model(run.intact(run.model_path)))
    model = keras.Model(network.inputs, network.layers[-2].output)
    values, size = [], 1000
    for first in range(0, len(images), size):
        values.append(model.predict(images[first : first + size], batch_size=500, verbose=0))
        report(_IMPORTED + (_PREPARED - _IMPORTED) * min(1, (first + size) / len(images)))
    return np.concatenate(values).reshape(len(images), -1)


def _directions(hidden: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean float32 (d,) and the principal components float32 (d, k) of `hidden` (n, d)."""
    from sklearn.decomposition import PCA

    if min(hidden.shape) <= DIRECTIONS:
        mean = hidden.mean(0)
        return mean, np.linalg.svd(hidden - mean, full_matrices=False)[2].T
    found = PCA(DIRECTIONS, svd_solver="randomized", iterated_power=2, random_state=0).fit(hidden)
    return found.mean_.astype(np.float32), found.components_.T.astype(np.float32)


def _points(features: np.ndarray, report: Callable[[float], None]) -> np.ndarray:
    """The features (n, k) projected to two dimensions: float (n, 2) within -1..1."""
    from openTSNE import TSNEEmbedding, affinity, initialization

    done = 0

    def told(iteration: int, error: float, embedding: np.ndarray) -> None:
        report((done + iteration) / (EARLY + LATER))

    # Noise: images whose active units are all 0 would otherwise be identical, at distance 0.
    features = features + np.random.default_rng(0).normal(0, 1e-6, features.shape)
    ways = {"n_jobs": os.cpu_count(), "random_state": 0}
    perplexity = min(PERPLEXITY, (len(features) - 1) / 3)
    alike = affinity.PerplexityBasedNN(features, perplexity=perplexity, method="exact", **ways)
    begin = initialization.pca(features, random_state=0)
    # For many points a coarser grid than openTSNE's default is as good and takes a third of the time.
    method = {"negative_gradient_method": "fft", "ints_in_interval": 2}
    if len(features) < FEW:
        method = {"negative_gradient_method": "bh"}
    embedding = TSNEEmbedding(begin, alike, **ways, **method, callbacks=told, callbacks_every_iters=10)
    embedding = embedding.optimize(n_iter=EARLY, exaggeration=12, momentum=0.5)
    done = EARLY
    points = np.asarray(embedding.optimize(n_iter=LATER, momentum=0.8))
    middle, reach = (points.max(0) + points.min(0)) / 2, np.ptp(points, axis=0).max() / 2
    return (points - middle) / reach


def main() -> int:
    """Make the map. The exit status is 0 once it is written; otherwise standard error says why."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Waiting threads must not take CPU time from other processes, such as a training.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    folder = leash.lines(lambda: os._exit(1)).get()
    if hasattr(os, "nice"):
        os.nice(max(0, NICE - os.nice(0)))  # training and drawing come first
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # keeps libraries' prints out of the progress output
    try:
        test = sources.load(download=False).test
        make(Run(Path(folder)), test.images, lambda share: print(share, file=answers, flush=True))
        return 0
    except Exception as error:
        print(str(error) or repr(error), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
