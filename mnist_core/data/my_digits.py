"""The visitor's own digits, with their strokes and labels.

    <home>/my-digits/<owner>/20261121-161203123-7-4f2a.json
        {"label": 7, "strokes": [[[x, y], ...], ...] or null, "image": 28 rows of 56 hexadecimal digits}

One file a digit, written in one step. `image` is the digit's input to a model. The owner is a visitor of a
server that many share; on one's own machine the files are in my-digits itself.
"""

import io
import json
import re
import secrets
import time
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from mnist_core.data.mnist import Split
from mnist_core.files import in_words, write_json
from mnist_core.language.messages import message
from mnist_core.preprocessing.preprocess import Stroke
from mnist_core.trash import Deleted, Trash

MOST = 2000
_ID = re.compile(r"[0-9-]+-[0-9]-[0-9a-f]{4}")
_LARGEST_FILE = 5_000_000  # bytes of an imported file after unpacking


class _TooLargeError(ValueError):
    """A file that holds more than is kept."""


@dataclass(frozen=True)
class MyDigit:
    """One digit: its label 0..9, its image uint8 (28, 28), and its strokes if it was drawn here."""

    id: str
    label: int
    image: np.ndarray
    strokes: Sequence[Stroke] | None


class Digits(ABC):
    """Digits that can be looked at and taken away."""

    @abstractmethod
    def ids(self) -> list[str]:
        """The ids of all digits, oldest first."""

    @abstractmethod
    def get(self, id_: str) -> MyDigit | None:
        """The digit; None if it was deleted or its file is damaged."""

    def list(self) -> list[MyDigit]:
        """All readable digits, oldest first."""
        return [digit for id_ in self.ids() if (digit := self.get(id_))]

    def split(self) -> Split:
        """Images uint8 (n, 28, 28) and labels uint8 (n,), oldest first."""
        digits = self.list()
        images = np.array([digit.image for digit in digits], np.uint8).reshape(-1, 28, 28)
        return Split(images, np.array([digit.label for digit in digits], np.uint8))

    def as_npz(self) -> bytes:
        """The digits as a NumPy archive with `images` and `labels` as in `split`."""
        file, split = io.BytesIO(), self.split()
        np.savez_compressed(file, images=split.images, labels=split.labels)
        return file.getvalue()

    def as_zip(self) -> bytes:
        """A zip with a 28 x 28 PNG for each digit, in a folder named after its label."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for digit in self.list():
                picture = io.BytesIO()
                Image.fromarray(digit.image).save(picture, "PNG")
                archive.writestr(f"{digit.label}/{digit.id.replace('/', '-')}.png", picture.getvalue())
        return file.getvalue()


@dataclass(frozen=True)
class MyDigits(Digits):
    """Owns the folder of a visitor's digits. `owner` is the visitor's id, "" on one's own machine."""

    home: Path
    owner: str = ""

    @property
    def folder(self) -> Path:
        return self.home / "my-digits" / self.owner

    @in_words()
    def add(self, label: int, image: np.ndarray, strokes: Sequence[Stroke] | None = None) -> MyDigit:
        """Save a digit; one that is already there is not saved twice.

        ValueError if the label or the image is invalid, or MOST digits are already saved.
        """
        if label not in range(10) or image.shape != (28, 28) or image.dtype != np.uint8:
            raise ValueError(message("A digit has a label from 0 to 9 and an image uint8 (28, 28)."))
        ids = self.ids()
        for id_ in (id_ for id_ in ids if id_[-6] == f"{label}"):
            if (kept := self.get(id_)) and np.array_equal(kept.image, image):
                return kept
        if len(ids) >= MOST:
            raise ValueError(message("There are {limit:,} digits already: delete some first.", limit=MOST))
        return self._write(int(label), image, strokes)

    def _write(self, label: int, image: np.ndarray, strokes: Sequence[Stroke] | None) -> MyDigit:
        self.folder.mkdir(parents=True, exist_ok=True)
        now = time.time()
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now)) + f"{int(now * 1000) % 1000:03d}"
        made = MyDigit(f"{stamp}-{label}-{secrets.token_hex(2)}", label, image, strokes)
        rows = [row.tobytes().hex() for row in image]
        lines = [[[float(x), float(y)] for x, y in stroke] for stroke in strokes] if strokes else None
        write_json(self.folder / f"{made.id}.json", {"label": label, "strokes": lines, "image": rows})
        return made

    def ids(self) -> list[str]:
        """The ids of all digits, oldest first."""
        paths = self.folder.glob("*.json") if self.folder.is_dir() else ()
        return sorted(path.stem for path in paths if _ID.fullmatch(path.stem))

    @in_words()
    def delete(self, id_: str) -> Deleted | None:
        """Delete a digit, which can be restored for a day (trash.py); None if it does not exist."""
        path = self.folder / f"{id_}.json"
        if not _ID.fullmatch(id_) or not path.exists():
            return None
        return Trash(self.home).put("digit", path, id_[-6], self.owner)

    @in_words()
    def bring(self, content: bytes) -> int:
        """Add digits from a file of `as_npz` or `as_zip`, except those already there; returns the number added.

        ValueError, with nothing added, if the file is anything else or there would be more than MOST digits.
        """
        images, labels = _unpacked(content)
        known = {(digit.label, digit.image.tobytes()) for digit in self.list()}
        brought = {(int(label), image.tobytes()): (image, label) for image, label in zip(images, labels)}
        new = [brought[digit] for digit in brought if digit not in known]
        if len(known) + len(new) > MOST:
            raise ValueError(
                message("With these there would be more than {limit:,} digits: delete some first.", limit=MOST)
            )
        for image, label in new:
            self._write(int(label), image, None)
        return len(new)

    def get(self, id_: str) -> MyDigit | None:
        """The digit; None if it was deleted or its file is damaged."""
        try:
            data = json.loads((self.folder / f"{id_}.json").read_text("utf-8"))
            image = np.frombuffer(bytes.fromhex("".join(data["image"])), np.uint8).reshape(28, 28)
            return MyDigit(id_, int(data["label"]), image, data["strokes"])
        except (OSError, ValueError, KeyError, TypeError):
            return None


