"""The network as a diagram (network.js, sum.js): what each layer makes of an image, and how each number comes
about."""

import base64
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import streamlit as st

from mnist_core.explain.forward import activations, shifted
from mnist_core.explain.inside import Inside, receptive_field
from mnist_core.language.figures import share
from mnist_core.language.messages import _, ngettext
from mnist_core.recipes.layer import Cell, Layer, Shape
from mnist_core.recipes.network import Row
from mnist_core.runs.run import Run
from pages.components.network.sums import sum_of

_SLOTS = {name: f"{{{name}}}" for name in ("channel", "row", "column")}  # filled in by the browser
_FILES = Path(__file__).parent


def show_network(
    run: Run,
    copies: dict[int, list[np.ndarray]],
    image: np.ndarray,
    key: str,
    digit: int | None = None,
    link: dict[str, str] | None = None,
) -> int | None:
    """The network of `run` with the `image` uint8 (28, 28) in it, and the value that the visitor chose.

    `copies` are the run's weights by epoch.

    As long as they choose none, it is the output for `digit`, or for the most probable one. With a `link`, the
    parameters that name the image, the network can be opened on the whole window. Returns the epoch whose
    weights are shown; None if nothing can be shown.
    """
    st.caption(_("Point at a value to see what feeds it. Click it to see how it is worked out."))
    epoch, look = _choices(run, list(copies), key, link)
    temperature = (run.result or {}).get("temperature", 1.0) if epoch == max(copies) else 1.0
    try:
        inside = Inside(run.recipe, copies[epoch], image, look, temperature)
    except ValueError as error:
        st.info(str(error), icon=":material/info:")
        return None
    if not np.isfinite(inside.softmax.probabilities).all():
        words = _(
            "The numbers in this network are too large to be shown, because its training diverged. Choose "
            "another run or an earlier epoch."
        )
        st.info(words, icon=":material/info:")
        return None
    network, shown = f"{run.id} {crc32(repr(run.recipe.layers).encode())}", crc32(image)
    state = st.session_state.get(f"{key}-network") or {}
    chosen = chosen_cell(state.get("cell"), network, shown, inside.rows)
    data = {
        "picture": {**picture(inside), "network": network, "image": shown},
        "sum": sum_of(inside, *(chosen or _default(inside, digit)), looks=_looks(run, copies[epoch], image)),
        "words": {**_words(), "places": _places(inside.rows)},
    }
    data["sum"]["isDefault"] = chosen is None
    _part()(data=data, key=f"{key}-network", on_cell_change=lambda: None)
    return epoch


def picture(inside: Inside) -> dict[str, Any]:
    """The outputs of all layers, and what feeds each of their values, as network.js draws them."""
    rows = inside.rows
    shown = [0, *(number for number, row in enumerate(rows, 1) if row.layer.shows_something)]
    layers = [_layer_of_image(inside)]
    for before, number in pairwise(shown):
        row, is_last = rows[number - 1], number == len(rows)
        fed_by = _geometry(rows, number, before)
        one_by_one = not row.is_of_images and fed_by["size"] == (1, 1)
        layers.append(
            {
                "number": number,
                "name": f"{number} · {type(row.layer).__name__}",
                "code": _arguments(row.layer),
                "size": _size(row),
                "shape": row.output_shape,
                **_values(inside.values[number]),
                "fedBy": fed_by,
                "sees": None if one_by_one else _geometry(rows, number, 0),
                "isOutput": is_last,
            }
        )
    probabilities = inside.softmax.probabilities
    layers[-1] |= {"exact": probabilities.tolist(), "percent": [share(float(p)) for p in probabilities]}
    return {"layers": layers}


def chosen_cell(told: Any, network: str, image: int, rows: list[Row]) -> tuple[int, Cell] | None:
    """The layer and cell that the browser names; None if it names none, or none of this network.

    A digit of the last layer is chosen for one image only: for another one its answer comes first.
    """
    if not isinstance(told, dict) or told.get("network") != network:
        return None
    layer, at = told.get("layer"), told.get("at")
    if layer == len(rows) and told.get("image") != image:
        return None
    if layer == 0:
        shape: Shape = (28, 28, 1)
    elif isinstance(layer, int) and 0 < layer <= len(rows) and rows[layer - 1].layer.shows_something:
        shape = rows[layer - 1].output_shape
    else:
        return None
    if not isinstance(at, list) or len(at) != len(shape):
        return None
    is_inside = all(isinstance(index, int) and 0 <= index < side for index, side in zip(at, shape))
    return (layer, tuple(at)) if is_inside else None


def _choices(run: Run, epochs: list[int], key: str, link: dict[str, str] | None) -> tuple[int, int | None]:
    """The epoch whose weights are used, and which of the shifted copies of the image is looked at."""
    epoch, look = epochs[-1], None
    with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
        if len(epochs) > 1:
            epoch = st.select_slider(
                _("Weights after epoch"), epochs, epochs[-1], key=f"{key}-epoch-{run.id}", width=320
            )
        if run.recipe.test_time_shifts:
            ways = dict(enumerate("↑↓←→"))  # as in SHIFTS
            look = st.segmented_control(
                _("The image, shifted by one pixel"),
                list(ways),
                format_func=ways.get,
                default=0,
                required=True,
                key=f"{key}-look",
                help=_(
                    "This model answers with the mean over four copies of the image, each shifted by one "
                    "pixel. Here you see one of them."
                ),
            )
        if link:
            st.page_link(
                "pages/network.py",
                label=_("On the whole window"),
                icon=":material/open_in_full:",
                query_params={"run": run.id, **link},
            )
    return epoch, look


