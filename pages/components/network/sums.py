"""How one value of a network comes about, in numbers and words, as sum.js shows it."""

from typing import Any

import numpy as np

from mnist_core.explain.inside import Inside, receptive_field, source
from mnist_core.language.messages import _, message, ngettext, sentences
from mnist_core.recipes.layer import Cell, Sum, Window
from mnist_core.recipes.layers import Conv2D, Dense
from mnist_core.recipes.network import Row
from pages.components.network.output import output_sum
from pages.components.network.rounding import number_words

MOST_CHANNELS, MOST_PARTS = 6, 10  # shown one by one


def sum_of(inside: Inside, layer: int, cell: Cell, looks: np.ndarray | None = None) -> dict[str, Any]:
    """The value at `cell` of layer number `layer`, worked out.

    `looks` are the probabilities float (4, 10) of a model that answers with the mean over shifted copies.
    """
    needs = {layer: [cell[-1]]} if layer else {}
    told: dict[str, Any] = {"chosen": {"layer": layer, "at": cell}, "lines": [], "texts": [], "needs": needs}
    if layer == 0:
        return told | _pixel(inside, cell)
    worked, row = inside.sum_of(layer, cell), inside.rows[layer - 1]
    result = float(inside.values[layer][cell])
    told["title"] = f"{type(row.layer).__name__} · {place_words(cell)}"
    if isinstance(row.layer, Dense):
        told |= _dense(inside, layer, cell, worked)
        needs |= {told["contributions"][0]["layer"]: sorted({part["at"][-1] for part in told["contributions"]})}
        if layer == len(inside.rows):
            products = _products(worked, "softmax", result)
            return told | output_sum(inside, cell[0], looks, products, told["texts"])
    elif isinstance(row.layer, Conv2D):
        window = row.layer.window(cell, row.input_shape)
        told |= {"texts": [_seen(window, row), *_why_this_size(row)], "patch": _patch(worked, by_sum=True)}
        needs[source(inside.rows, layer - 1, (0, 0, 0))[0]] = told["patch"]["shown"]
    elif worked.rule in ("largest", "mean"):
        told |= _pooled(row, worked)
    elif worked.rule == "normalized":
        told |= _normalized(worked)
    elif worked.rule == "value":
        told |= _activated(worked, row.layer.activation, result)
    if worked.rule == "products":
        told["lines"] = _products(worked, row.layer.activation, result)
    told["words"] = f"{told['title']}: " + _in_words(worked, getattr(row.layer, "activation", None), result)
    return told


def place_words(cell: Cell) -> str:
    """Where in its layer a value is."""
    if len(cell) == 1:
        return _("unit {unit}", unit=cell[0])
    row, column, channel = cell
    return _("channel {channel}, row {row}, column {column}", channel=channel, row=row, column=column)


def _pixel(inside: Inside, cell: Cell) -> dict[str, Any]:
    row, column, _channel = cell
    grey, value = int(inside.image[row, column]), float(inside.values[0][cell])
    title = _("The pixel in row {row}, column {column}", row=row, column=column)
    words = _("Its grey level is {grey}, from 0 for paper to 255 for ink.", grey=grey)
    if not inside.recipe.scaling:
        return {"title": title, "texts": [words], "words": f"{title}. {words}"}
    lines = [[_("{grey} / 255", grey=grey), number_words(value)]]
    return {"title": title, "texts": [words], "lines": lines, "words": f"{title}. {words}"}


def _seen(window: Window, row: Row) -> str:
    """What part of the layer before a convolution's value sees, and what happens there."""
    values = {
        "top": window.top,
        "bottom": window.top + window.height - 1,
        "left": window.left,
        "right": window.left + window.width - 1,
        "count": window.height * window.width * row.input_shape[2],
    }
    words = message(
        "The filter lies on rows {top} to {bottom} and columns {left} to {right} of the layer before. Each "
        "value there is multiplied by the filter's weight for it, and the {count:,} products are added up.",
        **values,
    )
    side = row.input_shape[0]
    if min(window.top, window.left) >= 0 and max(values["bottom"], values["right"]) < side:
        return str(words)
    return str(sentences([words, message("Outside the image the values are 0 (padding).")]))


