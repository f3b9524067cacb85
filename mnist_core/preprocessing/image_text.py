"""An image of 28 x 28 pixels as text, short enough for a link."""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

import numpy as np

from mnist_core.language.messages import message
from mnist_core.preprocessing.preprocess import SIZE


def to_text(image: np.ndarray) -> str:
    """An image uint8 (28, 28) as letters, digits, "-" and "_"; about 300 for a digit."""
    return urlsafe_b64encode(zlib.compress(image.tobytes(), 9)).decode("ascii").rstrip("=")


def from_text(text: str) -> np.ndarray:
    """The image uint8 (28, 28) that `to_text` wrote. ValueError if the text is damaged."""
    try:
        packed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        pixels = zlib.decompressobj().decompress(packed, SIZE * SIZE + 1)  # never more, whatever the link holds
        return np.frombuffer(pixels, np.uint8).reshape(SIZE, SIZE)
    except (ValueError, zlib.error) as error:
        raise ValueError(message("The image in this link is damaged.")) from error
