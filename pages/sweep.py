"""Train a recipe with several values of its settings, and see which are best."""

import streamlit as st

from mnist_core.language.messages import _
from mnist_core.runs.snapshot import snapshots_of
from pages.components.page.deleted import show_deleted
from pages.components.page.frame import begin, data_notice
from pages.components.page.whose import runs_listed, seen_of
from pages.components.resources import store, sweeps
from pages.components.sweep.charts import show_heat_map, show_parallel
from pages.components.sweep.choice import choose_sweep, chosen_sweep
from pages.components.sweep.plan import show_plan
from pages.components.sweep.progress import EVERY, results, show_progress
from pages.components.sweep.results import show_best, show_setting_curves, show_table
from pages.components.training.start import settle_start
from pages.components.training.to_sweep import BASE, RECIPE

begin(
    "sweep",
    _("Compare settings"),
    _("Train a recipe with several values of its settings, and see which are best."),
)
data_notice()
saved = sweeps().list()
snapshots = seen_of(snapshots_of(store()))
ended = [snapshot.run for snapshot in snapshots.all if not snapshot.is_active]
chosen = chosen_sweep(saved)
is_planning = chosen is None or st.session_state.get(BASE) == RECIPE
# Another key after each start: the form is then closed.
with st.expander(_("New sweep"), expanded=is_planning, key=f"new-sweep-{saved[0].id if saved else ''}"):
    show_plan(runs_listed(ended), [snapshot.run for snapshot in snapshots.all])
if chosen:
    choose_sweep(saved, chosen)
    now = results(chosen)
    st.fragment(show_progress, run_every=EVERY if now.is_active else None)(chosen, now.key)
    show_best(now)
    if now.best:
        num_axes = sum(axis.name != "seed" for axis in now.sweep.varied)
        # Many axes need the whole width, and for none there is nothing beside the heat map.
        left, right = st.columns(2, gap="large") if 1 <= num_axes <= 3 else (st.container(), st.container())
        with left:
            st.subheader(_("Heat map"), anchor=False)
            show_heat_map(now)
        if num_axes:
            with right:
                st.subheader(_("Each setting as a line"), anchor=False)
                show_parallel(now)
        st.subheader(_("All settings"), anchor=False)
        picked = show_table(chosen, now)
        show_setting_curves(now, picked)
show_deleted("sweep")
settle_start()
