"""The folder in which the app keeps everything it writes.

$MNIST_HOME              default: var/ beside app.py
    version              the version of this layout: 1
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
    sweeps/<sweep id>/   which runs belong to a sweep (sweeps/store.py)
    trash/               what was deleted, for a day (trash.py)
    incoming/<run id>/   a file from outside that becomes a run (exchange/vetting.py)
"""

import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from mnist_core.language.messages import message

VERSION = 1


class HomeError(ValueError):
    """A folder that a later version of the app has written; the message says what to do."""


def home() -> Path:
    """The folder named by $MNIST_HOME, else `var/` beside app.py. It need not exist yet."""
    return _resolved(os.environ.get("MNIST_HOME") or f"{Path(__file__).parents[1] / 'var'}")


@lru_cache(maxsize=64)
def _resolved(folder: str) -> Path:
    """Resolved once: it takes 100 microseconds, and pages ask several times for each stroke."""
    return Path(folder).resolve()


def settle(folder: Path) -> None:
    """Mark the home folder with this version's number, if it exists and has none.

    HomeError, with nothing changed, if a later version has written it.
    """
    path = folder / "version"
    try:
        written = int(path.read_text("utf-8"))
    except FileNotFoundError:
        if folder.is_dir():
            with suppress(OSError):  # such as a read-only disk, where nothing will be written anyway
                path.write_text(f"{VERSION}\n", "utf-8")
        return
    except (OSError, ValueError):  # an unreadable number says nothing
        return
    if written > VERSION:
        raise HomeError(
            message(
                "A later version of MNIST Studio has written the app's files (layout {theirs}; this version "
                "knows {ours}). Update the app, or set $MNIST_HOME to another folder. Nothing was changed.",
                theirs=written,
                ours=VERSION,
            )
        )
