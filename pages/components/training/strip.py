"""The five steps of the tuning tutorial side by side, on one scale: published, here, and with ten seeds."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from mnist_core.language.messages import N_, _
from mnist_core.language.numbers import figure
from mnist_core.recipes.published import HISTORIES
from mnist_core.recipes.seeds import NUM_SEEDS, num_better, spread
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import snapshots_of
from mnist_core.runs.words import status_word
from pages.components.page.acts import acts, refusals
from pages.components.page.theme import GREY, ink, series
from pages.components.resources import dataset_thread, store
from pages.components.training.estimates import expected_seconds

MEASURE = "val_accuracy"
_CHANGES = {
    "tuning-a": N_("learning rate 0.1"),
    "tuning-b": N_("learning rate 0.01"),
    "tuning-c": N_("twice the epochs"),
    "tuning-d": N_("ten hidden layers"),
    "tuning-e": N_("ReLU instead of sigmoid"),
}
# The axes of all five: the accuracy begins at that of guessing, so that jumps of a few hundredths are seen.
_LOW, _HIGH, _EPOCHS = 0.1, 1.0, 10
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM, _RIGHT = 220, 240, 32, 8, 34, 8
_STYLE = """<style>
.strip-panel p, .strip-legend { margin: 0; font-size: 0.85rem; font-variant-numeric: tabular-nums }
.strip-panel img { display: block; width: 100% }
.strip-legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem }
.strip-legend img { vertical-align: middle; margin-right: 0.4rem }
@media (max-width: 640px) {
    [class*=-strip] > [data-testid=stLayoutWrapper] > .stHorizontalBlock { flex-wrap: nowrap; overflow-x: auto }
    [class*=-strip] [data-testid=stColumn] { flex: none; width: 13.5rem; min-width: 13.5rem !important }
}
</style>"""


def show_strip(runs: Mapping[str, Run | None], key: str) -> None:
    """The steps of the tuning tutorial by name, each with its run, or None where it was not trained yet.

    `key` begins the widgets' keys.
    """
    st.html(_STYLE + _legend())
    active = {one.run.recipe.name: one.status for one in snapshots_of(store()).all if one.is_active}
    with st.container(key=f"{key}-strip"):
        for column, (name, run) in zip(st.columns(len(runs), gap="small"), runs.items()):
            with column:
                st.html(_panel(name, run))
                if run is None:
                    _train(name, active.get(name), key)
    st.markdown(_words())


def _train(name: str, status: str | None, key: str) -> None:
    """The button that trains a step, or the state of the run that was started."""
    if status:
        st.caption(status_word(status))
    elif st.button(
        _("Train {letter}", letter=name[-1]),
        icon=":material/play_arrow:",
        key=f"{key}-train-{name}",
        disabled=dataset_thread().dataset is None,
    ):
        with refusals():
            acts().start(RECIPES[name], seconds=expected_seconds(RECIPES[name], store().list()))
            st.rerun()


def _words() -> str:
    published = {letter: HISTORIES[f"tuning-{letter}"].test_accuracy for letter in "ab"}
    return _(
        "In the tutorial b ends above a, {b:.2%} against {a:.2%}. With the same seed for both, that was so for "
        "{number} of {seeds} seeds here: after five epochs, chance decides which is ahead. It does not decide "
        "the rest: with every seed a falls at least once on its way and b never does, c ends above both, d "
        "learns nothing, and e ends highest.",
        number=num_better("tuning-b", "tuning-a"),
        seeds=NUM_SEEDS,
        **published,
    )


def _legend() -> str:
    colour = series()[1]
    entries = (
        (_line("M1,6h24", colour, 2), _("here")),
        (_line("M1,6h24", colour, 1.25, dashes=True), _("published")),
        (f'<rect width="26" height="12" fill="{GREY}" opacity="0.35"/>', _("ten seeds, lowest to highest")),
        (_line("M1,6h24", GREY, 1.5), _("median of the ten seeds")),
    )
    shown = (f"<span>{_image(mark, 26, 12)}{escape(words)}</span>" for mark, words in entries)
    return f'<div class="strip-legend">{"".join(shown)}</div>'


def _panel(name: str, run: Run | None) -> str:
    """One chart with its title above and its last figures below."""
    ours = _ours(run)
    published, last = HISTORIES[name].test_accuracy, ours[-1][1] if ours else None
    below = _("published {accuracy:.2%}", accuracy=published)
    here = _("here {accuracy:.2%}", accuracy=last) if last is not None else _("not trained yet")
    title = f"<b>{name[-1]}</b> · {escape(_(_CHANGES[name]))}"
    label = _("val_accuracy against the epoch, step {letter}", letter=name[-1])
    drawn = _axes() + _spread(name) + _printed(name) + _line(_path(ours), series()[1], 2) + _dots(ours)
    return (
        f'<div class="strip-panel"><p>{title}</p>'
        f"{_image(drawn, _WIDTH, _HEIGHT, label)}<p>{escape(here)}<br>{escape(below)}</p></div>"
    )


def _image(drawn: str, width: int, height: int, alt: str = "") -> str:
    """A drawing as an image: Streamlit removes SVG from HTML."""
    style = f"text {{ font: 11px sans-serif; fill: {ink()}; opacity: 0.75 }}"
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size}><style>{style}</style>{drawn}</svg>'
    return f'<img alt="{escape(alt)}" src="data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}">'


def _ours(run: Run | None) -> list[tuple[int, float]]:
    rows = run.metrics() if run else []
    return [(row["epoch"], row[MEASURE]) for row in rows if "end" in row and row.get(MEASURE) is not None]


def _printed(name: str) -> str:
    history = HISTORIES[name]
    return _line(_path(list(zip(history.epoch, history.val_accuracy))), series()[1], 1.25, dashes=True)


def _spread(name: str) -> str:
    found = spread(name, MEASURE)
    upper = [(of.epoch, of.highest) for of in found]
    lower = [(of.epoch, of.lowest) for of in reversed(found)]
    band = f'<path d="{_path([*upper, *lower])}Z" fill="{GREY}" opacity="0.35"/>'
    return band + _line(_path([(of.epoch, of.median) for of in found]), GREY, 1.5)


def _axes() -> str:
    parts = []
    for tenths in (2, 4, 6, 8, 10):
        y = _y(tenths / 10)
        parts.append(f'<path d="M{_LEFT},{y:.1f}H{_WIDTH - _RIGHT}" stroke="{ink()}" opacity="0.15"/>')
        words = figure(tenths / 10, ".1f")
        parts.append(f'<text x="{_LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{words}</text>')
    for epoch in (1, 5, 10):
        place = f'x="{_x(epoch):.1f}" y="{_HEIGHT - _BOTTOM + 14}"'
        parts.append(f'<text {place} text-anchor="middle">{epoch}</text>')
    middle = f'x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 4}"'
    return "".join([*parts, f'<text {middle} text-anchor="middle">{escape(_("epoch"))}</text>'])


def _line(path: str, colour: str, width: float, dashes: bool = False) -> str:
    pattern = ' stroke-dasharray="4 3"' if dashes else ""
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{pattern}/>' if path else ""


def _dots(points: Sequence[tuple[int, float]]) -> str:
    fill = series()[1]
    return "".join(f'<circle cx="{_x(e):.1f}" cy="{_y(of):.1f}" r="2.5" fill="{fill}"/>' for e, of in points)


def _path(points: Sequence[tuple[int, float]]) -> str:
    return "M" + "L".join(f"{_x(epoch):.1f},{_y(value):.1f}" for epoch, value in points) if points else ""


def _x(epoch: float) -> float:
    return _LEFT + (epoch - 0.5) / _EPOCHS * (_WIDTH - _LEFT - _RIGHT)


def _y(value: float) -> float:
    share = (value - _LOW) / (_HIGH - _LOW)
    return _TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM)
