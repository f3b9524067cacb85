"""Two runs on the same test images: what the other run fixes and breaks."""

from functools import lru_cache

import altair as alt
import pandas as pd
import streamlit as st

from mnist_core.evaluation.comparison import Comparison
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.language.catalogues import current
from mnist_core.language.figures import share
from mnist_core.language.messages import _
from mnist_core.runs.run import Run
from pages.components.charts.vega import DATA, description, show_chart
from pages.components.gallery.filters import SELECTION
from pages.components.page.text import plain
from pages.components.page.theme import GREEN, GREY, RED, ink
from pages.components.resources import describe, evaluation

SURE = 0.05  # significance level: below it a difference does not count as chance


def compared(answers: Evaluation, other: Run | None) -> Comparison | str:
    """The comparison with another run, or a text that says why there is none."""
    if other is None:
        return _("Choose a second run above to see which errors only one of the two makes.")
    try:
        return Comparison(answers, evaluation(other))
    except ValueError as error:
        return _("{run} cannot be compared. {reason}", run=describe(other), reason=error)


def show_versus(comparison: Comparison | str) -> None:
    """How often both, one or neither run is right, whether that may be chance, and buttons for the images."""
    if isinstance(comparison, str):
        st.info(plain(comparison), icon=":material/compare_arrows:")
        return
    fixed, brought, both = len(comparison.fixed), len(comparison.brought), len(comparison.both_wrong)
    label = _("how often both, one, or neither of the two is right")
    show_chart(_matrix(ink(), current()), _cells(comparison), "versus", label)
    st.markdown(_in_words(comparison))
    with st.container(horizontal=True):
        for versus, label in (
            ("fixed", _("Only the other is right: {count}", count=fixed)),
            ("brought", _("Only this run is right: {count}", count=brought)),
            ("both", _("Both are wrong: {count}", count=both)),
        ):
            st.button(
                label,
                key=f"versus-{versus}",
                on_click=SELECTION.change,
                kwargs={"versus": versus, "show": "all"},
            )


def _in_words(comparison: Comparison) -> str:
    fixed, brought, chance = len(comparison.fixed), len(comparison.brought), comparison.chance()
    if not fixed + brought:
        return _("Both read exactly the same images correctly: this test set shows no difference between them.")
    counts = _(
        "The other run reads **{fixed:,}** images correctly that this one gets wrong, and gets **{brought:,}** "
        "wrong that this one reads correctly.",
        fixed=fixed,
        brought=brought,
    )
    likely = _(
        "If both were equally good, a difference this large would come about by chance in {share} of such "
        "comparisons (McNemar's exact test).",
        share=share(chance),
    )
    if chance >= SURE:
        meaning = _("**The difference may be chance: it does not show that one of them is better.**")
    elif fixed > brought:
        meaning = _("**The difference is probably not chance: the other run is better.**")
    else:
        meaning = _("**The difference is probably not chance: this run is better.**")
    return f"{counts} {likely} {meaning}"


def _cells(comparison: Comparison) -> pd.DataFrame:
    right, wrong = _("right"), _("wrong")
    cells = [
        (right, right, "neutral", comparison.num_both_right),
        (right, wrong, "bad", len(comparison.brought)),
        (wrong, right, "good", len(comparison.fixed)),
        (wrong, wrong, "neutral", len(comparison.both_wrong)),
    ]
    return pd.DataFrame(cells, columns=["this", "other", "kind", "images"])


@lru_cache(maxsize=2)
def _matrix(text_colour: str, language: str) -> dict:
    order = [_("right"), _("wrong")]
    base = alt.Chart(alt.NamedData(DATA), height=150).encode(
        x=alt.X("other:O", title=_("the other"), sort=order, axis=alt.Axis(orient="top", labelAngle=0)),
        y=alt.Y("this:O", title=_("this run"), sort=order),
    )
    colour = alt.Scale(domain=["neutral", "good", "bad"], range=[GREY, GREEN, RED])
    cells = base.mark_rect(opacity=0.3).encode(color=alt.Color("kind:N", scale=colour, legend=None))
    words = base.mark_text(fontSize=18, color=text_colour).encode(text=alt.Text("images:Q", format=","))
    return description(cells + words)
