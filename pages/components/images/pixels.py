"""One image in detail: its grey levels with a colour bar, and the number in each pixel."""

import numpy as np
import streamlit as st

from mnist_core.language.messages import _
from pages.components.images.pictures import picture

_BAR = (
    '<div style="display:flex;flex-direction:column;justify-content:space-between;font-size:0.75rem">'
    "<span>255</span><span>128</span><span>0</span></div>"
)
_GRADIENT = (
    '<div role="img" aria-label="{label}" style="width:0.9rem;'
    'border-radius:2px;background:linear-gradient(#fff, #000);border:1px solid #8a93a5"></div>'
)
_CELL = (
    ".pixel { width: 23px; min-width: 23px; height: 23px; padding: 0; text-align: center; "
    "border: 1px solid #5b6475; font-variant-numeric: tabular-nums }"
)


def show_pixels(image: np.ndarray, label: str) -> None:
    """The image uint8 (28, 28), up to 336 pixels wide, beside a bar of its grey levels."""
    gradient = _GRADIENT.format(label=_("grey levels from 0, black, to 255, white"))
    st.html(
        '<div style="display:flex;gap:0.5rem;max-width:25rem">'
        f'<img src="{picture(image, 12)}" alt="{label}" style="flex:1;min-width:0;max-width:336px;'
        f'image-rendering:pixelated;border-radius:3px">{gradient}{_BAR}</div>'
    )


def show_numbers(values: np.ndarray, label: str) -> None:
    """Each of `values` (28, 28), uint8 or 0..1, in a cell of its grey level; scrolls in narrow windows."""
    levels = values if values.dtype == np.uint8 else np.uint8(np.rint(values * 255))
    rows = "".join(f"<tr>{''.join(map(_cell, *row))}</tr>" for row in zip(values, levels))
    st.html(
        f'<style>{_CELL}</style><div style="overflow-x:auto" tabindex="0"><table aria-label="{label}" '
        f'style="border-collapse:collapse;font-size:9.5px;line-height:1">{rows}</table></div>'
    )


def _cell(value: float, level: int) -> str:
    ink = "#fff" if level < 118 else "#000"  # the one with more contrast
    text = (
        f"{value}" if isinstance(value, np.integer) else f"{value:.2f}".replace("0.00", "0").lstrip("0") or "0"
    )
    return f'<td class="pixel" style="background:rgb({level},{level},{level});color:{ink}">{text}</td>'
