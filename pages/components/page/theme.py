"""Colours that a chart cannot take from the theme."""

from functools import cache
from typing import Any

import streamlit as st

# At least 3 to 1 on both backgrounds
GREY, RED, MARK = "#7b8496", "#d6354a", "#5878f0"


def ink() -> str:
    """The text colour of the visitor's theme; in a chart, text would otherwise be black."""
    return _of_theme("textColor")


def paper() -> str:
    """The background colour of the visitor's theme."""
    return _of_theme("backgroundColor")


def series() -> list[str]:
    """The colours of a chart's series, in order, in the visitor's theme."""
    return _of_theme("chartCategoricalColors")


@cache
def series_in_css() -> list[str]:
    """The same for a style, in which the browser itself chooses the visitor's theme."""
    themes = (st.get_option(f"theme.{theme}.chartCategoricalColors") for theme in ("light", "dark"))
    return [f"light-dark({light}, {dark})" for light, dark in zip(*themes)]


def _of_theme(name: str) -> Any:
    theme = "dark" if st.context.theme.type == "dark" else "light"
    return st.get_option(f"theme.{theme}.{name}")


def wordmark() -> str:
    """The product's name as an SVG image, in the text colour of the visitor's theme."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="158" height="28" viewBox="0 0 158 28">'
        '<rect y="2" width="24" height="24" rx="5" fill="#3557d6"/>'
        '<path d="M7 8h10l-6 12" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" '
        'stroke-linejoin="round"/>'
        '<text x="32" y="20" textLength="124" lengthAdjust="spacingAndGlyphs" font-family="sans-serif" '
        f'font-size="17" font-weight="700" fill="{ink()}">'
        "MNIST Studio</text></svg>"
    )
