"""A recipe's title and sentence as they are shown: ours are translated, a visitor's own stay as written."""

from mnist_core.language.messages import N_, _
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES

OWN = N_("A network of your own.")
BROUGHT_IN = N_("A network that was trained elsewhere and brought in as a file.")
TAUGHT = N_("{title}, taught my handwriting")  # what teaching.py calls a recipe, kept in English


def title(recipe: Recipe) -> str:
    """The recipe's title, in the reader's language where it is one of the table's."""
    start, end = TAUGHT.split("{title}")
    if recipe.name == "taught" and recipe.title.endswith(end):
        return _(TAUGHT, title=known(recipe.title.removeprefix(start).removesuffix(end)))
    return known(recipe.title)


def shows(recipe: Recipe) -> str:
    """What the recipe is there to show, in the reader's language where it is one of the table's."""
    ours = (OWN, BROUGHT_IN, *(known.shows for known in RECIPES.values()))
    return _(recipe.shows) if recipe.shows in ours else recipe.shows


def known(words: str) -> str:
    """A title in the reader's language if it is one of the table's, else as it is."""
    return _(words) if any(words == recipe.title for recipe in RECIPES.values()) else words
