"""Layers as text in a link."""

import pytest

from mnist_core.recipes.network import MAX_LAYERS
from mnist_core.recipes.stack import from_text, to_text
from mnist_core.recipes.table import RECIPES


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_a_stack_goes_through_text_unchanged(recipe):
    text = to_text(recipe.layers)
    assert from_text(text) == recipe.layers and " " not in text and len(text) < 1500


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "{}",
        '{"a": 1}',
        "[1]",
        '[["Dense"]]',
        '[["Lambda", {}]]',
        '[[["Dense"], {}]]',
        '[["Dense", {"units": 1e99}]]',
        '[["Dense", {"units": 10, "activation": ["relu"]}]]',
        '[["Dense", {"size": 10}]]',
        '[["Dense", {}]]',
        f"[{','.join(['[]'] * (MAX_LAYERS + 1))}]",
        "[" * 100_000,
    ],
)
def test_what_is_no_stack_is_refused_as_a_value_error(text):
    with pytest.raises(ValueError):
        from_text(text)
