"""What the tutorial printed beside what the run has reached, as a table, and why they differ."""

from collections.abc import Iterable, Mapping
from html import escape

import streamlit as st

from mnist_core.language.messages import N_, _
from mnist_core.language.numbers import figure
from mnist_core.recipes.published import History
from mnist_core.runs.beside import Pair, at_the_end, by_epoch, history_of, printed
from mnist_core.runs.run import Run
from pages.components.page.language import translated

EVERY = 1.0  # seconds between looks for a new epoch, while the section is open and the run trains
_CHANCE = N_(
    "The difference is chance: the seed decides the initial weights and the order of the images, and a run "
    "with another seed ends a little higher or lower."
)
_WHY = {
    "mlp": N_(
        "The tutorial does not give the layers of its network: these are our choice, and they get further. Its "
        "first epoch continues an earlier training, so its training loss is low from the beginning."
    ),
    "chollet-cnn": N_("The tutorial printed only the accuracy on the test set. The difference is chance."),
    "tuning-d": N_("Nothing is learnt whatever the seed: both give every image the most frequent digit."),
}
_STYLE = """<style>
.beside { overflow-x: auto; max-height: 26rem }
.beside table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.85rem }
.beside :is(th, td) { padding: 0.15rem 0.6rem; text-align: right; white-space: nowrap; font-weight: 400;
    border: none; border-bottom: 1px solid rgb(128 128 128 / 0.25) }
.beside thead th { font-weight: 600 }
.beside thead tr:last-child th { font-weight: 400; opacity: 0.8 }
.beside :is(th, td):nth-child(3n + 2):not([colspan]) { padding-left: 1.4rem }
.beside [colspan] { text-align: center }
</style>"""


def show_published(run: Run, key: str, is_training: bool = False) -> None:
    """The section, closed at first; nothing if the tutorial's figures do not apply to the run."""
    if history_of(run.recipe) is None:
        return
    section = st.expander(
        _("Published and yours, figure by figure"),
        icon=":material/compare_arrows:",
        key=translated(f"{key}-published"),
        on_change="rerun",
    )
    if section.open:
        with section:
            st.fragment(show_comparison, run_every=EVERY if is_training else None)(run)


def show_comparison(run: Run) -> None:
    """Why the figures differ, and both beside each other. For a run to which a history applies."""
    history = history_of(run.recipe)
    st.markdown(_(_WHY.get(run.recipe.name, _CHANCE)))
    st.html(_STYLE)
    st.html(_test_table(at_the_end(history, run.result)))
    if table := by_epoch(history, run.metrics()):
        st.html(_epoch_table(history, table))


def _test_table(pairs: Mapping[str, Pair]) -> str:
    names = {"test_loss": _("test loss"), "test_accuracy": _("test accuracy")}
    rows = ([names[measure], *_cells(pair)] for measure, pair in pairs.items())
    return _table([["", *_columns()]], rows)


def _epoch_table(history: History, table: Mapping[int, Mapping[str, Pair]]) -> str:
    measures = printed(history)
    rows = (
        [f"{epoch}", *(cell for measure in measures for cell in _cells(pairs[measure]))]
        for epoch, pairs in table.items()
    )
    return _table([["", *measures], [_("epoch"), *(_columns() * len(measures))]], rows)


def _columns() -> list[str]:
    return [_("published"), _("yours"), _("difference")]


def _cells(pair: Pair) -> list[str]:
    return [_figure(pair.published), _figure(pair.ours), _figure(pair.difference, is_signed=True)]


def _figure(value: float | None, is_signed: bool = False) -> str:
    if value is None:
        return "–"
    if not is_signed:
        return figure(value, ".4f")
    sign = "" if abs(value) < 0.00005 else "−" if value < 0 else "+"
    return f"{sign}{figure(abs(value), '.4f')}"


def _table(heads: list[list[str]], rows: Iterable[list[str]]) -> str:
    """An HTML table; a head shorter than the last one spans three columns with each of its cells."""
    last = len(heads[-1])
    above = "".join(f"<tr>{_head(cells, 1 if len(cells) == last else 3)}</tr>" for cells in heads)
    below = "".join(
        f"<tr><th scope=row>{escape(name)}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
        for name, *cells in rows
    )
    return f'<div class="beside" tabindex="0"><table><thead>{above}</thead><tbody>{below}</tbody></table></div>'


def _head(cells: list[str], span: int) -> str:
    first, *others = cells
    spans = f' colspan="{span}"' if span > 1 else ""
    return f"<th>{escape(first)}</th>" + "".join(f"<th scope=col{spans}>{escape(cell)}</th>" for cell in others)
