"""A map of the test set: a point for each image, close to images with a similar last hidden layer.

    map.npz        points    float16 (n, 2), in the test set's order, within -1..1
                   features  int8 (n, k), the layer's output projected on k principal components, in `unit`s
                   unit      float32 ()
                   mean, axes  float32 (d,), float16 (d, k): features = (output - mean) @ axes
                   model     the checksum of the model that it belongs to (runs/seal.py), or ""

The program mnist_core/map.py makes it. A map from an earlier version may have only points: it can be shown, but
further images cannot be placed on it.
"""

from dataclasses import dataclass

import numpy as np

from mnist_core.language.messages import message
from mnist_core.runs import seal
from mnist_core.runs.run import Run

NEAREST = 10


@dataclass(frozen=True)
class Place:
    """An image's position on a map: x and y within -1..1, and the nearest test images, nearest first."""

    x: float
    y: float
    nearest: np.ndarray


@dataclass(frozen=True)
class Map:
    """`points` float32 (n, 2), and the arrays for placing further images (see above), None in an old map."""

    points: np.ndarray
    features: np.ndarray | None = None
    unit: float = 1.0
    mean: np.ndarray | None = None
    axes: np.ndarray | None = None

    @property
    def has_places(self) -> bool:
        """Whether further images can be placed on it."""
        return self.features is not None

    def place(self, hidden: np.ndarray, but: np.ndarray | None = None) -> Place:
        """The place of an image whose last hidden layer outputs `hidden` float (d,).

        It is the median position of the NEAREST test images, except those marked in `but`, bool (n,).
        ValueError if the map cannot place images, or the layer has another size.
        """
        if not self.has_places or hidden.shape != self.mean.shape:
            raise ValueError(
                message("This map belongs to a different network or an older version: make it again.")
            )
        features = (hidden - self.mean) @ self.axes / self.unit
        distances = ((self.features - features) ** 2).sum(1)
        if but is not None:
            distances[but] = np.inf
        nearest = np.argsort(distances, kind="stable")[:NEAREST]
        x, y = np.median(self.points[nearest], axis=0)
        return Place(float(x), float(y), nearest)


def load_map(run: Run) -> Map | None:
    """The run's map; None if it has none, or it is damaged or another model's: it can be made again."""
    try:
        with np.load(run.map_path, allow_pickle=False) as file:
            arrays = {name: file[name].astype(np.float32) for name in file.files if name != "model"}
            model = str(file["model"]) if "model" in file.files else ""
        if model and model != seal.sum_of(run.folder, run.model_path.name):
            return None
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
