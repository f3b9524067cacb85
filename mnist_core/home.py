"""The one folder in which the app keeps what it makes.

$MNIST_HOME              default: var/ beside app.py
    downloads/           MNIST, once it was downloaded
    stand-in.npz         digits the code drew, where MNIST cannot be had
    other_handwriting/   training images in forms that MNIST lacks (data/other_handwriting.py)
    my-digits/           the visitors' own (data/my_digits.py)
    runs/<run id>/       one folder a run (see runs/run.py)
"""

import os
from pathlib import Path


def home() -> Path:
    """The folder named by $MNIST_HOME, else `var/` beside app.py. It need not exist yet."""
    return Path(os.environ.get("MNIST_HOME") or Path(__file__).parents[1] / "var").resolve()
