"""Small pictures of numbers with their names, in a grid or in rows, with the colour scale that they share.

As HTML in one piece, since Streamlit's own images would take the browser seconds for a hundred. The names are
text, for screen readers and for every language.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from mnist_core.language.messages import _
from pages.components.images.pictures import signed, signed_gradient

_STYLE = """<style>
.plates { display: grid; gap: 0.6rem 0.5rem; max-width: 44rem;
    grid-template-columns: repeat(8, minmax(0, 1fr)) }
.plates.ten { grid-template-columns: repeat(5, minmax(0, 1fr)) }
.plates.small { gap: 0.4rem }
@media (max-width: 640px) {
    .plates:not(.ten, .small, .rows) { grid-template-columns: repeat(4, minmax(0, 1fr)) }
}
.plates.rows { gap: 2px 0.6rem; grid-template-columns: 1fr }
.plates figure { margin: 0; display: flex; flex-direction: column; align-items: center; gap: 0.15rem }
.plates.rows figure { flex-direction: row-reverse; gap: 0.6rem }
.plates img { display: block; width: 100%; max-width: none; border-radius: 3px; image-rendering: pixelated;
    outline: 1px solid rgb(128 128 128 / 0.35); outline-offset: -1px }
.plates.rows img { height: 1.15rem; min-width: 0; flex: 1 }
.plates figcaption { font-size: 0.8rem; line-height: 1.2; opacity: 0.75; font-variant-numeric: tabular-nums }
.plates.ten figcaption { font-size: 1rem; font-weight: 650; opacity: 1 }
.plates.small figcaption { font-size: 0.7rem }
.plates.rows figcaption { flex: none; width: 1.6rem; text-align: right }
.colour-scale { display: flex; align-items: center; gap: 0.5rem; font-size: 0.8rem; opacity: 0.85 }
.colour-scale i { height: 0.55rem; width: min(10rem, 35vw); border-radius: 3px }
</style>"""


@dataclass(frozen=True)
class Plate:
    """A picture of `values` float (height, width), its name, and what it is where it cannot be seen."""

    values: np.ndarray
    name: str
    alt: str


def show_plates(plates: Sequence[Plate], largest: float, kind: str = "") -> None:
    """The plates with one colour scale that ends at `largest`.

    `kind` is "ten" for the ten digits in two rows, "small" for few pixels, "rows" for rows of pixels.
    """
    st.html(_STYLE)  # separate: a changed style makes the browser recompute the whole page
    st.html(f'<div class="plates {kind}">{"".join(_plate(plate, largest) for plate in plates)}</div>')


def show_scale(largest: float) -> None:
    """The colours from -`largest` to `largest`."""
    end, label = _number(largest), _("the colour scale, from {low} to {high}", **_ends(largest))
    st.html(
        f'<div class="colour-scale" role="img" aria-label="{html.escape(label)}">−{end}'
        f'<i style="background:{signed_gradient()}"></i>+{end}</div>'
    )


def _plate(plate: Plate, largest: float) -> str:
    # decoding=sync: otherwise a new picture is blank for a moment, and an animation flickers.
    return (
        f'<figure><img decoding="sync" src="{signed(plate.values, largest)}" alt="{html.escape(plate.alt)}">'
        f"<figcaption>{html.escape(plate.name)}</figcaption></figure>"
    )


def _ends(largest: float) -> dict[str, str]:
    return {"low": f"−{_number(largest)}", "high": f"+{_number(largest)}"}


def _number(value: float) -> str:
    return f"{value:.2g}" if value < 100 else f"{value:.0f}"
