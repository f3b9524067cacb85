"""The pen digits that a run is trained on in addition to MNIST, kept in its folder so that it can resume.

pen.npz    images uint8 (n, 28, 28), labels uint8 (n,)
"""

import numpy as np

from mnist_core.data.mnist import Split
from mnist_core.files import whole
from mnist_core.runs.run import Run

_FILE = "pen.npz"


def keep(run: Run, digits: Split) -> None:
    """Save the digits, so that the run is trained on them, too."""
    with whole(run.folder / _FILE) as file:
        np.savez_compressed(file, images=digits.images, labels=digits.labels)


def forget(run: Run) -> None:
    """Delete the digits: a run that ships with the app must not contain people's digits."""
    (run.folder / _FILE).unlink(missing_ok=True)


def digits_of(run: Run) -> Split | None:
    """The digits saved by `keep`; None for a run that is trained on MNIST alone."""
    try:
        with np.load(run.intact(run.folder / _FILE), allow_pickle=False) as file:
            return Split(file["images"], file["labels"])
    except FileNotFoundError:
        return None
