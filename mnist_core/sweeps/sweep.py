"""A sweep: one recipe, and the values that some of its settings take, in all combinations.

The settings are those of AXES. A sweep is plain data: it goes through JSON and back unchanged, and one that
cannot be trained cannot be made.
"""

import itertools
import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, NamedTuple

from mnist_core.language.messages import N_, Message, message
from mnist_core.recipes.layers import Dense
from mnist_core.recipes.network import MAX_LAYERS
from mnist_core.recipes.recipe import BOUNDS, OPTIMIZERS, Recipe
from mnist_core.recipes.words import OWN
from mnist_core.sweeps import networks

MOST_RUNS = 200
MOST_SEEDS = 10
LONGEST_TEXT = 2000  # characters of a list of values
_SHOWN = 40  # characters of what was typed, in an error
HELD_OUT = 0.1  # the share of the training images by which settings are compared, unless the recipe has one
Values = Mapping[str, Any]  # the value of each axis


class Axis(NamedTuple):
    """A setting and its values, in the order in which they are shown."""

    name: str
    values: tuple[Any, ...]


class _Kind(NamedTuple):
    """What a setting is called, the type of its values, how a recipe takes one, what is allowed (the lowest and
    the highest number, or all words), and how a list of numbers looks."""

    word: str
    type: type
    put: Callable[[Recipe, Any], Recipe]
    allowed: tuple[Any, ...]
    example: str = ""


def _setting(name: str) -> Callable[[Recipe, Any], Recipe]:
    return lambda recipe, value: replace(recipe, **{name: value})


def _network(change: Callable) -> Callable[[Recipe, Any], Recipe]:
    """Puts other layers into a recipe, which is then no longer what a table or a tutorial describes."""

    def put(recipe: Recipe, value: Any) -> Recipe:
        layers = change(recipe.layers, value)
        return recipe if layers == recipe.layers else replace(recipe, layers=layers, shows=OWN)

    return put


_UNITS = next(field.metadata["bounds"] for field in fields(Dense) if field.name == "units")
# In the order in which they are applied: the units of a network are set after the number of its layers.
AXES: dict[str, _Kind] = {
    "learning_rate": _Kind(
        N_("learning rate"), float, _setting("learning_rate"), BOUNDS["learning_rate"], "0.01, 0.1"
    ),
    "batch_size": _Kind(N_("batch size"), int, _setting("batch_size"), BOUNDS["batch_size"], "32, 64"),
    "optimizer": _Kind(N_("optimizer"), str, _setting("optimizer"), OPTIMIZERS),
    "layers": _Kind(N_("hidden dense layers"), int, _network(networks.with_depth), (1, MAX_LAYERS - 1), "1, 2"),
    "units": _Kind(N_("units"), int, _network(networks.with_units), _UNITS, "32, 64"),
    "activation": _Kind(N_("activation"), str, _network(networks.with_activation), networks.CHOICES),
    "seed": _Kind(N_("seed"), int, _setting("seed"), BOUNDS["seed"], "0, 1"),
}


