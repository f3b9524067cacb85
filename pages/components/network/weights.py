"""A network's weights as pictures, at each epoch of which there is a copy."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from mnist_core.explain.inside import by_layer
from mnist_core.explain.templates import compared, drawable, input_image, planes, strength
from mnist_core.language.messages import _, message, ngettext
from mnist_core.recipes.layers import Conv2D
from mnist_core.recipes.network import Row, summary
from mnist_core.runs.run import Run
from mnist_core.runs.weights import epoch_to_show
from pages.components.images.plates import Plate, show_plates, show_scale

NO_WEIGHTS = message(
    "This run kept no copies of its weights: it was trained by an older version, or ended before its first "
    "epoch. Train the recipe again to see this."
)
A_PAGE = 32  # pictures shown at once
GONE = message("This run is no longer here. Choose another one.")
NOT_YET = message("The first copy of the weights comes at the end of the first epoch.")


def show_weights(run: Run, copies: Mapping[int, Sequence[np.ndarray]], epoch: int, key: str) -> None:
    """The run's weights after `epoch`, of one layer at a time, with a choice of it.

    `copies` are its weights by epoch, which share one colour scale. `key` begins the keys of the widgets.
    """
    rows = summary(run.recipe.layers)
    number = _choose_layer(run, rows, f"{key}-layer")
    kernels = {at: by_layer(rows, arrays)[number - 1][0] for at, arrays in copies.items()}
    if number == len(rows) and _without_common(key):
        kernels = {at: compared(kernel) for at, kernel in kernels.items()}
    _show_layer(run, rows, number, kernels[epoch], strength(kernels.values()), key)


def say_there_are_none(run: Run) -> None:
    words = NO_WEIGHTS if run.result else NOT_YET if run.folder.exists() else GONE
    st.info(str(words), icon=":material/info:")


def choose_epoch(run: Run, epochs: Sequence[int], key: str) -> int:
    """One of the `epochs`, ascending, after which there is a copy of the weights; the newest at first."""
    state, key = st.session_state, f"{key}-{run.id}"
    newest = f"{key}-newest"
    shown = epoch_to_show(epochs, state.get(key), state.get(newest))
    state[newest] = epochs[-1]
    if len(epochs) == 1:
        st.markdown(_("After epoch {epoch} of {epochs}", epoch=shown, epochs=run.recipe.epochs))
        return shown
    if state.get(key) != shown:
        state[key] = shown
    return st.select_slider(
        _("Weights after epoch"),
        epochs,
        key=key,
        help=_("The epochs after which the run kept a copy of its weights."),
    )


def _choose_layer(run: Run, rows: Sequence[Row], key: str) -> int:
    """The number of a layer with weights."""
    numbers = drawable(rows)
    if len(numbers) == 1:
        return numbers[0]
    return st.segmented_control(
        _("Layer"),
        numbers,
        default=numbers[0],
        required=True,
        format_func=lambda number: f"{number} · {type(rows[number - 1].layer).__name__}",
        key=f"{key}-{run.id}",
        wrap=True,
    )


def _without_common(key: str) -> bool:
    """Whether to leave out of the ten digits' weights what changes no probability."""
    return st.toggle(
        _("Leave out what all ten digits have in common"),
        True,
        key=f"{key}-compared",
        help=_("Softmax only compares the ten sums: what is added to all of them changes no probability."),
    )


