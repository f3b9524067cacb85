"""A map of the test set: each image a point, near those that the network holds alike.

    map.npz        points float16 (n, 2), in the test set's order, within -1..1

The program mnist_core/map.py makes it.
"""

import numpy as np

from mnist_core.runs.run import Run


def load_map(run: Run) -> np.ndarray | None:
    """The points float32 (n, 2) of the run's map; None where it has none, or a damaged one."""
    try:
        with np.load(run.map_path, allow_pickle=False) as file:
            points = file["points"].astype(np.float32)
        return points if points.ndim == 2 and points.shape[1] == 2 else None
    except Exception:  # a damaged archive can raise nearly anything
        return None
