"""The folder in which the app keeps everything it writes.

$MNIST_HOME              default: var/ beside app.py
    downloads/           MNIST, once downloaded
    stand-in.npz         digits drawn by code, used when MNIST cannot be downloaded
    other_handwriting/   training images of shapes that MNIST lacks (data/other_handwriting.py)
    my-digits/           the visitors' own digits (data/my_digits.py)
    exports/<run id>/    exported files that take time to make (exchange/formats.py)
    runs/<run id>/       one folder a run (runs/run.py)
    trash/               what was deleted, for a day (trash.py)
    incoming/<run id>/   a file from outside that becomes a run (exchange/vetting.py)
"""

import os
from pathlib import Path


def home() -> Path:
    """The folder named by $MNIST_HOME, else `var/` beside app.py. It need not exist yet."""
    return Path(os.environ.get("MNIST_HOME") or Path(__file__).parents[1] / "var").resolve()
