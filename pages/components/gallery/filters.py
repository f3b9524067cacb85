"""The widgets that choose the gallery's view and images."""

from dataclasses import replace

import streamlit as st

from mnist_core.evaluation.evaluation import ORDERS
from mnist_core.evaluation.selection import FILTERS, SHOWN, SIZES, VIEWS, Selection
from pages.components.page.address import AddressState

SELECTION = AddressState(Selection)
_SHOWN = {"errors": "Errors", "all": "All"}
_ORDERS = {
    "loss": "highest loss first",
    "confidence": "most confident first",
    "margin": "closest second guess first",
    "index": "in the test set's order",
}


def reset() -> None:
    now = SELECTION.get()
    defaults = Selection(view=now.view, order=now.order, size=now.size)
    SELECTION.change(**{name: getattr(defaults, name) for name in Selection.PARAMETERS})


def choose_view() -> None:
    SELECTION.widget(
        st.segmented_control,
        "View",
        VIEWS,
        "view",
        required=True,
        format_func=str.capitalize,
        label_visibility="collapsed",
        wrap=True,
    )


def choose(chosen: Selection) -> None:
    """The common filters, and a text about those that are set elsewhere."""
    widget = SELECTION.widget
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="filters"):
        widget(st.segmented_control, "Images", SHOWN, "show", required=True, format_func=_SHOWN.get)
        _choices("row", width=88)
        widget(st.selectbox, "Order", ORDERS, "order", format_func=_ORDERS.get, width=200)
    _show_others(chosen)


def choose_more(chosen: Selection) -> None:
    """The less common filters, behind a button."""
    with st.popover("More", icon=":material/tune:", key="more-filters"):
        low, high = chosen.confidence
        st.session_state["filter-sure"] = (round(low * 100), round(high * 100))
        st.slider("Confidence of the model, in %", 0, 100, key="filter-sure", on_change=_set_sure)
        _choices("more")
        SELECTION.widget(st.segmented_control, "Images a page", SIZES, "size", required=True)


def _choices(place: str, **more: int) -> None:
    """The filters with choices whose `place` this is."""
    for name, found in FILTERS.items():
        if found.place == place:
            options = [None, *found.choices]
            SELECTION.widget(st.selectbox, found.label, options, name, format_func=found.choices.get, **more)


def _set_sure() -> None:
    low, high = st.session_state["filter-sure"]
    SELECTION.change(low=low / 100, high=high / 100)


def _show_others(chosen: Selection) -> None:
    """The other active filters in words, and a button that resets them."""
    parts = []
    low, high = chosen.confidence
    if (low, high) != (0.0, 1.0):
        parts.append(f"{low:.0%} to {high:.0%} sure")
    hidden = {name: found for name, found in FILTERS.items() if found.place != "row"}
    parts += [found.choices[choice] for name, found in hidden.items() if (choice := getattr(chosen, name))]
    if chosen.box or chosen.points:
        parts.append("chosen on the map")
    if replace(chosen, view=VIEWS[0], order=ORDERS[0], size=SIZES[0], page=1) != Selection():
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if parts:
                st.markdown("Only: " + ", ".join(parts))
            st.button("Reset", icon=":material/filter_alt_off:", type="tertiary", key="reset", on_click=reset)