def _why_this_size(row: Row) -> list[str]:
    """Why the layer's output is smaller than its input."""
    layer, before, after = row.layer, row.input_shape[0], row.output_shape[0]
    values = {"before": before, "after": after, "size": layer.kernel_size, "strides": layer.strides}
    if layer.padding == "same":
        if layer.strides == 1:
            return [_("Padding keeps the size: {before} × {before} stays {after} × {after}.", **values)]
        return [
            _(
                "Why {before} becomes {after}: the filter moves by {strides}, and with padding it fits "
                "{before} / {strides} times, rounded up.",
                **values,
            )
        ]
    if layer.strides == 1:
        return [
            _(
                "Why {before} becomes {after}: a filter of {size} × {size} fits into {before} pixels at "
                "{before} − {size} + 1 = {after} places.",
                **values,
            )
        ]
    return [
        _(
            "Why {before} becomes {after}: the filter moves by {strides}, so that it fits at ({before} − "
            "{size}) / {strides} + 1 = {after} places, rounded down.",
            **values,
        )
    ]


def _patch(worked: Sum, by_sum: bool) -> dict[str, Any]:
    """The numbers of a window: of one channel, or of the channels with the largest sums."""
    sums = (
        (worked.inputs * worked.weights).sum((0, 1))
        if worked.weights is not None
        else worked.inputs.sum((0, 1))
    )
    strongest = np.argsort(-np.abs(sums), kind="stable")[:MOST_CHANNELS]
    told = {
        "height": worked.inputs.shape[0],
        "width": worked.inputs.shape[1],
        "inputs": _rounded(worked.inputs[..., strongest]),
        "weights": None if worked.weights is None else _rounded(worked.weights[..., strongest]),
        "most": {"inputs": float(np.abs(worked.inputs).max())},
        "channels": [
            {
                "number": place,
                "name": _("channel {channel}", channel=int(channel)),
                "sum": float(sums[channel]),
                "text": number_words(sums[channel]),
            }
            for place, channel in enumerate(strongest)
        ],
        "rest": "",
        "shown": strongest.tolist(),
    }
    if worked.weights is not None:
        products = worked.inputs * worked.weights
        told["most"] |= {
            "weights": float(np.abs(worked.weights).max()),
            "products": float(np.abs(products).max()),
        }
    if by_sum and (others := len(sums) - len(strongest)):
        rest = number_words(sums.sum() - sums[strongest].sum())
        told["rest"] = ngettext(
            "{number} more channel: {sum} in all", "{number} more channels: {sum} in all", others, sum=rest
        )
    return told


def _rounded(values: np.ndarray) -> list:
    return np.round(values, 5).tolist()


def _products(worked: Sum, activation: str | None, result: float) -> list[list[str]]:
    bias = worked.numbers["bias"]
    count = worked.inputs.size
    lines = [
        [
            ngettext("{number:,} product, added up", "{number:,} products, added up", count),
            number_words(worked.total - bias),
        ],
        [_("+ bias"), number_words(bias)],
        ["=", number_words(worked.total)],
    ]
    if activation not in (None, "linear", "softmax"):
        lines.append([f"{activation}({number_words(worked.total)})", number_words(result)])
    return lines


def _dense(inside: Inside, layer: int, cell: Cell, worked: Sum) -> dict[str, Any]:
    """A unit's strongest contributions, the rest as a sum, and where all of them come from."""
    products = (worked.inputs * worked.weights).ravel()
    strongest = np.argsort(-np.abs(products), kind="stable")[:MOST_PARTS]
    inputs, weights = worked.inputs.ravel(), worked.weights.ravel()
    parts = []
    for index in strongest:
        number, at = source(inside.rows, layer - 1, (int(index),))
        name = _pixel_words(at) if number == 0 else place_words(at)
        texts = [number_words(of[index]) for of in (inputs, weights, products)]
        parts.append(
            {"layer": number, "at": at, "name": name, "texts": texts, "product": float(products[index])}
        )
    told: dict[str, Any] = {"contributions": parts}
    if others := len(products) - len(strongest):
        rest = ngettext("{number:,} other product", "{number:,} other products", others)
        told["rest"] = [rest, number_words(products.sum() - products[strongest].sum())]
    number, at = source(inside.rows, layer - 1, (0,))
    if len(at) == 3:
        shape = inside.values[number].shape
        of_places = products.reshape(shape).sum(2)
        told["map"] = {
            "values": _rounded(of_places),
            "most": float(np.abs(of_places).max()),
            **_places_on_image(inside, number),
        }
    told["texts"] = [
        _(
            "Each of the {number:,} values of the layer before is multiplied by this unit's weight for it, and "
            "the products are added up. These are the largest.",
            number=len(products),
        )
    ]
    if parts[0]["layer"]:
        told["texts"].append(
            _("Click one of them to see where it comes from, layer by layer, back to the ink.")
        )
    return told


