"""What the visitor of a page does: how pages change anything, and how they say that it failed."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from mnist_core.files import in_words
from mnist_core.runs.run import RunError
from mnist_core.visitors.acts import Acts
from mnist_core.visitors.register import NotAllowed
from pages.components.page.discreet import discreet
from pages.components.resources import store, worker
from pages.components.visitor import register, visitor


def acts() -> Acts:
    """What the visitor may do here."""
    return Acts(visitor(), store(), worker(), register())


@contextmanager
def refusals(as_toast: bool = False) -> Iterator[None]:
    """Within it, what is refused or fails is said on the page, at this place.

    With `as_toast` it is said in a corner: for callbacks, and for parts of the page that are redrawn often.
    """
    try:
        with in_words():
            yield
    except (NotAllowed, RunError, ValueError, OSError) as error:
        if as_toast:
            st.toast(discreet(error), icon=":material/error:", duration="long")
        else:
            st.error(discreet(error), icon=":material/error:")
