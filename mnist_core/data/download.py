"""Downloads MNIST from Keras's server, or from a public mirror of the four IDX files.

A download goes into its own folder inside the target folder, is checked byte by byte there, and is moved
into place once complete, so that two processes that download at once both succeed.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import requests

from mnist_core.data.mnist import IDX_FILES, DataError, Progress, read_folder

_MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist"
SOURCES: tuple[tuple[str, ...], ...] = (
    ("https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",),
    tuple(f"{_MIRROR}/{file}.gz" for file in IDX_FILES),
)
TIMEOUTS = (10, 30)  # seconds to connect, seconds without a byte
DEADLINE = 600  # seconds for one file in total
CERTIFICATE, PROXY = "its certificate is not trusted", "the proxy refused the connection"
MAX_BYTES = 30_000_000  # MNIST's largest file has 11.5 million


class DownloadError(Exception):
    """MNIST could not be downloaded; the message gives each source's answer and what to do."""


def fetch(folder: Path, progress: Progress, sources: Sequence[Sequence[str]] = SOURCES) -> Path:
    """Download MNIST into `folder` and return it; DownloadError if every source fails."""
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    problems = []
    for urls in sources:
        try:
            with tempfile.TemporaryDirectory(dir=folder, prefix="unfinished-") as unfinished:
                files = [_fetch_file(url, Path(unfinished), progress) for url in urls]
                read_folder(Path(unfinished))
                for file in files:
                    os.replace(file, folder / file.name)
                if len(files) > 1:
                    # A valid file would have been used instead of downloading.
                    (folder / "mnist.npz").unlink(missing_ok=True)
            return folder
        except (requests.RequestException, DataError, OSError, TimeoutError) as error:
            problems.append(f"{urls[0].split('/')[2]} ({_reason(error)})")
    raise DownloadError(
        f"MNIST could not be downloaded from {' nor from '.join(problems)}; {_advice(problems)}, or put "
        "mnist.npz or the four IDX files into a folder and name it in $MNIST_DIR"
    )


def _fetch_file(url: str, folder: Path, progress: Progress) -> Path:
    path, begin, done = folder / url.rsplit("/", 1)[1], time.monotonic(), 0
    with requests.get(url, stream=True, timeout=TIMEOUTS) as response, path.open("wb") as file:
        response.raise_for_status()
        total = int(response.headers.get("Content-Length", 0))
        for chunk in response.iter_content(1 << 16):
            done += file.write(chunk)
            progress(path.name, done, total)
            if done > MAX_BYTES:
                raise DataError(f"more than {MAX_BYTES:,} bytes")
            if time.monotonic() - begin > DEADLINE:
                raise TimeoutError(f"not done after {DEADLINE} s")
    return path


def _sweep(folder: Path) -> None:
    """Remove what killed downloads left behind: anything older than a download may take."""
    for unfinished in folder.glob("unfinished-*"):
        with suppress(FileNotFoundError):  # its download has just ended
            if time.time() - unfinished.stat().st_mtime > 5 * DEADLINE:
                shutil.rmtree(unfinished, ignore_errors=True)


def _advice(problems: list[str]) -> str:
    """What the user can do about these problems."""
    if any(CERTIFICATE in problem for problem in problems):
        return (
            "your network signs connections with a certificate of its own: name its file in "
            "$REQUESTS_CA_BUNDLE and try again"
        )
    if any(PROXY in problem for problem in problems):
        return "set $HTTPS_PROXY and $HTTP_PROXY to your network's proxy, or unset them, and try again"
    return "connect to the internet and try again"


def _reason(error: Exception) -> str:
    # Both are subclasses of ConnectionError.
    if isinstance(error, requests.exceptions.SSLError):
        return CERTIFICATE
    if isinstance(error, requests.exceptions.ProxyError):
        return PROXY
    # While content is being read, requests raises a time-out as ConnectionError.
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return "timed out"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    if isinstance(error, requests.HTTPError):
        return f"answered {error.response.status_code}"
    return str(error)
