"""A map of the test set: each image a point, near those that the network's last hidden layer holds alike.

    map.npz        points    float16 (n, 2), in the test set's order, within -1..1
                   features  int8 (n, k), what the layer puts out in its k strongest directions, in `unit`s
                   unit      float32 ()
                   mean, axes  float32 (d,), float16 (d, k): features = (output - mean) @ axes

The program mnist_core/map.py makes it. A map of a version before has points alone: it can be shown, but
no further image has its place on it.
"""

from dataclasses import dataclass

import numpy as np

from mnist_core.runs.run import Run

NEAREST = 10


@dataclass(frozen=True)
class Place:
    """Where an image is on a map: x and y within -1..1, and the test images next to it, the nearest first."""

    x: float
    y: float
    nearest: np.ndarray


@dataclass(frozen=True)
class Map:
    """`points` float32 (n, 2), and what a further image's place needs (see above), None in an old map."""

    points: np.ndarray
    features: np.ndarray | None = None
    unit: float = 1.0
    mean: np.ndarray | None = None
    axes: np.ndarray | None = None

    @property
    def has_places(self) -> bool:
        """Whether further images have a place on it."""
        return self.features is not None

    def place(self, hidden: np.ndarray, but: np.ndarray | None = None) -> Place:
        """The place of an image for which the last hidden layer puts out `hidden` float (d,).

        It is the median of the places of the NEAREST test images, `but` for some, by bool (n,). ValueError
        where the layer is another.
        """
        if not self.has_places or hidden.shape != self.mean.shape:
            raise ValueError("this map belongs to a different network or an older version: make it again")
        features = (hidden - self.mean) @ self.axes / self.unit
        distances = ((self.features - features) ** 2).sum(1)
        if but is not None:
            distances[but] = np.inf
        nearest = np.argsort(distances, kind="stable")[:NEAREST]
        x, y = np.median(self.points[nearest], axis=0)
        return Place(float(x), float(y), nearest)


def load_map(run: Run) -> Map | None:
    """The run's map; None where it has none, or a damaged one."""
    try:
        with np.load(run.map_path, allow_pickle=False) as file:
            arrays = {name: file[name].astype(np.float32) for name in file.files}
    except Exception:  # a damaged archive can raise nearly anything
        return None
    points = arrays.get("points")
    if points is None or points.ndim != 2 or points.shape[1] != 2:
        return None
    if not {"features", "unit", "mean", "axes"} <= set(arrays):
        return Map(points)
    features, mean, axes = arrays["features"], arrays["mean"], arrays["axes"]
    is_whole = features.shape == (len(points), axes.shape[-1]) and axes.shape[:1] == mean.shape
    return Map(points, features, float(arrays["unit"]), mean, axes) if is_whole else None