def _show_layer(
    run: Run, rows: Sequence[Row], number: int, kernel: np.ndarray, largest: float, key: str
) -> None:
    """The weights of one layer: a picture of each unit, or all pictures of one unit if it sees channels."""
    layer, is_last = rows[number - 1].layer, number == len(rows)
    units, sees = planes(rows, number, kernel), input_image(rows, number)
    key = f"{key}-{run.id}-{number}"
    if units.shape[1] > 1:
        chosen = _choose_unit(len(units), isinstance(layer, Conv2D), is_last, f"{key}-unit")
        plates = [
            Plate(plane, f"{place}", _("weights for channel {channel}", channel=place))
            for place, plane in enumerate(units[chosen])
        ]
    else:
        plates = [_of_unit(place, unit[0], layer, is_last) for place, unit in enumerate(units)]
    plates = _of_page(plates, f"{key}-page")
    kind = "ten" if is_last and sees and units.shape[1] == 1 else "small" if units.shape[2] < 12 else ""
    show_plates(plates, largest, kind if sees else "rows")
    show_scale(largest)
    st.caption(_what_is_seen(isinstance(layer, Conv2D), units.shape[1] > 1, is_last, sees is not None))


def _of_unit(place: int, values: np.ndarray, layer: object, is_last: bool) -> Plate:
    if is_last:
        return Plate(values, f"{place}", _("the weights of digit {digit}", digit=place))
    if isinstance(layer, Conv2D):
        return Plate(values, f"{place}", _("the kernel of filter {number}", number=place))
    return Plate(values, f"{place}", _("the weights of unit {number}", number=place))


def _choose_unit(number: int, is_convolution: bool, is_last: bool, key: str) -> int:
    """The index of one unit or filter of a layer that sees several channels."""
    if is_last:
        return st.segmented_control(_("Digit"), range(10), default=0, required=True, key=key, wrap=True)
    label = _("Filter, 0 to {last}", last=number - 1)
    if not is_convolution:
        label = _("Unit, 0 to {last}", last=number - 1)
    return st.number_input(label, 0, number - 1, 0, key=key, width=180)


def _of_page(plates: Sequence[Plate], key: str) -> Sequence[Plate]:
    """The plates of the page that the visitor chooses, where there are several."""
    if len(plates) <= A_PAGE:
        return plates
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        page = st.pagination(-(-len(plates) // A_PAGE), key=key)
        shown = plates[(page - 1) * A_PAGE : page * A_PAGE]
        st.caption(
            ngettext(
                "{first} to {last} of {number} picture",
                "{first} to {last} of {number} pictures",
                len(plates),
                first=(page - 1) * A_PAGE + 1,
                last=(page - 1) * A_PAGE + len(shown),
            )
        )
    return shown


def _what_is_seen(is_convolution: bool, in_channels: bool, is_last: bool, sees_images: bool) -> str:
    if not sees_images and is_last:
        return _(
            "Each row is a digit: its weights for the outputs of the layer before, from left to right. "
            ":blue[Blue]: this output speaks for the digit. :red[Red]: against it."
        )
    if not sees_images:
        return _(
            "Each row is a unit: its weights for the outputs of the layer before, from left to right. "
            ":blue[Blue]: this output raises the unit's sum. :red[Red]: it lowers it."
        )
    if is_convolution and in_channels:
        return _(
            "The filter's kernel, one picture for each channel that it reads. :blue[Blue]: a bright place here "
            "raises the filter's sum. :red[Red]: it lowers it."
        )
    if is_convolution:
        return _(
            "Each picture is a filter's kernel, which is moved over the whole image. :blue[Blue]: ink here "
            "raises the filter's sum. :red[Red]: ink lowers it."
        )
    if in_channels and is_last:
        return _(
            "The digit's weights, one picture for each channel that it reads. :blue[Blue]: a bright place here "
            "speaks for the digit. :red[Red]: against it."
        )
    if in_channels:
        return _(
            "The unit's weights, one picture for each channel that it reads. :blue[Blue]: a bright place here "
            "raises the unit's sum. :red[Red]: it lowers it."
        )
    if is_last:
        return _(
            "The template of each digit. :blue[Blue]: ink here speaks for the digit. :red[Red]: against it."
        )
    return _(
        "Each picture shows the weights of one unit. :blue[Blue]: ink here raises the unit's sum. :red[Red]: "
        "ink lowers it."
    )
