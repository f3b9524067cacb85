"""Choose a recipe, train it, watch it learn; see past trainings again."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.language.messages import _
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.beside import newest_finished
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import snapshots_of
from pages.components.exchange.bring_in import show_bring_in
from pages.components.exchange.take_away import show_take_away
from pages.components.page.frame import begin, data_notice
from pages.components.page.text import plain
from pages.components.page.whose import seen_of, without_sweeps
from pages.components.resources import store
from pages.components.training.choice import TUNING, Chosen, chosen
from pages.components.training.chooser import show_chooser
from pages.components.training.learning import show_learning
from pages.components.training.own import own_recipe
from pages.components.training.published import show_published
from pages.components.training.recipe_view import show_details, show_title
from pages.components.training.run_history import show_history
from pages.components.training.start import settle_start, start_button
from pages.components.training.strip import show_strip
from pages.components.training.watch import check_for_another, page_key, watch
from pages.components.visitor import visitor

# Space for the longest text about a run that trains, so that what is below does not move. On a phone the button
# and the curves come first, what can be opened after them.
STYLE = """<style>
.stVerticalBlock.st-key-state { flex: none; height: 3.6rem; overflow-y: auto }
.st-key-heading { min-height: 2.75rem }
.st-key-heading h2 { padding: 0 }
@media (max-width: 1100px) { .stVerticalBlock.st-key-state { height: 5.2rem } }
@media (max-width: 640px) {
    .st-key-chosen [data-testid=stElementContainer]:has(h3) { display: none } /* the select box says it */
    .st-key-heading.stHorizontalBlock { flex-wrap: nowrap }
    .st-key-heading > :first-child { flex: 0 1 auto; width: auto }
    .st-key-heading h2 { font-size: 1.15rem }
    .stMain h1 { font-size: 1.5rem }
    .st-key-bench > :has(> .st-key-more) { order: 1 }
    .stVerticalBlock.st-key-bench { gap: 0.6rem }
    .st-key-about-past-runs { padding-bottom: 1.6rem } /* the table's own buttons stand there */
}
</style>"""


def recipe_to_train(
    now: Chosen, past: list[Run], above: DeltaGenerator, below: DeltaGenerator
) -> Recipe | None:
    """The recipe with the visitor's settings; None, with a message, if it cannot be trained."""
    try:
        with above:
            if now.recipe in RECIPES:
                show_title(now)
                begun = RECIPES[now.recipe], now.recipe
            else:
                begun = own_recipe(now, past)
        with below:
            return show_details(*begun, is_built=now.recipe not in RECIPES) if begun else None
    except ValueError as error:
        with above:
            st.error(_("This cannot be trained. {reason}", reason=plain(str(error))), icon=":material/error:")
        return None


begin(
    "train",
    _("Train a network"),
    _("Choose a recipe and watch the network learn."),
)
data_notice()
st.html(STYLE)
snapshots = snapshots_of(store(), visitor().id)
seen = seen_of(snapshots)
runs = [snapshot.run for snapshot in snapshots.all]
ended = [snapshot.run for snapshot in seen.all if not snapshot.is_active]
with st.container(key="bench"):
    now = chosen()
    past = without_sweeps(ended, [now.run])
    show_chooser(now, past)
    above, start, below = (st.container(key=key) for key in ("chosen", "start", "more"))
    recipe = recipe_to_train(now, past, above, below)
    with start:
        start_button(recipe, runs)
    shown, focus = page_key(snapshots), snapshots.focus
    is_active = focus is not None and focus.is_active
    is_live = focus is not None and focus.is_training
    with st.container(key="watch"):
        st.fragment(watch, run_every=0.5 if is_active and not is_live else None)(shown)
        st.fragment(check_for_another, run_every=None if is_active else 3.0)(shown)
        with st.container():
            if focus is not None:
                show_published(focus.run, "live", is_live)
                show_learning(focus.run, "live", is_live)
                show_take_away(focus.run, "live")
if {now.recipe, focus.run.recipe.name if focus else ""} & set(TUNING):
    st.header(_("Tuning a to e, side by side"), anchor=False)
    show_strip(newest_finished(TUNING, past), "train")
show_history(seen)
show_bring_in(past)
settle_start()
