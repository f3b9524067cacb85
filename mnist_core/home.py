"""The folder in which the app keeps everything it writes.

$MNIST_HOME              default: var/ beside app.py
    downloads/           MNIST, once downloaded
    stand-in.npz         digits drawn by code, used when MNIST cannot be downloaded
    other_handwriting/   training images of shapes that MNIST lacks (data/other_handwriting.py)
    my-digits/           the visitors' own digits (data/my_digits.py)
    judgements/          what visitors say about test images (evaluation/judgements.py)
    visitors/            who has been here, on a server that many share (visitors/register.py)
    secret               the key that signs their cookies (visitors/cookie.py)
    limits.json          what a teacher allows them (runs/limits.py)
    hidden.json          what a teacher has hidden from them (visitors/hidden.py)
    exports/<run id>/    exported files that take time to make (exchange/formats.py)
    runs/<run id>/       one folder a run (runs/run.py)
    trash/               what was deleted, for a day (trash.py)
    incoming/<run id>/   a file from outside that becomes a run (exchange/vetting.py)
"""

import os
from functools import lru_cache
from pathlib import Path


def home() -> Path:
    """The folder named by $MNIST_HOME, else `var/` beside app.py. It need not exist yet."""
    return _resolved(os.environ.get("MNIST_HOME") or f"{Path(__file__).parents[1] / 'var'}")


@lru_cache(maxsize=64)
def _resolved(folder: str) -> Path:
    """Resolved once: it takes 100 microseconds, and pages ask several times for each stroke."""
    return Path(folder).resolve()
