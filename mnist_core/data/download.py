"""Downloads MNIST from Keras's server, or from a public mirror of the four IDX files.

A download goes into its own folder inside the target folder, is checked byte by byte there, and is moved
into place once complete, so that two processes that download at once both succeed.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import requests

from mnist_core.data.mnist import IDX_FILES, DataError, Progress, read_folder
from mnist_core.language.messages import Message, message, said_by, sentences

_MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist"
SOURCES: tuple[tuple[str, ...], ...] = (
    ("https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",),
    tuple(f"{_MIRROR}/{file}.gz" for file in IDX_FILES),
)
TIMEOUTS = (10, 30)  # seconds to connect, seconds without a byte
DEADLINE = 600  # seconds for one file in total
CERTIFICATE, PROXY = message("Its certificate is not trusted."), message("The proxy refused the connection.")
MAX_BYTES = 30_000_000  # MNIST's largest file has 11.5 million


class DownloadError(Exception):
    """MNIST could not be downloaded; the message gives each source's answer and what to do."""


def fetch(folder: Path, progress: Progress, sources: Sequence[Sequence[str]] = SOURCES) -> Path:
    """Download MNIST into `folder` and return it; DownloadError if every source fails."""
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    reasons: list[Message | str] = []
    said: list[Message] = []
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
            reasons.append(_reason(error))
            said.append(message("{host}: {reason}", host=urls[0].split("/")[2], reason=reasons[-1]))
    raise DownloadError(sentences([message("MNIST could not be downloaded."), *said, *_advice(reasons)]))


def _fetch_file(url: str, folder: Path, progress: Progress) -> Path:
    path, begin, done = folder / url.rsplit("/", 1)[1], time.monotonic(), 0
    with requests.get(url, stream=True, timeout=TIMEOUTS) as response, path.open("wb") as file:
        response.raise_for_status()
        total = int(response.headers.get("Content-Length", 0))
        for chunk in response.iter_content(1 << 16):
            done += file.write(chunk)
            progress(path.name, done, total)
            if done > MAX_BYTES:
                raise DataError(message("It sent more than {number:,} bytes.", number=MAX_BYTES))
            if time.monotonic() - begin > DEADLINE:
                raise TimeoutError(message("It was not done after {number} seconds.", number=DEADLINE))
    return path


def _sweep(folder: Path) -> None:
    """Remove what killed downloads left behind: anything older than a download may take."""
    for unfinished in folder.glob("unfinished-*"):
        with suppress(FileNotFoundError):  # its download has just ended
            if time.time() - unfinished.stat().st_mtime > 5 * DEADLINE:
                shutil.rmtree(unfinished, ignore_errors=True)


def _advice(reasons: Sequence[Message | str]) -> Iterator[Message]:
    """What the user can do about these problems."""
    if CERTIFICATE in reasons:
        yield message(
            "Your network signs connections with a certificate of its own: set $REQUESTS_CA_BUNDLE to its file "
            "and try again."
        )
    elif PROXY in reasons:
        yield message("Set $HTTPS_PROXY and $HTTP_PROXY to your network's proxy, or unset them, and try again.")
    else:
        yield message("Connect to the internet and try again.")
    yield message("Or put mnist.npz, or the four IDX files, into a folder and set $MNIST_DIR to it.")


def _reason(error: Exception) -> Message | str:
    # Both are subclasses of ConnectionError.
    if isinstance(error, requests.exceptions.SSLError):
        return CERTIFICATE
    if isinstance(error, requests.exceptions.ProxyError):
        return PROXY
    # While content is being read, requests raises a time-out as ConnectionError.
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return message("It timed out.")
    if isinstance(error, requests.ConnectionError):
        return message("There is no connection.")
    if isinstance(error, requests.HTTPError):
        return message("It answered {status}.", status=error.response.status_code)
    return said_by(error)
