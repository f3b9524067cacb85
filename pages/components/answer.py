"""What a model says of one image: the digit, how sure it is, the ten bars, and the image itself."""

import html
from collections.abc import Sequence
from functools import lru_cache

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from mnist_core.classifier import SURE_ENOUGH
from mnist_core.found import Found
from pages.components.pictures import picture, with_boxes
from pages.components.text import article, plain, share
from pages.components.theme import ink
from pages.components.vega import DATA, description, show_chart


def show_digits(read: Sequence[np.ndarray], hint: str, knows_others: bool) -> None:
    """What one or two models read, large, from probabilities (n, 10) each; "–" and the hint for n = 0.

    With `knows_others` the first has learnt what is no digit, and "?" stands for that. The height is
    the same either way.
    """
    first = read[0]
    said = [_said(of, knows_others) for of in first]
    if not said:
        big, small = "–", hint
    elif len(said) > 1:
        big, small = (
            "".join(said),
            f"{len(said)} digits, {share(first.max(1).min())} sure of the least sure one",
        )
        if "?" in said:
            small = "What stands as ? does not look like a digit."
    elif said == ["?"]:
        digit = int(first[0].argmax())
        big, likeliest = "?", f"{article(digit)} {digit}, {share(first[0].max())} sure"
        small = f"This does not look like a digit. If it were one: {likeliest}."
    else:
        big, small = said[0], _sure(first[0])
    if len(read) > 1 and said and not np.array_equal(first.argmax(1), read[1].argmax(1)):
        small += f" The other model reads {''.join(map(str, read[1].argmax(1)))}."
    size = 5.5 if len(big) < 3 else 16 / len(big)
    with st.container(key="answer"):
        st.html(
            '<div role="status">'
            f'<div style="font-size:{size:.2f}rem;font-weight:700;line-height:5.8rem">{big}</div>'
            f'<div style="min-height:4.5rem;opacity:0.8">{html.escape(small)}</div></div>'
        )


def _said(probabilities: np.ndarray, knows_others: bool) -> str:
    unsure = knows_others and probabilities.max() < SURE_ENOUGH
    return "?" if unsure else f"{probabilities.argmax()}"


def _sure(probabilities: np.ndarray) -> str:
    second, first = np.argsort(probabilities)[-2:]
    words = f"{share(probabilities[first])} sure"
    if probabilities[second] >= 0.05:
        words += f" · or {article(second)} {second}? {share(probabilities[second])}"
    return words


def show_input(images: Sequence[np.ndarray], found: Found, read: np.ndarray) -> int:
    """What the model sees, enlarged; of several digits the one that is chosen, below where each was found.

    `read` are their probabilities (n, 10); the place of the chosen one is returned.
    """
    place = 0
    if len(images) > 1:
        said = [f"{probabilities.argmax()}" for probabilities in read]
        boxes = [digit.box for digit in found.digits]
        st.image(
            with_boxes(found.whole, boxes, said), width="stretch", alt="where each of the digits was found"
        )
        place = st.segmented_control(
            "Look closely at the",
            range(len(images)),
            default=0,
            required=True,
            format_func=lambda i: f"{said[i]} · {share(read[i].max())}",
            key=f"place-{'-'.join(said)}",
            wrap=True,
        )
    shown = images[place] if images else np.zeros((28, 28), np.uint8)
    st.image(picture(shown, 5), width=140, alt="the image as the model sees it, 28 by 28 pixels")
    st.caption("What the model sees: 28 × 28")
    return place


def show_bars(names: Sequence[str], read: Sequence[np.ndarray]) -> None:
    """The ten probabilities of one or two models as bars; the highest one of each marked."""
    shown = read or [np.zeros(10)]
    tables = []
    for number, probabilities in enumerate(shown, 1):
        values = probabilities.astype(float)
        words = [share(v) if v >= 0.001 else "" for v in values]
        table = pd.DataFrame({"digit": range(10), "probability": values, "text": words, "model": f"{number}"})
        tables.append(table.assign(best=(values == values.max()) & (values > 0)))
    if len(shown) > 1:
        colours = zip(("blue", "orange"), names)
        st.markdown("  \n".join(f":{colour}[━] {plain(name)}" for colour, name in colours))
    show_chart(_bars(len(shown), ink()), pd.concat(tables), "bars", "probability of each digit")


@lru_cache(maxsize=8)
def _bars(num_models: int, text_colour: str) -> dict:
    base = alt.Chart(alt.NamedData(DATA)).encode(
        y=alt.Y(
            "digit:O",
            title=None,
            scale=alt.Scale(domain=list(range(10))),
            axis=alt.Axis(labelFontSize=15, ticks=False, domain=False),
        ),
        x=alt.X("probability:Q", title=None, scale=alt.Scale(domain=[0, 1.2]), axis=None),
    )
    if num_models > 1:
        base = base.encode(yOffset=alt.YOffset("model:N", scale=alt.Scale(domain=["1", "2"])))
    bars = base.mark_bar(cornerRadiusEnd=3, height={"band": 0.72}).encode(
        color=alt.Color("model:N", scale=alt.Scale(domain=["1", "2"]), legend=None),
        opacity=alt.condition("datum.best", alt.value(1.0), alt.value(0.35)),
        tooltip=[alt.Tooltip("digit:O"), alt.Tooltip("probability:Q", format=".4%")],
    )
    labels = base.mark_text(align="left", dx=5, fontSize=13 if num_models == 1 else 11, color=text_colour)
    return description((bars + labels.encode(text="text:N")).properties(height=300))
