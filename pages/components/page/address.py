"""A page's settings in its address: one state, kept in sync with the address and the widgets."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

import streamlit as st

from mnist_core.address import InAddress
from mnist_core.language.messages import _
from mnist_core.language.numbers import listed
from pages.components.page.scroll import scroll_to_part, scroll_to_top
from pages.components.page.text import plain

_ANY = ""  # a select box uses None for "nothing chosen"
Kind = TypeVar("Kind", bound=InAddress)


class AddressState(Generic[Kind]):
    """The settings of one `kind`, separate for each visitor."""

    def __init__(self, kind: type[Kind]) -> None:
        self._kind, self._key = kind, kind.__name__
        self._seen = f"{self._key}-in-address"

    def get(self) -> Kind:
        """The settings: from the address if it is new, else as the visitor set them; updates the address."""
        state = st.session_state
        names = self._kind.names()
        address = {name: st.query_params[name] for name in names if name in st.query_params}
        # A visitor who returns from another page by a link without parameters finds the page unchanged.
        is_back = state.get("page-entered") and not address
        # A change just made here comes first: the browser may not have updated its address yet.
        changed = state.pop(f"{self._key}-changed", False)
        is_new = address != state.get(self._seen) and not is_back and not changed
        if self._key not in state or is_new:
            state[self._key], wrong = self._kind.from_address(address)
            if wrong:
                words = _("This link has parts that are not understood: {names}.", names=listed(wrong))
                st.toast(words, icon=":material/link_off:")
        state[self._seen] = state[self._key].to_address()
        if state[self._seen] != address:
            others = {name: st.query_params[name] for name in st.query_params if name not in names}
            st.query_params.from_dict({**others, **state[self._seen]})
        return state[self._key]

    def change(self, **changes: Any) -> None:
        """Set some fields; if these select other images, the first page is shown."""
        now = st.session_state.get(self._key, self._kind())  # empty after a restart of the server
        first = {"page": 1} if hasattr(now, "page") and set(changes) != {"view"} else {}
        st.session_state[self._key] = replace(now, **{**first, **changes})
        st.session_state[f"{self._key}-changed"] = True

    def widget(self, make: Callable, label: str, options: Sequence, name: str, **more: Any) -> None:
        """A select box or segmented control, made by `make`, for the field `name`; None is shown as "any"."""
        key = f"{self._key}-{name}"
        value = getattr(st.session_state[self._key], name)
        st.session_state[key] = _ANY if value is None else value

        def changed() -> None:
            now = st.session_state[key]
            self.change(**{name: None if now == _ANY else now})

        words = more.pop("format_func", str)
        shown = [_ANY if option is None else option for option in options]
        named = {"format_func": lambda option: _("any") if option == _ANY else words(option)}
        if make is st.selectbox:
            more["placeholder"] = _("Choose")
        make(label, shown, key=key, on_change=changed, **named, **more)


def number_in_address(name: str, below: int) -> int | None:
    """The address's number called `name`; None, with a message if it is invalid for `what`."""
    asked = st.query_params.get(name)
    if asked is None:
        return None
    if asked.isdecimal() and len(asked) < 10 and int(asked) < below:
        return int(asked)
    st.toast(_("There is no image {number}.", number=plain(asked[:20])), icon=":material/link_off:")
    del st.query_params[name]
    return None


def open_image(index: int, key: str | None = None) -> None:
    """Show this image in detail: on its own page, or in the container with this key."""
    st.query_params["image"] = f"{index}"
    if key:
        scroll_to_part(key)
    else:
        scroll_to_top()
