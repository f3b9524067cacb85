"""Building a network: widgets that add, order and set layers, and the summary of the result."""

import dataclasses
from collections.abc import Callable, Sequence
from itertools import count

import pandas as pd
import streamlit as st

from mnist_core.language.messages import _
from mnist_core.language.numbers import figure
from mnist_core.recipes.layer import Layer
from mnist_core.recipes.layers import LAYERS, Dense
from mnist_core.recipes.network import summary
from pages.components.page.language import translated

_NONE = ""  # a select box uses None for "nothing chosen"
_LAST = Dense(10, "softmax")
_numbers = count()


def build_network(begin_with: Sequence[Layer], changed: Sequence[Layer] | None, key: str) -> tuple[Layer, ...]:
    """The visitor's stack of layers; the last layer is fixed.

    It starts as a copy of `begin_with`, or of `changed`, what the visitor made of it before a reload.
    """
    state, built = st.session_state, f"{key}-built"
    if key not in state or (changed is not None and changed != state.get(built)):
        state[key] = [_numbered(layer) for layer in _without_last(begin_with if changed is None else changed)]
    st.markdown(_("**Layers**, from the image to the answer"))
    stack = state[key] = [
        (number, _layer_row(key, place, number)) for place, (number, _layer) in enumerate(state[key])
    ]
    st.caption(
        _(
            "{number} · `Dense(10, softmax)`: one probability for each digit. It is always the last layer.",
            number=len(stack) + 1,
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(_("Add a layer"), list(LAYERS), key=f"{key}-kind", placeholder=_("Choose"), width=220)
        st.button(_("Add"), icon=":material/add:", key=f"{key}-add", on_click=_add, args=(key,))
    state[built] = (*(layer for _number, layer in stack), _LAST)
    return state[built]


def show_summary(layers: Sequence[Layer]) -> None:
    """Layer, output shape and parameters, as in Keras's `model.summary()`. ValueError for an invalid stack."""
    rows = summary(layers)
    table = pd.DataFrame(
        {
            _("output shape"): [" × ".join(map(str, row.output_shape)) for row in rows],
            _("parameters"): [figure(row.num_parameters, ",") for row in rows],
        },
        index=[type(row.layer).__name__ for row in rows],
    )
    st.table(table)
    total = sum(row.num_parameters for row in rows)
    work = sum(row.num_multiplications for row in rows)
    st.caption(_("{total:,} parameters, {work:,} multiplications per image", total=total, work=work))


def _without_last(layers: Sequence[Layer]) -> Sequence[Layer]:
    return layers[:-1] if layers and layers[-1] == _LAST else layers


def _layer_row(key: str, place: int, number: int) -> Layer:
    """One layer as code, with the buttons that set, move and remove it."""
    layer, mine = st.session_state[key][place][1], f"{key}-{number}"
    last = place == len(st.session_state[key]) - 1
    row = st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"layer-{mine}")
    written = row.empty()
    fields = dataclasses.fields(layer)
    with row.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
        words, key_ = _("Set"), f"icon-{mine}-set"
        with st.popover(words, icon=":material/tune:", help=words, disabled=not fields, key=key_):
            values = {f.name: _field(f, getattr(layer, f.name), f"{mine}-{f.name}") for f in fields}
        _icon("arrow_upward", _("Move up"), f"{mine}-up", place == 0, _move, key, number, -1)
        _icon("arrow_downward", _("Move down"), f"{mine}-down", last, _move, key, number, 1)
        _icon("close", _("Remove"), f"{mine}-remove", False, _remove, key, number)
    layer = dataclasses.replace(layer, **values)
    written.markdown(f"{place + 1} · `{layer.code()}`", width="stretch")
    return layer


def _icon(icon: str, help_: str, key: str, off: bool, act: Callable[..., None], *args: object) -> None:
    st.button(
        help_,
        icon=f":material/{icon}:",
        help=help_,
        key=f"icon-{key}",
        on_click=act,
        args=args,
        disabled=off,
        type="tertiary",
    )


def _field(field: dataclasses.Field, value: object, key: str) -> object:
    label = field.name.replace("kernel_initializer", "initializer").replace("_", " ")
    # Said anew in each run: the browser makes the field only when it is opened, and would begin with the least.
    st.session_state[key] = st.session_state.get(key, _NONE if value is None else value)
    if choices := field.metadata.get("choices"):
        chosen = st.selectbox(
            label,
            [_NONE if choice is None else choice for choice in choices],
            format_func=lambda c: c or _("none"),
            placeholder=_("Choose"),
            key=translated(key),
        )
        return None if chosen == _NONE else chosen
    low, high = field.metadata["bounds"]
    step = 0.05 if isinstance(low, float) else 1
    return st.number_input(label, low, high, step=step, key=key)


def _numbered(layer: Layer) -> tuple[int, Layer]:
    """The layer with a unique number, so that its widgets keep their values when it is moved."""
    return next(_numbers), layer


def _add(key: str) -> None:
    kind = st.session_state[f"{key}-kind"]
    st.session_state[key].append(_numbered(LAYERS[kind].new()))


def _move(key: str, number: int, by: int) -> None:
    stack = st.session_state[key]
    place = next((i for i, (other, _layer) in enumerate(stack) if other == number), None)
    if place is not None and 0 <= place + by < len(stack):
        stack[place], stack[place + by] = stack[place + by], stack[place]


def _remove(key: str, number: int) -> None:
    st.session_state[key] = [(other, layer) for other, layer in st.session_state[key] if other != number]
