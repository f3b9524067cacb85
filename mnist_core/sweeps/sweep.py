"""A sweep: one recipe, and the values that some of its settings take, in all combinations.

The settings are those of AXES. A sweep is plain data: it goes through JSON and back unchanged, and one that
cannot be trained cannot be made.
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from mnist_core.language.messages import N_, message
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.words import OWN
from mnist_core.sweeps import networks

MOST_RUNS = 200
MOST_SEEDS = 10
HELD_OUT = 0.1  # the share of the training images by which settings are compared, unless the recipe has one
Values = Mapping[str, Any]  # the value of each axis


class Axis(NamedTuple):
    """A setting and its values, in the order in which they are shown."""

    name: str
    values: tuple[Any, ...]


class _Kind(NamedTuple):
    """What a setting is called, how one of its values is read from text, and how a recipe takes it."""

    word: str
    read: Callable[[str], Any]
    put: Callable[[Recipe, Any], Recipe]


def _setting(name: str) -> Callable[[Recipe, Any], Recipe]:
    return lambda recipe, value: replace(recipe, **{name: value})


def _network(change: Callable) -> Callable[[Recipe, Any], Recipe]:
    """Puts other layers into a recipe, which is then no longer what a table or a tutorial describes."""

    def put(recipe: Recipe, value: Any) -> Recipe:
        layers = change(recipe.layers, value)
        return recipe if layers == recipe.layers else replace(recipe, layers=layers, shows=OWN)

    return put


# In the order in which they are applied: the units of a network are set after the number of its layers.
AXES: dict[str, _Kind] = {
    "learning_rate": _Kind(N_("learning rate"), float, _setting("learning_rate")),
    "batch_size": _Kind(N_("batch size"), int, _setting("batch_size")),
    "optimizer": _Kind(N_("optimizer"), str, _setting("optimizer")),
    "layers": _Kind(N_("hidden dense layers"), int, _network(networks.with_depth)),
    "units": _Kind(N_("units"), int, _network(networks.with_units)),
    "activation": _Kind(N_("activation"), str, _network(networks.with_activation)),
    "seed": _Kind(N_("seed"), int, _setting("seed")),
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
    """The values of a setting in a text such as "0.01, 0.1". ValueError, with words, if they are not such."""
    kind = _kind(name)
    parts = [part.strip() for part in text.replace("、", ",").replace("，", ",").split(",")]
    try:
        values = tuple(dict.fromkeys(kind.read(part) for part in parts if part))
    except ValueError as error:
        raise ValueError(
            message(
                "{setting}: {text} is not a list of numbers, such as {example}.",
                setting=message(kind.word),
                text=text[:60],
                example="0.01, 0.1" if kind.read is float else "32, 64",
            )
        ) from error
    _check(name, values)
    return Axis(name, values)


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


def _comparable(base: Recipe) -> Recipe:
    """The base with images held out, and without a tutorial's figures: these are for its own settings."""
    held_out = base.validation if isinstance(base.validation, float) else HELD_OUT
    return replace(base, validation=held_out, published=None)


def _put(recipe: Recipe, values: Values) -> Recipe:
    for name, kind in AXES.items():
        if name in values:
            recipe = kind.put(recipe, values[name])
    return recipe
