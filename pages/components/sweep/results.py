"""What a sweep has found: the best setting, all settings as a table, and the curves of the chosen ones."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from mnist_core.language.messages import _, ngettext
from mnist_core.language.numbers import figure
from mnist_core.sweeps.results import Results, Setting
from mnist_core.sweeps.store import SavedSweep
from mnist_core.sweeps.sweep import value_words
from mnist_core.sweeps.words import axis_word, cautions, setting_words
from mnist_core.visitors.overview import as_csv
from pages.components.charts.curves import compare_curves
from pages.components.page.run_chooser import open_with
from pages.components.page.text import plain

_CURVES = 6  # settings whose curves are drawn, unless some are chosen
_MOST_CURVES = 12
_MOST_ROWS = 14.5  # of the table: half a row says that more can be scrolled to


def show_best(now: Results) -> None:
    """The setting with the highest mean validation accuracy, with its interval; the test accuracy beside it."""
    best = now.best
    if best is None:
        st.markdown(_("The first results appear here once a run is done."))
        return
    st.subheader(_best_heading(now), anchor=False)
    if words := setting_words(now.sweep.in_which_they_differ(best.values)):  # "" where only the seed differs
        st.markdown(f"**{plain(words)}**")
    with st.container(horizontal=True, gap="medium", key="sweep-best"):
        with st.container(width="content"):
            st.metric(_("Validation accuracy"), figure(best.mean, ".2%"), width="content")
            st.caption(_bounds(best))
        with st.container(width="content"):
            st.metric(_("Test accuracy"), figure(best.test_mean, ".2%"), width="content")
            st.caption(_("of the same runs; it was not used to choose"))
    for words in cautions(now):
        st.caption(plain(words))
    run = best.finished[0].snapshot.run
    if st.button(_("See this model's errors"), icon=":material/grid_view:", key=f"sweep-errors-{run.id}"):
        open_with("pages/gallery.py", run)


def _best_heading(now: Results) -> str:
    if now.is_active:
        return _("Best setting so far")
    return _("Best of the settings that you can see") if now.num_hidden else _("Best setting")


def _bounds(best: Setting) -> str:
    number = len(best.finished)
    if not best.bounds:
        return ngettext("from {number} seed", "the mean of {number} seeds", number)
    low, high = best.bounds
    if best.has_interval:
        return _("95% interval over {seeds} seeds: {low:.2%} to {high:.2%}", seeds=number, low=low, high=high)
    return _("{seeds} seeds: {low:.2%} to {high:.2%}", seeds=number, low=low, high=high)


def show_table(saved: SavedSweep, now: Results) -> list[Setting]:
    """All settings with results, the best first; returns those whose rows the visitor has selected."""
    names = [axis.name for axis in now.sweep.varied if axis.name != "seed"]
    rows = [_row(setting, names) for setting in now.ranked]
    spread = _("95% interval") if now.settings[0].has_interval else _("lowest – highest")
    columns = {
        **{name: axis_word(name) for name in names},
        "accuracy": _("Validation accuracy"),
        "spread": spread,
        "test": _("Test accuracy"),
        "seeds": _("Seeds"),
    }
    picked = st.dataframe(
        pd.DataFrame(rows, columns=list(columns)),
        column_config=columns,
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"settings-{saved.id}-{len(rows)}",
        height=round(38 + 35 * min(len(rows), _MOST_ROWS)),
    ).selection.rows
    st.download_button(
        _("All runs as CSV"),
        as_csv(now.rows()),
        f"{saved.id}.csv",
        "text/csv",
        icon=":material/download:",
        key="sweep-csv",
        on_click="ignore",
    )
    return [now.ranked[row] for row in picked if row < len(rows)]


def _row(setting: Setting, names: Sequence[str]) -> dict[str, str]:
    bounds = " – ".join(figure(bound, ".2%") for bound in setting.bounds or ())
    return {
        **{name: value_words(setting.values[name]) for name in names},
        "accuracy": figure(setting.mean, ".2%"),
        "spread": bounds or "–",
        "test": figure(setting.test_mean, ".2%"),
        "seeds": f"{len(setting.finished)} / {len(setting.trials)}",
    }


def show_setting_curves(now: Results, chosen: Sequence[Setting]) -> None:
    """The curves of the chosen settings, else of the best: of each the run with the first seed.

    Where only the seed differs, there is one setting: then it is the curves of all seeds.
    """
    if all(axis.name == "seed" for axis in now.sweep.varied):
        trials = now.best.finished
        names = [setting_words(now.sweep.in_which_they_differ(trial.values)) for trial in trials]
        compare_curves([trial.snapshot.run for trial in trials], "sweep", names)
        return
    shown = (chosen or now.ranked[:_CURVES])[:_MOST_CURVES]
    if not chosen and len(now.ranked) > len(shown):
        words = _(
            "The {number} best settings, each with its first seed. Others can be chosen in the table.",
            number=len(shown),
        )
        st.caption(words)
    names = [setting_words(now.sweep.in_which_they_differ(setting.values)) for setting in shown]
    compare_curves([setting.finished[0].snapshot.run for setting in shown], "sweep", names)
