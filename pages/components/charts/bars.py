"""The ten probabilities of an answer as bars."""

import html
from collections.abc import Sequence
from itertools import repeat

import numpy as np
import streamlit as st

from mnist_core.language.figures import share
from mnist_core.language.messages import _, message, sentences
from mnist_core.language.numbers import listed
from pages.components.page.theme import series_in_css

NAMED = 3  # digits whose probabilities screen readers say
STYLE = """<style>
.bars, .bars td, .bars th { border: none; padding: 0 }
.bars, .bars td { width: 100% }
.bars th { padding-right: 0.5rem; font-size: 1rem; font-weight: 400; text-align: left; opacity: 0.8 }
.bars tr { height: 30px; border: none }
.bars div { display: flex; align-items: center; gap: 5px; font-size: 0.85rem; line-height: 1; height: 22px }
.bars div:not(:only-child) { font-size: 0.75rem; height: 12px }
.bars-names { margin-bottom: 0.75rem }
.bars-names > ::before { content: "━ "; color: var(--colour) }
.bars i { height: 100%; border-radius: 0 3px 3px 0; flex: none; box-shadow: inset 0 0 0 1px var(--colour);
    background: color-mix(in srgb, var(--colour) var(--strength), transparent) }
</style>"""


def show_bars(names: Sequence[str], read: Sequence[np.ndarray]) -> None:
    """The ten probabilities of one or two models as bars, the highest of each highlighted.

    As HTML, because for a chart the browser would have to fetch a program before the first answer.
    """
    st.html(STYLE)  # separate: a changed style makes the browser recompute the whole page
    st.html(bars_in_html(names, read))


def bars_in_html(names: Sequence[str], read: Sequence[np.ndarray]) -> str:
    """The bars without STYLE, for a part of a page that is run often; without probabilities they are empty."""
    shown = [probabilities.astype(float) for probabilities in read] or [np.zeros(10)]
    rows = [
        f"<tr><th>{digit}</th><td>{''.join(map(_bar, shown, series_in_css(), repeat(digit)))}</td></tr>"
        for digit in range(10)
    ]
    label = html.escape(_in_words(names, shown if read else []))
    styles = (f'style="--colour:{colour}"' for colour in series_in_css())
    named = "".join(f"<div {style}>{html.escape(name)}</div>" for style, name in zip(styles, names))
    key = f'<div class="bars-names">{named}</div>' if len(names) > 1 else ""
    return f'{key}<table class="bars" role="img" aria-label="{label}">{"".join(rows)}</table>'


def _in_words(names: Sequence[str], read: Sequence[np.ndarray]) -> str:
    """The highest probabilities of each model, for screen readers."""
    said = []
    for name, probabilities in zip(names, read, strict=bool(read)):
        best = [digit for digit in np.argsort(-probabilities)[:NAMED] if probabilities[digit] >= 0.001]
        values = listed([f"{digit}: {share(probabilities[digit])}" for digit in best])
        said.append(message("{model}: probabilities {values}.", model=name or _("the model"), values=values))
    return str(sentences(said)) if said else _("probability of each digit")


def _bar(probabilities: np.ndarray, colour: str, digit: int) -> str:
    probability = probabilities[digit]
    words = share(probability) if probability >= 0.001 else ""
    # The others are pale inside, but with an edge that can be seen.
    strength = 100 if 0 < probability == probabilities.max() else 35
    return (
        f'<div title="{probability:.4%}">'
        f'<i style="width:{80 * probability:.2f}%;--colour:{colour};--strength:{strength}%"></i>{words}</div>'
    )
