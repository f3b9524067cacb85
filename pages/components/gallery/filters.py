"""The widgets that choose the gallery's view and images."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from mnist_core.evaluation.evaluation import ORDERS
from mnist_core.evaluation.selection import FILTERS, SHOWN, SIZES, VIEWS, Selection
from mnist_core.language.messages import N_, _
from mnist_core.language.numbers import listed
from pages.components.page.address import AddressState

SELECTION = AddressState(Selection)
_SHOWN = {"errors": N_("Errors"), "all": N_("All")}
_ORDERS = {
    "loss": N_("highest loss first"),
    "confidence": N_("most confident first"),
    "margin": N_("smallest gap to the second guess first"),
    "index": N_("in the test set's order"),
}
_VIEWS = {
    "confusion": N_("Confusion"),
    "digits": N_("Digits"),
    "map": N_("Map"),
    "confidence": N_("Confidence"),
    "compare": N_("Compare"),
}


def reset() -> None:
    now = SELECTION.get()
    defaults = Selection(view=now.view, order=now.order, size=now.size)
    SELECTION.change(**{name: getattr(defaults, name) for name in Selection.PARAMETERS})


def choose_view() -> None:
    SELECTION.widget(
        st.segmented_control,
        _("View"),
        VIEWS,
        "view",
        required=True,
        format_func=lambda view: _(_VIEWS[view]),
        label_visibility="collapsed",
        wrap=True,
    )


def choose(chosen: Selection, compared: Mapping[str, str]) -> None:
    """The common filters, and a text about those that are set elsewhere.

    `compared` are the results of a comparison of two runs, in words.
    """
    widget = SELECTION.widget
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="filters"):
        shown = {"format_func": lambda show: _(_SHOWN[show])}
        widget(st.segmented_control, _("Images"), SHOWN, "show", required=True, **shown)
        _choices("row", width=88)
        widget(
            st.selectbox, _("Order"), ORDERS, "order", format_func=lambda order: _(_ORDERS[order]), width=200
        )
    _show_others(chosen, compared)


def choose_more(chosen: Selection) -> None:
    """The less common filters, behind a button."""
    with st.popover(_("More filters"), icon=":material/tune:", key="more-filters"):
        low, high = chosen.confidence
        st.session_state["filter-sure"] = (round(low * 100), round(high * 100))
        st.slider(_("Confidence of the model, in %"), 0, 100, key="filter-sure", on_change=_set_sure)
        _choices("more")
        SELECTION.widget(st.segmented_control, _("Images per page"), SIZES, "size", required=True)


def _choices(place: str, **more: int) -> None:
    """The filters with choices whose `place` this is."""
    for name, found in FILTERS.items():
        if found.place == place:
            words = {choice: str(said) for choice, said in found.choices.items()}
            SELECTION.widget(
                st.selectbox, str(found.label), [None, *words], name, format_func=words.get, **more
            )


def _set_sure() -> None:
    low, high = st.session_state["filter-sure"]
    SELECTION.change(low=low / 100, high=high / 100)


def _show_others(chosen: Selection, compared: Mapping[str, str]) -> None:
    """The other active filters in words, and a button that resets them."""
    parts = []
    low, high = chosen.confidence
    if (low, high) != (0.0, 1.0):
        parts.append(_("confidence from {low:.0%} to {high:.0%}", low=low, high=high))
    hidden = {name: found for name, found in FILTERS.items() if found.place == "more"}
    parts += [str(found.choices[choice]) for name, found in hidden.items() if (choice := getattr(chosen, name))]
    if chosen.versus in compared:
        parts.append(compared[chosen.versus])
    if chosen.box or chosen.points:
        parts.append(_("chosen on the map"))
    if replace(chosen, view=VIEWS[0], order=ORDERS[0], size=SIZES[0], page=1) != Selection():
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if parts:
                st.markdown(_("Only: {filters}", filters=listed(parts)))
            st.button(
                _("Reset"), icon=":material/filter_alt_off:", type="tertiary", key="reset", on_click=reset
            )
