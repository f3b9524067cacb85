"""The charts of a model card, as SVG: they are sharp at every size, and follow a page's light or dark theme."""

import html
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mnist_core.language.messages import _
from mnist_core.language.numbers import figure
from mnist_core.runs.curves import TRAINING, VALIDATION, points

Point = tuple[float, float]
_WIDTH, _HEIGHT = 370, 300
_TOP, _BOTTOM, _LEFT, _RIGHT = 34, 62, 56, 12  # pixels around the panel
_STYLE = """\
text { font: 13px system-ui, sans-serif; fill: #414a5c; }
.heading { font-size: 14px; font-weight: 600; fill: #111827; }
.grid { stroke: #dde2ee; }
.training { stroke: #c46a00; } .validation { stroke: #3557d6; } .ideal { stroke: #8b93a5; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.training.line, .ideal.line { stroke-dasharray: 5 4; }
circle { fill: #3557d6; }
@media (prefers-color-scheme: dark) {
  text { fill: #b8c0d2; } .heading { fill: #e7ebf4; } .grid { stroke: #2d374b; }
  .training { stroke: #ffb454; } .validation { stroke: #8aa4ff; } circle { fill: #8aa4ff; }
}"""


class Panel(NamedTuple):
    """The place of a chart's panel in the picture, in pixels, and the range of its axes."""

    left: float
    width: float
    x: tuple[float, float]
    y: tuple[float, float]

    def at(self, point: Point) -> Point:
        (low, high), (bottom, top) = self.x, self.y
        across = (point[0] - low) / (high - low) if high > low else 0.5
        up = (point[1] - bottom) / (top - bottom) if top > bottom else 0.5
        return self.left + across * self.width, _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM)


def curves(rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Loss and accuracy over the epochs, in training and in validation: a chart each; none without rows."""
    found = points(rows, 80)
    names = {"loss": _("Loss"), "accuracy": _("Accuracy")}
    return {name: _curve(found, measure, name) for measure, name in names.items()} if found else {}


def _curve(found: Sequence[dict[str, Any]], measure: str, name: str) -> str:
    words = {TRAINING: _("training"), VALIDATION: _("validation")}
    lines = {
        series: line
        for series in words
        if (line := [(point["epoch"], point[measure]) for point in found if point["series"] == series])
    }
    last = max(math.ceil(point["epoch"]) for point in found)
    panel = Panel(_LEFT, _WIDTH - _LEFT - _RIGHT, (0, last), _range(lines, measure))
    axes = _axes(panel, name, _("epoch"), ".0%" if measure == "accuracy" else "")
    return _svg(_WIDTH, [*axes, *_lines(panel, lines), *_legend({series: words[series] for series in lines})])


def reliability(bins: Sequence[Point], numbers: Sequence[int]) -> str:
    """The accuracy of each bin by its mean confidence, larger the more images it has.

    A calibrated model's bins lie on the dashed line.
    """
    size = _HEIGHT - _TOP - _BOTTOM
    panel = Panel(_LEFT, size * 1.5, (0.0, 1.0), (0.0, 1.0))
    dots = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{2 + 1.5 * math.log10(number):.1f}"/>'
        for (x, y), number in zip(map(panel.at, bins), numbers)
    ]
    lines = [_line(panel, "ideal", [(0, 0), (1, 1)]), _line(panel, "validation", bins)]
    axes = _axes(panel, _("Accuracy"), _("confidence"), ".0%", ".0%")
    return _svg(round(_LEFT + panel.width + 24), [*axes, *lines, *dots])


def _range(lines: Mapping[str, Sequence[Point]], measure: str) -> tuple[float, float]:
    """The range of an axis: that of validation and of the last training points, without the steep beginning."""
    values = [y for _, y in lines.get(VALIDATION, ())]
    if training := [y for _, y in lines.get(TRAINING, ())]:
        values += training[len(training) // 10 :] if not values else training[-1:]
    if measure == "loss":
        return 0.0, max(values) * 1.15 or 1.0
    low = min(values)
    return max(0.0, low - 0.15 * (1 - low) - 0.002), 1.0


def _axes(panel: Panel, name: str, across: str, spec: str = "", across_spec: str = "d") -> Iterator[str]:
    left, right, bottom = panel.left, panel.left + panel.width, _HEIGHT - _BOTTOM
    yield f'<text class="heading" x="{left}" y="18">{html.escape(name)}</text>'
    ticks = _ticks(*panel.y)
    spec = _finer(ticks, spec)
    for value in ticks:
        _x, y = panel.at((0, value))
        yield f'<path class="grid" d="M{left} {y:.1f}H{right:.1f}"/>'
        yield f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{figure(value, spec)}</text>'
    for value in _ticks(*panel.x, whole=across_spec == "d"):
        x, _y = panel.at((value, panel.y[0]))
        label = figure(value, across_spec)
        yield f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{label}</text>'
    middle = (left + right) / 2
    yield f'<text x="{middle:.1f}" y="{bottom + 36}" text-anchor="middle">{html.escape(across)}</text>'


def _finer(ticks: Sequence[float], spec: str) -> str:
    """As many decimals as tell the ticks apart."""
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1
    decimals = max(0, -math.floor(math.log10(step * (100 if "%" in spec else 1)) + 1e-9))
    return f".{decimals}{'%' if '%' in spec else 'f'}"


def _ticks(low: float, high: float, whole: bool = False) -> list[float]:
    """Three to six round numbers from `low` to `high`."""
    step = 10 ** math.floor(math.log10((high - low) or 1))
    step = next(step * part for part in (0.1, 0.2, 0.5, 1, 2) if (high - low) / (step * part) <= 5.01)
    step = max(1, round(step)) if whole else step
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def _lines(panel: Panel, lines: Mapping[str, Sequence[Point]]) -> Iterator[str]:
    size = f'width="{panel.width:.1f}" height="{_HEIGHT - _TOP - _BOTTOM + 4}"'
    yield f'<clipPath id="panel"><rect x="{panel.left}" y="{_TOP - 2}" {size}/></clipPath>'
    yield '<g clip-path="url(#panel)">'
    for series, found in lines.items():
        yield _line(panel, series, found)
        if series == VALIDATION and len(found) <= 30:
            yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in map(panel.at, found))
    yield "</g>"


def _line(panel: Panel, kind: str, found: Sequence[Point]) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(panel.at, found))
    return f'<polyline class="{kind} line" points="{path}"/>'


def _legend(words: dict[str, str]) -> Iterator[str]:
    x, y = _LEFT, _HEIGHT - 8
    for kind, word in words.items():
        yield f'<path class="{kind} line" d="M{x} {y - 4}h26"/>'
        yield f'<text x="{x + 34}" y="{y}">{html.escape(word)}</text>'
        x += 150


def _svg(width: float, parts: Sequence[str]) -> str:
    size = f'width="{width}" height="{_HEIGHT}" viewBox="0 0 {width} {_HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><style>{_STYLE}</style>{"".join(parts)}</svg>'
