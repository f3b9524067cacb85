"""What the gallery shows: the view, the filters and the order, in the form of a link:

?view=map&show=all&true=4&as=9&from=0.5&to=0.9&judged=label&box=-0.2,0.1,0.3,0.5&order=margin&size=48&page=2

A new filter is an entry in FILTERS and a field of Selection; the gallery creates its widget from these.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, ClassVar

import numpy as np

from mnist_core.address import InAddress, Parameter, number, one_of
from mnist_core.evaluation.comparison import Comparison
from mnist_core.evaluation.evaluation import ORDERS, Evaluation
from mnist_core.evaluation.judgements import JUDGEMENTS
from mnist_core.language.messages import Message, message

VIEWS = ("confusion", "digits", "map", "confidence", "compare")
SHOWN = ("errors", "all")
SIZES = (24, 48, 100, 200)
MOST_POINTS = 200

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Material:
    """The data that filters use. `points` float (n, 2) are the run's map, `doubtful` the indices of images
    whose labels the crowd doubts, and `said` the visitors' judgements by index."""

    answers: Evaluation
    points: np.ndarray | None
    comparison: Comparison | None
    doubtful: np.ndarray
    said: Mapping[int, str]

    def among(self, indices: Any) -> np.ndarray:
        """bool (n,): True for the test images with these indices."""
        return np.isin(np.arange(len(self.answers.labels)), np.array(list(indices), int))


@dataclass(frozen=True)
class Filter:
    """A filter by choice: its parameter in the address, the label of its widget, its choices in words, and
    which images pass one of them, as bool (n,). `str` of the words is in the reader's language.

    `place` is "row" (always visible), "more" (behind a button) or "" (chosen elsewhere on the page).
    """

    parameter: str
    label: Message
    choices: Mapping[Any, Message | str]
    passes: Callable[[Any, Material], np.ndarray]
    place: str = "more"


def _is_judged(choice: str, material: Material) -> np.ndarray:
    if choice == "crowd":
        return material.among(material.doubtful)
    if choice == "none":
        return ~material.among(material.said)
    return material.among(index for index, judgement in material.said.items() if judgement == choice)


def _differs(choice: str, material: Material) -> np.ndarray:
    comparison = material.comparison
    if comparison is None:
        return np.ones(len(material.answers.labels), bool)
    kinds = {"fixed": comparison.fixed, "brought": comparison.brought, "both": comparison.both_wrong}
    return material.among(kinds[choice])


_DIGITS = {digit: f"{digit}" for digit in range(10)}
FILTERS = {
    "true": Filter(
        "true", message("True digit"), _DIGITS, lambda digit, material: material.answers.labels == digit, "row"
    ),
    "predicted": Filter(
        "as", message("Read as"), _DIGITS, lambda digit, material: material.answers.predictions == digit, "row"
    ),
    "judged": Filter(
        "judged",
        message("Judged"),
        {
            "crowd": message("label doubted in the published study"),
            **JUDGEMENTS,
            "none": message("not judged by visitors"),
        },
        _is_judged,
    ),
    "versus": Filter(
        "versus",
        message("Compared"),
        {
            "fixed": message("errors that the other run does not make"),
            "brought": message("errors of the other run alone"),
            "both": message("errors of both runs"),
        },
        _differs,
        place="",
    ),
}


def _box(text: str) -> Box:
    left, right, bottom, top = map(float, text.split(","))
    if not (-2 <= left < right <= 2 and -2 <= bottom < top <= 2):
        raise ValueError(text)
    return left, right, bottom, top


def _points(text: str) -> tuple[int, ...]:
    points = tuple(map(int, text.split(",")))
    if len(points) > MOST_POINTS or not all(0 <= point < 100_000 for point in points):
        raise ValueError(text)
    return points


def _one_of_choices(found: Filter) -> Parameter:
    choices = tuple(found.choices)
    return Parameter(found.parameter, one_of(choices, type(choices[0])))


@dataclass(frozen=True)
class Selection(InAddress):
    """The settings of the gallery's view and filters; the defaults hold without a link."""

    view: str = VIEWS[0]  # the overview beside the images
    show: str = SHOWN[0]
    true: int | None = None
    predicted: int | None = None
    low: float = 0.0  # lower end of the predicted digit's probability
    high: float = 1.0
    judged: str | None = None
    versus: str | None = None  # the result of a comparison with another run
    box: Box | None = None  # on the map: left, right, bottom, top
    points: tuple[int, ...] = ()  # on the map: indices of test images
    order: str = ORDERS[0]
    size: int = SIZES[0]
    page: int = 1

    PARAMETERS: ClassVar = {
        "view": Parameter("view", one_of(VIEWS)),
        "show": Parameter("show", one_of(SHOWN)),
        **{name: _one_of_choices(found) for name, found in FILTERS.items()},
        "low": Parameter("from", number(0, 1, float), "{:.4g}".format),
        "high": Parameter("to", number(0, 1, float), "{:.4g}".format),
        "box": Parameter("box", _box, lambda box: ",".join(f"{side:.4g}" for side in box)),
        "points": Parameter("points", _points, lambda points: ",".join(map(str, points))),
        "order": Parameter("order", one_of(ORDERS)),
        "size": Parameter("size", one_of(SIZES, int)),
        "page": Parameter("page", number(1, 10_000)),
    }

    @property
    def confidence(self) -> tuple[float, float]:
        """The range of the predicted digit's probability, lower end first."""
        return min(self.low, self.high), max(self.low, self.high)

    @property
    def beside(self) -> tuple[object, ...]:
        """The fields that the view beside the images shows; the others concern only the images."""
        return self.view, self.true, self.predicted, self.box, self.points

    def find(self, material: Material) -> np.ndarray:
        """Indices of the test images to show on all pages, in order, int64.

        Filters that need a map or a comparison have no effect without one.
        """
        masks = [self._on_the_map(material)]
        for name, found in FILTERS.items():
            if (choice := getattr(self, name)) is not None:
                masks.append(found.passes(choice, material))
        passes = reduce(np.logical_and, masks)
        return material.answers.select(passes, self.show == "errors", self.confidence, self.order)

    def _on_the_map(self, material: Material) -> np.ndarray:
        if self.points:
            return material.among(self.points)
        if not self.box or material.points is None:
            return np.ones(len(material.answers.labels), bool)
        (left, right, bottom, top), (x, y) = self.box, material.points.T
        return (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
