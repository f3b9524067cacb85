"""What a layer is: plain data with Keras's arguments, and what each type of layer must tell the app.

A shape is a tuple of ints without the batch: (28, 28, 1) for images, (n,) for vectors.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, Field, asdict, dataclass, field, fields
from typing import Any, ClassVar, NamedTuple

import numpy as np

from mnist_core.language.messages import Message, message

Shape = tuple[int, ...]
Cell = tuple[int, ...]  # one value of an output: (row, column, channel) or (unit,)


class Window(NamedTuple):
    """The part of a layer's input from which one value of its output is computed.

    A vector counts as one row. A window can reach over the border of its input, where padding is. `channel` is
    None for all channels.
    """

    top: int
    left: int
    height: int
    width: int
    channel: int | None = None


class Sum(NamedTuple):
    """How one value of a layer's output comes about, before the activation function.

    `rule` says how: "products" is inputs × weights, added up, plus the bias; "value" is one of the inputs.
    `inputs` and `weights` are float (height, width, channels) as in the window, with zeros for padding; there
    are weights for products only. `numbers` are the others that take part, by name. `total` is the result.
    """

    rule: str
    inputs: np.ndarray
    weights: np.ndarray | None
    numbers: dict[str, float]
    total: float


def number(low: float, high: float, default: Any = MISSING, **more: Any) -> Any:
    """A dataclass field for a number from `low` to `high`, an integer if `low` is one.

    `new` is its value in a layer that a visitor adds. With `always_written` the layer's code contains the
    value even if it is the default.
    """
    return field(default=default, metadata={"bounds": (low, high), **more})


def choice(choices: Sequence[Any], default: Any, **more: Any) -> Any:
    """A dataclass field for one of `choices`; `more` as in `number`."""
    return field(default=default, metadata={"choices": tuple(choices), **more})


@dataclass(frozen=True)
class Layer(ABC):
    """One layer of a network. Its fields are the arguments of the Keras layer of the same name, in order."""

    shows_something: ClassVar[bool] = True  # whether its output is worth showing as a picture

    @abstractmethod
    def output_shape(self, shape: Shape) -> Shape:
        """Its output shape for an input of `shape`. ValueError says why it cannot take that shape."""

    @abstractmethod
    def num_parameters(self, shape: Shape) -> int:
        """The number of its weights for an input of `shape`, including those that are not trained."""

    @abstractmethod
    def num_multiplications(self, shape: Shape) -> int:
        """The number of multiplications by a weight for one image."""

    @abstractmethod
    def forward(self, values: np.ndarray, weights: Iterator[np.ndarray]) -> np.ndarray:
        """Its output for `values` float (n, *shape), as Keras computes it in inference.

        It takes its own arrays, in Keras's order, from `weights`, an iterator over those of all layers.
        """

    @abstractmethod
    def window(self, cell: Cell, shape: Shape) -> Window:
        """The part of an input of `shape` from which the value at `cell` of its output is computed."""

    @abstractmethod
    def work_out(self, inputs: np.ndarray, cell: Cell, weights: Sequence[np.ndarray]) -> Sum:
        """How the value at `cell` comes about, from the window's `inputs` and the layer's own arrays."""

    def compiles_well(self, shape: Shape) -> bool:
        """Whether XLA can compile a training with it and speeds it up (see training/loop.py)."""
        return True

    def check(self) -> None:
        """ValueError if one of its arguments is out of bounds."""
        for f in fields(self):
            value = getattr(self, f.name)
            if "choices" in f.metadata:
                one_of(f.name, value, f.metadata["choices"])
                continue
            low, high = f.metadata["bounds"]
            kinds = (int, float) if isinstance(low, float) else int
            if not isinstance(value, kinds) or isinstance(value, bool) or not low <= value <= high:
                raise ValueError(out_of_bounds(f.name, value, low, high))

    def code(self) -> str:
        """The layer as Keras code, without arguments that have their default value."""
        words = []
        for f in fields(self):
            value = getattr(self, f.name)
            if _is_always_written(f):
                words.append(repr(value))
            elif value != f.default:
                words.append(f"{f.name}={value!r}")
        return f"{type(self).__name__}({', '.join(words)})".replace("'", '"')

    @classmethod
    def new(cls) -> "Layer":
        """The layer that a visitor adds to a network."""
        return cls(**{f.name: f.metadata["new"] for f in fields(cls) if "new" in f.metadata})


def to_json(layer: Layer) -> dict[str, Any]:
    """The layer's arguments, with its class name under "layer"."""
    return {"layer": type(layer).__name__, **asdict(layer)}


def one_of(name: str, value: object, choices: Sequence[object]) -> None:
    if value not in choices:
        raise ValueError(
            message(
                "{name} is {value!r}; it must be one of {choices}.",
                name=name,
                value=value,
                choices=", ".join(map(str, choices)),
            )
        )


def out_of_bounds(name: str, value: object, low: float, high: float) -> Message:
    """What is wrong with a figure that is not a number from `low` to `high`."""
    return message(
        "{name} is {value!r}; it must be a number from {low} to {high}.",
        name=name,
        value=value,
        low=low,
        high=high,
    )


def _is_always_written(f: Field) -> bool:
    """Whether the value is always written, without a name: then Keras takes it as a leading argument."""
    return f.default is MISSING or f.metadata.get("always_written", False)


def side_of(shape: Shape) -> int:
    if len(shape) != 3:
        raise ValueError(
            message(
                "This layer takes images, but its input is {shape}. It must stand before Flatten or "
                "GlobalAveragePooling2D.",
                shape=shape_words(shape),
            )
        )
    return shape[0]


def whole(shape: Shape) -> Window:
    """The window that is the whole input."""
    height, width = shape[:2] if len(shape) == 3 else (1, shape[0])
    return Window(0, 0, height, width)


def at(cell: Cell) -> Window:
    """The window of the one value at `cell` of an output."""
    row, column, channel = cell if len(cell) == 3 else (0, cell[0], None)
    return Window(row, column, 1, 1, channel)


def unchanged(inputs: np.ndarray) -> Sum:
    """The sum of a layer whose output is its input."""
    return Sum("same", inputs, None, {}, float(inputs.sum()))


def shape_words(shape: Shape) -> str | Message:
    return " × ".join(map(str, shape)) if len(shape) > 1 else message("a vector of {length}", length=shape[0])
