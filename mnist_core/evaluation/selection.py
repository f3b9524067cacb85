"""What the gallery shows: which view, which test images, and in which order; as a link holds it.

?view=map&show=all&true=4&as=9&from=0.5&to=0.9&judged=label&box=-0.2,0.1,0.3,0.5&order=margin&size=48&page=2
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar

import numpy as np

from mnist_core.address import InAddress, Parameter, number, one_of
from mnist_core.evaluation.comparison import Comparison
from mnist_core.evaluation.evaluation import ORDERS, Evaluation
from mnist_core.evaluation.judgements import JUDGEMENTS

VIEWS = ("confusion", "digits", "map", "confidence", "compare")
SHOWN = ("errors", "all")
SIZES = (24, 48, 100, 200)
JUDGED = ("crowd", "none", *JUDGEMENTS)  # doubted by the crowd, judged by no visitor, judged so by one
VERSUS = ("fixed", "brought", "both")
MOST_POINTS = 200

Box = tuple[float, float, float, float]


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


@dataclass(frozen=True)
class Selection(InAddress):
    """What the gallery's view and filters are set to; the defaults are what stands without any."""

    view: str = VIEWS[0]  # of the whole, beside the images
    show: str = SHOWN[0]
    true: int | None = None
    predicted: int | None = None
    low: float = 0.0  # of the predicted digit's probability
    high: float = 1.0
    judged: str | None = None
    versus: str | None = None  # compared with another run
    box: Box | None = None  # on the map: left, right, bottom, top
    points: tuple[int, ...] = ()  # on the map: indices of test images
    order: str = ORDERS[0]
    size: int = SIZES[0]
    page: int = 1

    PARAMETERS: ClassVar = {
        "view": Parameter("view", one_of(VIEWS)),
        "show": Parameter("show", one_of(SHOWN)),
        "true": Parameter("true", number(0, 9)),
        "predicted": Parameter("as", number(0, 9)),
        "low": Parameter("from", number(0, 1, float), "{:.4g}".format),
        "high": Parameter("to", number(0, 1, float), "{:.4g}".format),
        "judged": Parameter("judged", one_of(JUDGED)),
        "versus": Parameter("versus", one_of(VERSUS)),
        "box": Parameter("box", _box, lambda box: ",".join(f"{side:.4g}" for side in box)),
        "points": Parameter("points", _points, lambda points: ",".join(map(str, points))),
        "order": Parameter("order", one_of(ORDERS)),
        "size": Parameter("size", one_of(SIZES, int)),
        "page": Parameter("page", number(1, 10_000)),
    }

    @property
    def confidence(self) -> tuple[float, float]:
        """The range of the predicted digit's probability, the lower end first."""
        return min(self.low, self.high), max(self.low, self.high)

    @property
    def beside(self) -> tuple[object, ...]:
        """What the view beside the images shows of it; the rest concerns the images alone."""
        return self.view, self.true, self.predicted, self.box, self.points

    def find(
        self,
        answers: Evaluation,
        points: np.ndarray | None,
        comparison: Comparison | None,
        doubtful: np.ndarray,
        said: Mapping[int, str],
    ) -> np.ndarray:
        """Indices of the test images to show, all pages of them, in their order: int64.

        `points` float (n, 2) are the run's map, `doubtful` the images whose labels the crowd doubts, and
        `said` what visitors judged; without a map or a `comparison` nothing is filtered by these.
        """
        return answers.select(
            self.show == "errors",
            self.true,
            self.predicted,
            self.confidence,
            self._among(points, comparison, doubtful, said, len(answers.labels)),
            self.order,
        )

    def _among(
        self,
        points: np.ndarray | None,
        comparison: Comparison | None,
        doubtful: np.ndarray,
        said: Mapping[int, str],
        number: int,
    ) -> np.ndarray | None:
        """Indices outside of which no image is shown; None without any such filter."""
        parts: list[np.ndarray] = []
        if self.points:
            parts.append(np.array(self.points))
        elif self.box and points is not None:
            (left, right, bottom, top), (x, y) = self.box, points.T
            parts.append(np.flatnonzero((x >= left) & (x <= right) & (y >= bottom) & (y <= top)))
        if self.versus and comparison:
            kinds = (comparison.fixed, comparison.brought, comparison.both_wrong)
            parts.append(kinds[VERSUS.index(self.versus)])
        if self.judged == "crowd":
            parts.append(doubtful)
        elif self.judged == "none":
            parts.append(np.setdiff1d(np.arange(number), list(said)))
        elif self.judged:
            parts.append(np.array([index for index in said if said[index] == self.judged], int))
        return reduce(np.intersect1d, parts) if parts else None