def _places_on_image(inside: Inside, layer: int) -> dict[str, float]:
    """Where a layer's values lie on the image, in pixels: the centre of the first, and the way to the next."""
    first = receptive_field(inside.rows, layer, (0, 0, 0))
    side = inside.values[layer].shape[0]
    last = receptive_field(inside.rows, layer, (side - 1, side - 1, 0))
    return {"first": first.top + first.height / 2, "step": (last.top - first.top) / max(1, side - 1) or 28.0}


def _pixel_words(at: Cell) -> str:
    return _("row {row}, column {column}", row=at[0], column=at[1])


def _pooled(row: Row, worked: Sum) -> dict[str, Any]:
    height, width = worked.inputs.shape[:2]
    values = {"before": row.input_shape[0], "after": row.output_shape[0], "height": height, "width": width}
    told: dict[str, Any] = {"patch": _patch(worked, by_sum=False)}
    if worked.rule == "largest":
        if (worked.inputs == worked.total).sum() == 1:
            told["patch"]["winner"] = [
                int(index) for index in np.argwhere(worked.inputs[..., 0] == worked.total)[0]
            ]
        told["texts"] = [_("Of these {height} × {width} values the largest is kept.", **values)]
        told["lines"] = [[_("largest"), number_words(worked.total)]]
    else:
        told["texts"] = [_("The output is the mean of these {height} × {width} values.", **values)]
        total = worked.inputs.sum()
        told["lines"] = [
            [_("sum"), number_words(total)],
            [f"/ {height * width}", number_words(worked.total)],
        ]
    if row.is_of_images:
        told["texts"].append(
            _("Why {before} becomes {after}: each {height} × {width} values become one.", **values)
        )
    return told


def _normalized(worked: Sum) -> dict[str, Any]:
    value, of = float(worked.inputs.sum()), worked.numbers
    centred = value - of["mean"]
    return {
        "texts": [
            _(
                "The mean and the deviation of this channel over the training images, then a scale and an "
                "offset that were learnt."
            )
        ],
        "lines": [
            [_("value"), number_words(value)],
            [_("− mean {mean}", mean=number_words(of["mean"])), number_words(centred)],
            [
                _("/ deviation {deviation}", deviation=number_words(of["deviation"])),
                number_words(centred / of["deviation"]),
            ],
            [
                _("× scale {scale}", scale=number_words(of["scale"])),
                number_words(centred / of["deviation"] * of["scale"]),
            ],
            [_("+ offset {offset}", offset=number_words(of["offset"])), number_words(worked.total)],
        ],
    }


def _activated(worked: Sum, activation: str, result: float) -> dict[str, Any]:
    value = number_words(worked.total)
    if activation == "softmax":
        texts = [_("Softmax makes the values of all channels at this place into shares that add up to 1.")]
        return {"texts": texts, "lines": [[_("value"), value], ["softmax", number_words(result)]]}
    texts = [_("The activation function is applied to each value of the layer before.")]
    return {"texts": texts, "lines": [[_("value"), value], [f"{activation}({value})", number_words(result)]]}


def _in_words(worked: Sum, activation: str | None, result: float) -> str:
    """The sum as a sentence, which a screen reader says."""
    total = number_words(worked.total)
    if worked.rule == "largest":
        return _("The largest of {count} values is {total}.", count=worked.inputs.size, total=total)
    if worked.rule == "mean":
        return _("The mean of {count} values is {total}.", count=worked.inputs.size, total=total)
    if worked.rule == "normalized":
        return _("Normalized, the value is {total}.", total=total)
    if worked.rule == "value":
        values = {"activation": activation, "value": total, "result": number_words(result)}
        return _("{activation} makes {value} into {result}.", **values)
    values = {
        "count": worked.inputs.size,
        "sum": number_words(worked.total - worked.numbers["bias"]),
        "bias": number_words(worked.numbers["bias"]),
        "total": total,
    }
    words = message("{count:,} products add up to {sum}; with the bias {bias} this is {total}.", **values)
    if activation in (None, "linear", "softmax"):
        return str(words)
    made = message("{activation} makes it {result}.", activation=activation, result=number_words(result))
    return str(sentences([words, made]))
