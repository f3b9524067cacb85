"""The way from the Train page to the Sweep page, with the recipe as the visitor has set it."""

import streamlit as st

from mnist_core.language.messages import _
from mnist_core.recipes.recipe import Recipe
from pages.components.page.frame import leave_for

# In the session: the recipe with which a visitor came, and what is chosen to be varied.
RECIPE, BASE = "recipe-to-sweep", "sweep-base"
# On a phone only the icon shows, or Start and the curve would not fit on the first screen.
_STYLE = """<style>@media (max-width: 640px) {
    .st-key-to-sweep p { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
}</style>"""


def sweep_button(recipe: Recipe) -> None:
    words = _("Compare several settings")
    st.html(_STYLE)
    if st.button(words, help=words, icon=":material/grid_on:", key="to-sweep", type="tertiary"):
        st.session_state[RECIPE], st.session_state[BASE] = recipe, RECIPE
        leave_for("pages/sweep.py")
