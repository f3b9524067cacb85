"""Colours that a chart cannot take from the theme."""

import streamlit as st

# Readable on both backgrounds
GREY, RED, GREEN, MARK = "#8a93a5", "#d6354a", "#1c9a76", "#8aa4ff"


def ink() -> str:
    """The text colour of the visitor's theme; in a chart, text would otherwise be black."""
    return "#e7ebf4" if st.context.theme.type == "dark" else "#1a2233"


def series() -> list[str]:
    """The colours of a chart's series, in order, in the visitor's theme."""
    theme = "dark" if st.context.theme.type == "dark" else "light"
    return st.get_option(f"theme.{theme}.chartCategoricalColors")
