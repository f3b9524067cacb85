"""Colours that a chart cannot take from the theme by itself."""

import streamlit as st

GREY = "#8a93a5"  # readable on both backgrounds


def ink() -> str:
    """The colour of text in the visitor's theme; text inside a chart is black otherwise."""
    return "#e7ebf4" if st.context.theme.type == "dark" else "#1a2233"
