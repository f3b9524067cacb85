"""Why no run is started at present, such as a cluster that cannot be reached."""

import streamlit as st

from mnist_core.language.messages import _
from pages.components.page.text import plain
from pages.components.resources import worker
from pages.components.visitor import visitor


def show_problem() -> None:
    """Say it, with its details to those who can do something about it."""
    problem = worker().problem
    if problem is None:
        return
    words = plain(f"{problem}")
    if not visitor().is_teacher:
        words = _(
            "No training can begin at the moment. Runs wait, and begin by themselves when it is possible."
        )
    st.warning(words, icon=":material/cloud_off:")
