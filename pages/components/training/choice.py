"""What the visitor has chosen to train. It is kept in the page's address: a reload and a link find it again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mnist_core.address import InAddress, Parameter, one_of
from mnist_core.recipes import stack
from mnist_core.recipes.layer import Layer
from mnist_core.recipes.table import RECIPES
from pages.components.page.address import AddressState

OWN, PAST = "own", "past"
TUNING = tuple(name for name in RECIPES if name.startswith("tuning-"))
MAX_NAME = 60  # characters, as of a recipe's title
_RUN = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


def _run(text: str) -> str:
    if not _RUN.fullmatch(text):
        raise ValueError(text)
    return text


def _name(text: str) -> str:
    if len(text) > MAX_NAME or text.splitlines() != [text]:
        raise ValueError(text)
    return text


@dataclass(frozen=True)
class Chosen(InAddress):
    """A recipe's name, OWN for a network of one's own, or PAST for what a past run trained.

    OWN begins with the layers and settings of the recipe `begin`, PAST with those of the run `run`.
    `layers` and `name` are what the visitor has made of them; None and "" where nothing was changed.
    """

    recipe: str = "softmax"
    begin: str = "chollet-cnn"
    run: str | None = None
    layers: tuple[Layer, ...] | None = None
    name: str = ""

    PARAMETERS: ClassVar[Mapping[str, Parameter]] = {
        "recipe": Parameter("recipe", one_of((*RECIPES, OWN, PAST))),
        "begin": Parameter("begin", one_of(tuple(RECIPES))),
        "run": Parameter("from", _run),
        "layers": Parameter("layers", stack.from_text, stack.to_text),
        "name": Parameter("name", _name),
    }


_STATE = AddressState(Chosen)


def chosen() -> Chosen:
    """The visitor's choice; brings the address up to date."""
    return _STATE.get()


def choose(**changes: Any) -> None:
    """Change some fields: for the callback of a widget, before the page is run."""
    _STATE.change(**changes)


def keep(**changes: Any) -> None:
    """Change some fields while the page is run: the address says so at once."""
    now = chosen()
    if any(getattr(now, name) != value for name, value in changes.items()):
        _STATE.change(**changes)
        _STATE.get()
