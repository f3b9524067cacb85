"""Drawings to click, for who has no pen at hand."""

from functools import cache

import numpy as np
import streamlit as st

from mnist_core.language.messages import _
from mnist_core.preprocessing.examples import EXAMPLES
from mnist_core.preprocessing.preprocess import Stroke, from_strokes
from pages.components.canvas.canvas import put
from pages.components.images.tiles import Tile, show_tiles

_SIDE = 2.0  # rem: on a wide page all are in one row


def show_examples() -> None:
    """Clear digits, hard ones, and none; a click puts one on the canvas."""
    names = {"clear": _("easy to read"), "hard": _("hard to read"), "none": _("not a digit")}
    tiles = [Tile(place, names[kind], []) for place, (kind, _strokes) in enumerate(_all())]
    st.caption(_("Or click an example: easy to read, hard to read, or not a digit."))
    with st.container(width=540, key="examples"):
        show_tiles(_images(), tiles, "example-tiles", lambda place: put(_all()[place][1]), _SIDE)


@cache
def _all() -> list[tuple[str, list[Stroke]]]:
    return [(kind, drawing) for kind, drawings in EXAMPLES.items() for drawing in drawings]


@cache
def _images() -> np.ndarray:
    return np.stack([from_strokes(drawing) for _kind, drawing in _all()])
