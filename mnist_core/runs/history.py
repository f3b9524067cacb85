"""All runs as one table, and the settings in which several recipes differ."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from mnist_core.language.catalogues import ENGLISH, using
from mnist_core.language.messages import _
from mnist_core.recipes.layer import Layer
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.snapshot import Snapshot
from mnist_core.runs.words import setting_word

_NOT_SETTINGS = ("title", "shows", "published")


def history(snapshots: Sequence[Snapshot]) -> list[dict[str, Any]]:
    """One row a run: recipe, changes, state, figures (None if there are none), start time."""
    with using(ENGLISH):
        return [_row(snapshot) for snapshot in snapshots]


def _row(snapshot: Snapshot) -> dict[str, Any]:
    run, result = snapshot.run, snapshot.result or {}
    recipe = run.recipe
    return {
        "run": run.id,
        "name": recipe.title,
        "recipe": recipe.name,
        "changed": changed(recipe),
        "state": snapshot.status,
        "test_accuracy": result.get("test_accuracy"),
        "test_loss": result.get("test_loss"),
        "published": recipe.published.accuracy if recipe.published else None,
        "epochs": result.get("epochs"),
        "epochs_planned": recipe.epochs,
        "seconds": result.get("seconds"),
        "parameters": result.get("parameters"),
        "seed": recipe.seed,
        "started": f"{started(run.id) or ''}",
    }


def started(run_id: str) -> datetime | None:
    """When the run was created, according to its id; "" for a folder with another kind of name."""
    try:
        return datetime.strptime(run_id[:15], "%Y%m%d-%H%M%S")
    except ValueError:
        return None


def changed(recipe: Recipe) -> str:
    """What the recipe has otherwise than the table's of its name; "" where that has none."""
    original = RECIPES.get(recipe.name)
    return "; ".join(changes(original, recipe)) if original else ""


def changes(original: Recipe, recipe: Recipe) -> list[str]:
    """The settings in which `recipe` differs from `original`, such as "epochs 5 → 10"."""
    differing = differences([original, recipe])
    return [
        _("{setting} {before} → {after}", setting=name, before=before, after=after)
        for name, (before, after) in differing.items()
    ]


def differences(recipes: Sequence[Recipe]) -> dict[str, list[str]]:
    """For each setting that differs between the recipes: its value in each, in words."""
    told = [settings(recipe) for recipe in recipes]
    return {name: [of[name] for of in told] for name in told[0] if len({of[name] for of in told}) > 1}


def settings(recipe: Recipe) -> dict[str, str]:
    """Each setting and its value, in words."""
    values = {f.name: getattr(recipe, f.name) for f in fields(recipe) if f.name not in _NOT_SETTINGS}
    return {setting_word(name): _words(value) for name, value in values.items()}


def _words(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(Layer.code, value))
    if value is None:
        return _("none")
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if isinstance(value, float):
        return f"{value:g}"
    if hasattr(value, "__dataclass_fields__"):
        told = {f.name: getattr(value, f.name) for f in fields(value)}
        return " ".join(f"{name} {v:g}" for name, v in told.items() if v)
    return str(value)
