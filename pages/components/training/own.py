"""The visitor's own network: where it begins, its name, its layers."""

import dataclasses
from collections.abc import Sequence

import streamlit as st

from mnist_core.language.messages import _, message
from mnist_core.recipes import words
from mnist_core.recipes.layer import Layer
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.run import Run
from pages.components.page.language import translated
from pages.components.page.text import plain
from pages.components.resources import describe
from pages.components.training.builder import build_network, show_summary
from pages.components.training.choice import MAX_NAME, OWN, PAST, Chosen, choose, keep


def own_recipe(now: Chosen, runs: Sequence[Run]) -> tuple[Recipe, str] | None:
    """The recipe of the network that the visitor builds, and a key for its settings; None without a past run
    to begin with. ValueError if its layers do not fit together, or its name is not one."""
    left, right = st.columns(2, gap="large")
    with left:
        begun = _begin_with_run(now, runs) if now.recipe == PAST else _begin_with_recipe(now)
        if begun is None:
            return None
        recipe, key = begun
        name = _name(now, recipe, key)
        layers = build_network(recipe.layers, now.layers, key)
        is_same = layers == recipe.layers
        keep(layers=None if is_same else layers)
    with right:
        show_summary(layers)
    _check(name)
    return _changed(recipe, layers, name, is_same and now.recipe == PAST), key


def _begin_with_recipe(now: Chosen) -> tuple[Recipe, str]:
    key = translated("own-begin")
    st.session_state[key] = now.begin
    st.selectbox(
        _("Begin with"),
        list(RECIPES),
        format_func=lambda name: words.title(RECIPES[name]),
        placeholder=_("Choose"),
        key=key,
        on_change=lambda: choose(begin=st.session_state[key], layers=None),
    )
    begun = dataclasses.replace(RECIPES[now.begin], title=_("My network"))
    return begun, f"{OWN}-{now.begin}"


def _begin_with_run(now: Chosen, runs: Sequence[Run]) -> tuple[Recipe, str] | None:
    by_id = {run.id: run for run in runs}
    if not by_id:
        st.info(_("Nothing has been trained here yet. Train a recipe, then it can be continued from here."))
        return None
    if now.run is not None and now.run not in by_id:
        st.warning(_("The run {run} is not here. Choose another.", run=plain(now.run)))
    st.session_state["own-run"] = now.run if now.run in by_id else next(iter(by_id))
    chosen = st.selectbox(
        _("Past run"),
        list(by_id),
        format_func=lambda run_id: describe(by_id[run_id]),
        placeholder=_("Choose"),
        key="own-run",
        on_change=lambda: choose(run=st.session_state["own-run"], layers=None, name=""),
    )
    keep(run=chosen)  # otherwise the next run to end would take its place
    recipe = by_id[chosen].recipe
    return dataclasses.replace(recipe, title=words.title(recipe)), f"{OWN}-{chosen}"


def _name(now: Chosen, recipe: Recipe, key: str) -> str:
    """The name that the visitor types, or the one that it begins with."""
    key = f"title-{key}" if now.recipe == PAST else "own-title"
    st.session_state.setdefault(key, now.name or recipe.title)
    name = st.text_input(_("Name"), key=key, persist_state="session").strip() or recipe.title
    if len(name) <= MAX_NAME:
        keep(name="" if name == recipe.title else name)
    return name


def _check(name: str) -> None:
    if len(name) > MAX_NAME:
        raise ValueError(
            message(
                "The name has {number} characters, and {most} are the most: shorten it.",
                number=len(name),
                most=MAX_NAME,
            )
        )


def _changed(recipe: Recipe, layers: tuple[Layer, ...], name: str, is_unchanged: bool) -> Recipe:
    """The recipe with the visitor's layers and name; it stays the table's while its layers are those."""
    if is_unchanged and recipe.name in RECIPES:
        known = RECIPES[recipe.name]
        return dataclasses.replace(recipe, title=known.title if name == words.title(known) else name)
    return dataclasses.replace(recipe, name=OWN, title=name, layers=layers, shows=words.OWN, published=None)
