"""Colours that a chart cannot take from the theme."""

from typing import Any

import streamlit as st

# At least 3 to 1 on both backgrounds
GREY, RED, MARK = "#7b8496", "#d6354a", "#5878f0"


def ink() -> str:
    """The text colour of the visitor's theme; in a chart, text would otherwise be black."""
    return _of_theme("textColor")


def series() -> list[str]:
    """The colours of a chart's series, in order, in the visitor's theme."""
    return _of_theme("chartCategoricalColors")


def series_in_css() -> list[str]:
    """The same for a style, in which the browser itself chooses the visitor's theme."""
    themes = (st.get_option(f"theme.{theme}.chartCategoricalColors") for theme in ("light", "dark"))
    return [f"light-dark({light}, {dark})" for light, dark in zip(*themes)]


def _of_theme(name: str) -> Any:
    theme = "dark" if st.context.theme.type == "dark" else "light"
    return st.get_option(f"theme.{theme}.{name}")
