"""The list of what can be trained, in groups, each with what it shows and how long it takes (chooser.js)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from mnist_core.language.messages import N_, _, ngettext
from mnist_core.language.numbers import duration
from mnist_core.recipes import words
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.run import Run
from pages.components.training.choice import OWN, PAST, TUNING, Chosen, choose
from pages.components.training.estimates import expected_seconds

_FILES = Path(__file__).parent
_TUNING = "tuning"  # the entry of the list within which the five steps are chosen
# One short line each; a recipe without one here is described by its own sentence.
_SHOWS = {
    "softmax": N_("The smallest network: when do more epochs stop helping?"),
    "mlp": N_("Overfitting: loss falls, val_loss rises again"),
    _TUNING: N_("Learning rate, epochs, depth, ReLU: one change at a time"),
    "chollet-cnn": N_("Convolutions: seven times fewer errors"),
    "dropout-cnn": N_("Dropout against overfitting"),
    "fast": N_("99% in seconds"),
    "sharp": N_("More filters, images shifted: fewer errors"),
    "long": N_("The same network, trained longer"),
    "best": N_("The highest accuracy, the most kinds of handwriting"),
}


def show_chooser(now: Chosen, runs: Sequence[Run]) -> None:
    """Radio buttons in groups; on a phone, a select box."""
    groups = [
        {"title": _("From the tutorials"), "entries": [_entry(name, runs) for name in _tutorials()]},
        {"title": _("Ours"), "entries": [_entry(name, runs) for name in _ours()]},
        {"title": _("Your own"), "entries": [_own(), _past(len(runs))]},
    ]
    name = _TUNING if now.recipe in TUNING else now.recipe
    data = {"label": _("Recipe"), "groups": groups, "chosen": name}
    _part()(data=data, key="recipe", on_chosen_change=_changed)


def _changed() -> None:
    name = st.session_state["recipe"].chosen
    if name == _TUNING:
        choose(recipe=TUNING[0])
    elif name in (*RECIPES, OWN, PAST):
        choose(recipe=name, layers=None, name="")


def _tutorials() -> list[str]:
    published = (recipe.name for recipe in RECIPES.values() if recipe.published)
    return list(dict.fromkeys(_TUNING if name in TUNING else name for name in published))


def _ours() -> list[str]:
    return [recipe.name for recipe in RECIPES.values() if not recipe.published]


def _entry(name: str, runs: Sequence[Run]) -> dict[str, Any]:
    if name == _TUNING:
        seconds = sum(expected_seconds(RECIPES[step], runs) for step in TUNING)
        return {
            "name": name,
            "title": _("Tuning a to e"),
            "shows": _(_SHOWS[name]),
            "time": _("about {time} in all", time=duration(seconds)),
        }
    recipe = RECIPES[name]
    return {"name": name, "title": words.title(recipe), "shows": _shows(recipe), "time": _time(recipe, runs)}


def _shows(recipe: Recipe) -> str:
    return _(_SHOWS[recipe.name]) if recipe.name in _SHOWS else words.shows(recipe)


def _time(recipe: Recipe, runs: Sequence[Run]) -> str:
    return _("about {time}", time=duration(expected_seconds(recipe, runs)))


def _own() -> dict[str, Any]:
    return {"name": OWN, "title": _("Your own network"), "shows": _("Layers of your choice"), "time": ""}


def _past(number: int) -> dict[str, Any]:
    shows = ngettext(
        "Change the layers or settings of {number} run",
        "Change the layers or settings of one of {number} runs",
        number,
    )
    return {
        "name": PAST,
        "title": _("Start from a past run"),
        "shows": shows if number else _("There is none yet: train one first"),
        "time": "",
        "off": not number,
    }


@st.cache_resource(max_entries=1, show_spinner=False)
def _part() -> Any:
    files = {kind: (_FILES / f"chooser.{kind}").read_text("utf-8") for kind in ("js", "css")}
    # Not isolated, so that screen readers and the browser's search find its text.
    return st.components.v2.component("mnist-studio-chooser", **files, isolate_styles=False)
