"""Pieces of Markdown: escaped text, tables, pictures inside the text."""

import base64
import io
import re
from collections.abc import Sequence

import numpy as np
from PIL import Image

SVG = "image/svg+xml"
_SPECIAL = re.compile(r"([\\`*_\[\]<>&~|$])")
_BEGIN = re.compile(r"^(\d*)([#+\-=.)])(?=[\s#=\-]|$)")  # makes a heading or a list at the beginning of a line


def escaped(text: str) -> str:
    """Text of a visitor's as it was written: nothing in it is a heading, a link or HTML."""
    return _BEGIN.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", " ".join(text.split())))


def heading(level: int, words: str) -> str:
    return f"{'#' * level} {words}"


def table(headings: Sequence[str], rows: Sequence[Sequence[object]], right: int | None = None) -> str:
    """A table; the columns from the number `right` on are aligned to the right."""
    marks = ["---:" if right is not None and column >= right else "---" for column in range(len(headings))]
    lines = [headings, marks, *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def picture(images: np.ndarray, alt: str, zoom: int = 2) -> str:
    """Images uint8 (n, 28, 28) side by side, black on white as on paper, as a PNG inside the text."""
    framed = np.pad(255 - images, ((0, 0), (1, 1), (1, 1)), constant_values=255)
    row = np.concatenate(list(framed), axis=1).repeat(zoom, 0).repeat(zoom, 1)
    file = io.BytesIO()
    Image.fromarray(row).save(file, "PNG", optimize=True)
    return inside(file.getvalue(), "image/png", alt)


def inside(content: bytes, kind: str, alt: str) -> str:
    """A picture as a data URI."""
    return f"![{escaped(alt)}](data:{kind};base64,{base64.b64encode(content).decode()})"
