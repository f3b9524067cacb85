"""Two runs on the same test images: which images only one of them reads correctly.

Each run has one colour in all parts of the gallery: the first is blue, the second is orange.
"""

from dataclasses import dataclass
from functools import lru_cache

import altair as alt
import pandas as pd
import streamlit as st

from mnist_core.evaluation.comparison import Comparison
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.language.catalogues import current
from mnist_core.language.figures import share
from mnist_core.language.messages import _, message, sentences
from mnist_core.language.numbers import figure, short_moment
from mnist_core.recipes.words import title
from mnist_core.runs.history import started
from mnist_core.runs.run import Run
from pages.components.charts.vega import DATA, description, show_chart
from pages.components.gallery.filters import SELECTION
from pages.components.page.text import plain
from pages.components.page.theme import GREY, ink, series
from pages.components.resources import describe, evaluation

SURE = 0.05  # significance level: below it a difference does not count as chance


@dataclass(frozen=True)
class Versus:
    """Two runs' answers to the same test images, and the runs' names, which differ."""

    comparison: Comparison
    first: str
    second: str

    @property
    def names(self) -> dict[str, str]:
        """The names, to be put into a sentence in Markdown."""
        return {"first": plain(self.first), "second": plain(self.second)}

    def words(self) -> dict[str, str]:
        """The filter's choices."""
        return {
            "brought": _("only :blue[{first}] is right", **self.names),
            "fixed": _("only :orange[{second}] is right", **self.names),
            "both": _("both runs are wrong"),
        }


def compared(run: Run, answers: Evaluation, other: Run | None) -> Versus | str:
    """The comparison with another run, or a text that says why there is none."""
    if other is None:
        return _("Choose a second run above to see which errors only one of the two makes.")
    try:
        return Versus(Comparison(answers, evaluation(other)), *names_of(run, other))
    except ValueError as error:
        return _("{run} cannot be compared. {reason}", run=describe(other), reason=error)


def names_of(first: Run, second: Run) -> tuple[str, str]:
    """The runs' titles; if they are equal, with a number and what else tells them apart."""
    titles = [title(run.recipe) for run in (first, second)]
    if titles[0] != titles[1]:
        return titles[0], titles[1]
    accuracies = [_accuracy(run) for run in (first, second)]
    differ = accuracies if accuracies[0] != accuracies[1] else [_moment(run) for run in (first, second)]
    named = [f"{number} · {name}" for number, name in enumerate(titles, 1)]
    both = [f"{name} · {what}" if what else name for name, what in zip(named, differ)]
    return both[0], both[1]


def _accuracy(run: Run) -> str:
    accuracy = (run.result or {}).get("test_accuracy")
    return "" if accuracy is None else figure(accuracy, ".2%")


def _moment(run: Run) -> str:
    when = started(run.id)
    return short_moment(when) if when else ""


def show_versus(found: Versus | str) -> None:
    """How often both, one or neither run is right, whether that may be chance, and buttons for the images."""
    if isinstance(found, str):
        st.info(plain(found), icon=":material/compare_arrows:")
        return
    comparison, names = found.comparison, found.names
    st.markdown(_in_words(found))
    label = _("how often both, one, or neither of the two is right")
    spec = _matrix(ink(), tuple(series()[:2]), found.first, found.second, current())
    show_chart(spec, _cells(comparison), "versus", label)
    with st.container(horizontal=True):
        for versus, label in (
            ("brought", _("Only :blue[{first}] is right: {count}", count=len(comparison.brought), **names)),
            ("fixed", _("Only :orange[{second}] is right: {count}", count=len(comparison.fixed), **names)),
            ("both", _("Both are wrong: {count}", count=len(comparison.both_wrong))),
        ):
            st.button(
                label,
                key=f"versus-{versus}",
                on_click=SELECTION.change,
                kwargs={"versus": versus, "show": "all"},
            )


def _in_words(found: Versus) -> str:
    """Whose advantage it is, and whether it may be chance."""
    comparison, names = found.comparison, found.names
    fixed, brought, chance = len(comparison.fixed), len(comparison.brought), comparison.chance()
    if not fixed + brought:
        return _("Both read exactly the same images correctly: this test set shows no difference between them.")
    if chance >= SURE:
        meaning = message("**The difference may be chance: it does not show that one of them is better.**")
    elif fixed > brought:
        meaning = message("**:orange[{second}] is better**: the difference is probably not chance.", **names)
    else:
        meaning = message("**:blue[{first}] is better**: the difference is probably not chance.", **names)
    counts = message(
        "Only :blue[**{first}**] reads **{brought:,}** images correctly, only :orange[**{second}**] "
        "**{fixed:,}**.",
        fixed=fixed,
        brought=brought,
        **names,
    )
    likely = message(
        "If both were equally good, a difference this large would come about by chance in {share} of such "
        "comparisons (McNemar's exact test).",
        share=share(chance),
    )
    return str(sentences([meaning, counts, likely]))


def _cells(comparison: Comparison) -> pd.DataFrame:
    right, wrong = _("right"), _("wrong")
    cells = [
        (right, right, "neutral", comparison.num_both_right),
        (right, wrong, "first", len(comparison.brought)),
        (wrong, right, "second", len(comparison.fixed)),
        (wrong, wrong, "neutral", len(comparison.both_wrong)),
    ]
    return pd.DataFrame(cells, columns=["first", "second", "kind", "images"])


@lru_cache(maxsize=32)
def _matrix(text_colour: str, colours: tuple[str, str], first: str, second: str, language: str) -> dict:
    order = [_("right"), _("wrong")]
    across, down = alt.Axis(orient="top", labelAngle=0, titleLimit=400), alt.Axis(titleLimit=150)
    base = alt.Chart(alt.NamedData(DATA), height=190).encode(
        x=alt.X("second:O", title=second, sort=order, axis=across),
        y=alt.Y("first:O", title=first, sort=order, axis=down),
    )
    colour = alt.Scale(domain=["neutral", "first", "second"], range=[GREY, *colours])
    cells = base.mark_rect(fillOpacity=0.25, strokeWidth=2, strokeOpacity=1).encode(
        fill=alt.Fill("kind:N", scale=colour, legend=None),
        stroke=alt.Stroke("kind:N", scale=colour, legend=None),
    )
    words = base.mark_text(fontSize=18, color=text_colour).encode(text=alt.Text("images:Q", format=","))
    return description(cells + words)
