"""The chosen recipe: its title and what it shows, and, to be opened, its settings, its network and its code."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from mnist_core.exchange.keras_code import script
from mnist_core.exchange.notebook import recipe_notebook
from mnist_core.language.messages import _
from mnist_core.lessons.lesson import lesson_of
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.recipes.words import shows, title
from pages.components.page.language import translated, when_clicked
from pages.components.training.builder import show_summary
from pages.components.training.choice import TUNING, Chosen, choose
from pages.components.training.recipe_form import settings


def show_title(now: Chosen) -> None:
    """The title of a recipe of the table and what it shows; above a step of the tuning tutorial, all five."""
    if now.recipe in TUNING:
        _choose_step(now)
    recipe = RECIPES[now.recipe]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(_("Chosen: {title}", title=title(recipe)), anchor=False, width="content")
        lesson = lesson_of(recipe.name)
        words = _("Take its lesson")
        link = f" [{words}](learn?lesson={lesson.name})" if lesson else ""
        st.markdown(shows(recipe) + link, width="content")


def show_details(recipe: Recipe, key: str, is_built: bool = False) -> Recipe:
    """The recipe with the visitor's settings. ValueError if they are invalid together.

    Where the network is being built, its layers are shown already.
    """
    label = _("Settings and Keras code") if is_built else _("Settings, layers and Keras code")
    with st.expander(label, key=translated(f"details{is_built}")):
        in_settings, in_code, *in_layers = st.tabs(
            [_("Settings"), _("As Keras code"), *(() if is_built else (_("The network"),))]
        )
        with in_settings:
            recipe = settings(recipe, key)
        for tab in in_layers:
            with tab:
                show_summary(recipe.layers)
        with in_code:
            st.code(script(recipe), language="python")
            with st.container(horizontal=True):
                _download(_("Download"), script(recipe).encode(), f"{recipe.name}.py", "text/x-python")
                notebook = when_clicked(recipe_notebook, recipe)
                _download(_("As a notebook"), notebook, f"{recipe.name}.ipynb", "application/x-ipynb+json")
    return recipe


def _download(label: str, data: bytes | Callable[[], bytes], file_name: str, mime: str) -> None:
    st.download_button(
        label,
        data,
        file_name,
        mime,
        icon=":material/download:",
        on_click="ignore",
        key=f"download-{Path(file_name).suffix[1:]}",
    )


def _choose_step(now: Chosen) -> None:
    key = translated("tuning-step")
    st.session_state[key] = now.recipe
    st.segmented_control(
        _("Step"),
        TUNING,
        format_func=lambda name: name[-1],
        required=True,
        key=key,
        on_change=lambda: choose(recipe=st.session_state[key]),
    )
