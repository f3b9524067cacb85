"""What a model says of one image: the digit, how sure it is, the ten bars, and the image itself."""

import html

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from pages.components.pictures import picture
from pages.components.text import share
from pages.components.theme import ink


def show_digit(probabilities: np.ndarray | None, hint: str) -> None:
    """The digit, large; "–" and the hint where there is none. The height is the same either way."""
    with st.container(key="answer"):
        if probabilities is None:
            big, small = "–", hint
        else:
            second, first = np.argsort(probabilities)[-2:]
            big = str(first)
            small = f"{share(probabilities[first])} sure"
            if probabilities[second] >= 0.05:
                small += f" · or a {second}? {share(probabilities[second])}"
        st.html(
            f'<div style="font-size:5.5rem;font-weight:700;line-height:1.05">{big}</div>'
            f'<div style="min-height:3rem;opacity:0.8">{html.escape(small)}</div>'
        )


def show_input(image: np.ndarray | None) -> None:
    """The 28 x 28 image that the model sees, enlarged; black where there is none."""
    shown = np.zeros((28, 28), np.uint8) if image is None else image
    st.image(picture(shown, 5), width=140, alt="the image as the model sees it, 28 by 28 pixels")
    st.caption("What the model sees: 28 × 28")


def show_bars(probabilities: np.ndarray | None) -> None:
    """The ten probabilities as bars, the highest one marked."""
    values = np.zeros(10) if probabilities is None else probabilities.astype(float)
    table = pd.DataFrame(
        {"digit": range(10), "probability": values, "text": [share(v) if v >= 0.001 else "" for v in values]}
    )
    table["best"] = (table.probability == table.probability.max()) & (table.probability > 0)
    base = alt.Chart(table).encode(
        y=alt.Y("digit:O", title=None, axis=alt.Axis(labelFontSize=15, ticks=False, domain=False)),
        x=alt.X("probability:Q", title=None, scale=alt.Scale(domain=[0, 1.2]), axis=None),
    )
    bars = base.mark_bar(cornerRadiusEnd=3, height={"band": 0.72}).encode(
        opacity=alt.condition("datum.best", alt.value(1.0), alt.value(0.35)),
        tooltip=[alt.Tooltip("digit:O"), alt.Tooltip("probability:Q", format=".4%")],
    )
    labels = base.mark_text(align="left", dx=5, fontSize=13, color=ink()).encode(text="text:N")
    st.altair_chart((bars + labels).properties(height=300), key="bars", alt="probability of each digit")