@dataclass(frozen=True)
class EverybodysDigits(Digits):
    """The digits of all owners, to look at. An id is that of the owner and the digit's own, "<owner>/<id>"."""

    home: Path

    def owners(self) -> list[MyDigits]:
        """Each owner's digits: first those without an owner, where there are any."""
        folder = self.home / "my-digits"
        named = (path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else ()
        return [mine for owner in ("", *sorted(named)) if (mine := MyDigits(self.home, owner)).ids()]

    def ids(self) -> list[str]:
        found = [(id_, mine.owner) for mine in self.owners() for id_ in mine.ids()]
        return [f"{owner}/{id_}" for id_, owner in sorted(found)]

    def get(self, id_: str) -> MyDigit | None:
        owner, _, name = id_.rpartition("/")
        digit = MyDigits(self.home, owner).get(name)
        return digit and replace(digit, id=id_)


def _png(content: bytes) -> np.ndarray:
    """A 28 x 28 PNG's image; the size in the header is checked before a pixel is decoded."""
    with Image.open(io.BytesIO(content), formats=["PNG"]) as picture:
        if picture.size != (28, 28):
            raise ValueError("not 28 x 28")
        return np.asarray(picture.convert("L"))


def _unpacked(content: bytes) -> tuple[np.ndarray, np.ndarray]:
    wrong = message("This is not a file of digits: use an .npz or .zip file that was downloaded here.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(info.file_size for info in archive.infolist()) > _LARGEST_FILE:
                raise _TooLargeError(
                    message("The file holds more than {limit} MB.", limit=_LARGEST_FILE // 1_000_000)
                )
            names = archive.namelist()
            if {"images.npy", "labels.npy"} <= set(names):
                arrays = np.load(io.BytesIO(content), allow_pickle=False)
                images, labels = arrays["images"], arrays["labels"]
            else:
                pngs = [name for name in names if name.endswith(".png")]
                if len(pngs) > MOST:
                    raise _TooLargeError(message("The file holds more than {limit:,} pictures.", limit=MOST))
                images = np.array([_png(archive.read(name)) for name in pngs])
                labels = np.array([int(PurePosixPath(name).parent.name) for name in pngs])
    except _TooLargeError:
        raise
    except Exception as error:  # a damaged or forged archive can raise nearly anything
        raise ValueError(wrong) from error
    whole = images.dtype == np.uint8 and images.ndim == 3 and images.shape == (len(labels), 28, 28)
    are_digits = labels.ndim == 1 and labels.dtype.kind in "iu" and np.isin(labels, range(10)).all()
    if not whole or not are_digits or not len(labels):
        raise ValueError(wrong)
    if not images.any((1, 2)).all():
        raise ValueError(message("The file holds images without any ink."))
    return images, labels
