"""What a model says of one image: the digit, how sure it is, the ten bars, and the image itself."""

import html
from collections.abc import Sequence
from itertools import repeat

import numpy as np
import streamlit as st

from mnist_core.preprocessing.found import Found
from mnist_core.runs.classifier import SURE_ENOUGH
from pages.components.images.pictures import picture, with_boxes
from pages.components.page.text import article, plain, share
from pages.components.page.theme import series

_BARS = """<style>
.bars, .bars td, .bars th { border: none; padding: 0 }
.bars, .bars td { width: 100% }
.bars th { padding-right: 0.5rem; font-size: 1rem; font-weight: 400; text-align: left; opacity: 0.8 }
.bars tr { height: 30px; border: none }
.bars div { display: flex; align-items: center; gap: 5px; font-size: 0.85rem; line-height: 1; height: 22px }
.bars div:not(:only-child) { font-size: 0.75rem; height: 12px }
.bars i { height: 100%; border-radius: 0 3px 3px 0; flex: none }
</style>"""


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
    """The ten probabilities of one or two models as bars; the highest one of each marked.

    As HTML: the browser would have to fetch a chart's program before it could show a first answer.
    """
    if len(names) > 1:
        colours = zip(("blue", "orange"), names)
        st.markdown("  \n".join(f":{colour}[━] {plain(name)}" for colour, name in colours))
    shown = [probabilities.astype(float) for probabilities in read] or [np.zeros(10)]
    rows = [
        f"<tr><th>{digit}</th><td>{''.join(map(_bar, shown, series(), repeat(digit)))}</td></tr>"
        for digit in range(10)
    ]
    st.html(_BARS)  # apart: a style that changes makes the browser look at the whole page anew
    st.html(f'<table class="bars" aria-label="probability of each digit">{"".join(rows)}</table>')


def _bar(probabilities: np.ndarray, colour: str, digit: int) -> str:
    probability = probabilities[digit]
    words = share(probability) if probability >= 0.001 else ""
    strength = 1 if 0 < probability == probabilities.max() else 0.35
    return (
        f'<div title="{probability:.4%}">'
        f'<i style="width:{80 * probability:.2f}%;background:{colour};opacity:{strength}"></i>{words}</div>'
    )