def _looks(run: Run, weights: list[np.ndarray], image: np.ndarray) -> np.ndarray | None:
    """The probabilities float (4, 10) for each shifted copy; None for a model that has one look."""
    if not run.recipe.test_time_shifts:
        return None
    return activations(run.recipe, weights, shifted(image))[-1]


def _default(inside: Inside, digit: int | None) -> tuple[int, Cell]:
    best = int(inside.softmax.probabilities.argmax()) if digit is None else digit
    return len(inside.rows), (best,)


def _layer_of_image(inside: Inside) -> dict[str, Any]:
    return {
        "number": 0,
        "name": _("Image"),
        "code": "",
        "size": _("28 × 28 pixels\nfrom 0 to 1")
        if inside.recipe.scaling
        else _("28 × 28 pixels\nfrom 0 to 255"),
        "shape": (28, 28, 1),
        **_values(inside.values[0]),
    }


def _values(values: np.ndarray) -> dict[str, Any]:
    """A layer's output as bytes: 0 is `low`, 255 `high`."""
    low, high = min(float(values.min()), 0.0), float(values.max())
    levels = np.uint8(np.round((values - low) / max(high - low, 1e-12) * 255))
    return {"values": base64.b64encode(levels.tobytes()).decode(), "low": low, "high": high}


def _arguments(layer: Layer) -> str:
    """The layer's arguments as in its code, without its initial weights, which explain nothing here."""
    if hasattr(layer, "kernel_initializer"):
        layer = replace(layer, kernel_initializer="glorot_uniform")
    words = layer.code().partition("(")[2][:-1]
    return f"{fields(layer)[0].name}={words}" if words.isdecimal() else words


def _size(row: Row) -> str:
    shape = " × ".join(map(str, row.output_shape))
    if not row.num_parameters:
        return shape
    parameters = ngettext("{number:,} parameter", "{number:,} parameters", row.num_parameters)
    return f"{shape}\n{parameters}"


def _geometry(rows: list[Row], layer: int, of: int) -> dict[str, Any]:
    """Which window of layer `of` each value depends on: its size, and its place as stride × index + offset."""
    shape = rows[layer - 1].output_shape
    first = (0,) * len(shape)
    field = receptive_field(rows, layer, first, of)
    strides = [0, 0]
    for axis, side in enumerate(shape[:2]):
        if side > 1:
            moved = receptive_field(rows, layer, tuple(int(i == axis) for i in range(len(shape))), of)
            way = (moved.top - field.top, moved.left - field.left)
            strides = [a + b for a, b in zip(strides, way)]
    is_of_images = of == 0 or rows[of - 1].is_of_images
    return {
        "size": (field.height, field.width),
        "stride": strides,
        "offset": (field.top, field.left),
        "channel": "all" if field.channel is None else "own",
        "isFlat": len(shape) == 1 and is_of_images and field[2:4] == (1, 1),
    }


def _places(rows: list[Row]) -> dict[int, str]:
    """For each layer, how network.js names one of its values."""
    as_channel = _("channel {channel}, row {row}, column {column}", **_SLOTS)
    names = {0: _("row {row}, column {column}", **_SLOTS)}
    for number, row in enumerate(rows[:-1], 1):
        names[number] = as_channel if row.is_of_images else _("unit {unit}", unit="{channel}")
    return names


def _words() -> dict[str, Any]:
    return {
        "network": _("The network, from the image to the answer"),
        "keys": _("Arrow keys move, Page Up and Page Down change the channel, Enter chooses."),
        "all": _("all {count}", count="{count}"),
        "some": _("fewer"),
        "outputs": _("Outputs: the brighter, the larger"),
        "weights": _("Weights"),
        "inputs": _("Values"),
        "products": _("Products"),
        "cell": _("the chosen value"),
        "feeds": _("what feeds it"),
        "field": _("what it sees of the image"),
        "back": _("Back to the answer"),
        "plane": _("The whole channel: click a value"),
        "evidence": _("Where on the image the products come from: blue for it, red against it"),
        "channels": _("The strongest channels. Click one to see its numbers:"),
        "columns": [_("from"), _("value"), _("weight"), _("product"), ""],
    }


@st.cache_resource(max_entries=1, show_spinner=False)
def _part() -> Any:
    js = "\n".join((_FILES / name).read_text("utf-8") for name in ("network.js", "sum.js"))
    css = (_FILES / "network.css").read_text("utf-8")
    # Not isolated, so that screen readers and the browser's search find its text.
    return st.components.v2.component("mnist-studio-network", js=js, css=css, isolate_styles=False)