@dataclass(frozen=True)
class Sweep:
    """`base` with each combination of the values of `axes`: one run each.

    All runs hold out training images (`validation` is a share), since settings must not be chosen by the test
    set. ValueError, with words, for a setting that does not exist or that the base does not have, for a value
    out of bounds, and for fewer than 2 or more than MOST_RUNS runs.
    """

    base: Recipe
    axes: tuple[Axis, ...]

    def __post_init__(self) -> None:
        for name, values in self.axes:
            _check(name, values)
        if len({axis.name for axis in self.axes}) < len(self.axes):
            raise ValueError(message("A setting can be given once only."))
        if self.num_runs < 2:
            raise ValueError(message("This is one run only: give a setting at least two values."))
        if self.num_runs > MOST_RUNS:
            raise ValueError(
                message(
                    "These are {number:,} runs, and {most} are the most: choose fewer values.",
                    number=self.num_runs,
                    most=MOST_RUNS,
                )
            )
        self.recipes  # noqa: B018 - making them is the check

    @property
    def num_runs(self) -> int:
        return math.prod(len(axis.values) for axis in self.axes)

    @property
    def varied(self) -> tuple[Axis, ...]:
        """The axes with several values."""
        return tuple(axis for axis in self.axes if len(axis.values) > 1)

    def in_which_they_differ(self, values: Values) -> dict[str, Any]:
        """Those of some values that are not the same in all runs."""
        return {axis.name: values[axis.name] for axis in self.varied if axis.name in values}

    @cached_property
    def points(self) -> tuple[dict[str, Any], ...]:
        """The values of each run, by axis: with the first seed all settings, then all with the second.

        So a sweep that is stopped halfway has tried every setting.
        """
        ordered = sorted(self.axes, key=lambda axis: axis.name != "seed")
        names = [axis.name for axis in ordered]
        found = [dict(zip(names, values)) for values in itertools.product(*(axis.values for axis in ordered))]
        return tuple({axis.name: values[axis.name] for axis in self.axes} for values in found)

    @cached_property
    def recipes(self) -> tuple[Recipe, ...]:
        """The recipe of each run, in the order of `points`."""
        return tuple(_put(_comparable(self.base), values) for values in self.points)

    def to_json(self) -> dict[str, Any]:
        return {"base": self.base.to_json(), "axes": {name: list(values) for name, values in self.axes}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Sweep":
        """The sweep that `to_json` wrote. ValueError, TypeError or KeyError for anything else."""
        axes = tuple(Axis(name, tuple(values)) for name, values in data["axes"].items())
        return cls(Recipe.from_json(data["base"]), axes)


def seeds_from(first: int, number: int) -> Axis:
    """So many seeds. ValueError if these are none, or more than MOST_SEEDS."""
    if not 1 <= number <= MOST_SEEDS:
        raise ValueError(message("There can be 1 to {most} seeds.", most=MOST_SEEDS))
    return Axis("seed", tuple(range(first, first + number)))


def read_values(name: str, text: str) -> Axis:
    """The values of a setting in a text such as "0.01, 0.1", also with a Japanese keyboard's characters.

    ValueError, with words, if they are not such.
    """
    kind = _kind(name)
    if len(text) > LONGEST_TEXT:
        words = message(
            "{setting}: this list is too long: {most:,} characters are the most.",
            setting=message(kind.word),
            most=LONGEST_TEXT,
        )
        raise ValueError(words)
    usual = unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", "-").replace("、", ",")
    parts = [part.strip() for part in usual.split(",")]
    try:
        values = tuple(dict.fromkeys(_read(kind, part) for part in parts if part))
    except ValueError as error:
        raise ValueError(_not_numbers(kind, text)) from error
    _check(name, values)
    return Axis(name, values)


def value_words(value: Any) -> str:
    """A value as it is shown, and as it can be typed: with all digits that tell it from others."""
    short = f"{value:g}" if isinstance(value, float) else f"{value}"
    return f"{value}" if isinstance(value, float) and float(short) != value else short


def _read(kind: _Kind, text: str) -> Any:
    if kind.type is not str and "_" in text:  # Python reads 1_0 as 10
        raise ValueError(text)
    return kind.type(text)


def _not_numbers(kind: _Kind, text: str) -> Message:
    values = {"setting": message(kind.word), "text": _cut(text), "example": kind.example}
    if kind.type is float:
        return message("{setting}: {text} is not a list of numbers, such as {example}.", **values)
    return message("{setting}: {text} is not a list of whole numbers, such as {example}.", **values)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def of_base(name: str, base: Recipe) -> Any:
    """The base's own value of a setting, the first one if layers differ. ValueError says why it has none."""
    read = {"layers": networks.depth, "units": networks.units, "activation": networks.activation}
    return read[name](base.layers) if name in read else getattr(base, name)


def _kind(name: str) -> _Kind:
    if name not in AXES:
        raise ValueError(
            message("There is no setting {name!r}; there are {names}.", name=name[:40], names=", ".join(AXES))
        )
    return AXES[name]


def _check(name: str, values: Sequence[Any]) -> None:
    kind = _kind(name)
    if not values:
        raise ValueError(message("{setting}: give at least one value.", setting=message(kind.word)))
    if len(set(values)) < len(values):
        raise ValueError(message("{setting}: a value is given twice.", setting=message(kind.word)))
    if len(values) > MOST_RUNS:
        raise ValueError(message("{setting}: these are too many values.", setting=message(kind.word)))
    for value in values:
        _check_value(kind, value)


def _check_value(kind: _Kind, value: Any) -> None:
    named = {"setting": message(kind.word), "value": _cut(value_words(value))}
    if kind.type is str:
        if value not in kind.allowed:
            choices = ", ".join(kind.allowed)
            words = message("{setting}: {value} is not one of {choices}.", choices=choices, **named)
            raise ValueError(words)
        return
    low, high = kind.allowed
    if not low <= value <= high:
        bounds = {"low": value_words(low), "high": value_words(high)}
        words = message("{setting}: {value} is not possible; {low} to {high} is allowed.", **bounds, **named)
        raise ValueError(words)


def _comparable(base: Recipe) -> Recipe:
    """The base with images held out, and without a tutorial's figures: these are for its own settings."""
    held_out = base.validation if isinstance(base.validation, float) else HELD_OUT
    return replace(base, validation=held_out, published=None)


def _put(recipe: Recipe, values: Values) -> Recipe:
    for name, kind in AXES.items():
        if name in values:
            recipe = kind.put(recipe, values[name])
    return recipe
