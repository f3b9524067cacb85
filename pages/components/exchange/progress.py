"""The progress of a program that makes a file, or a run of one."""

from collections.abc import Callable

import streamlit as st

from mnist_core.jobs.tasks import Task
from mnist_core.language.messages import _
from pages.components.resources import exchange


@st.fragment(run_every=0.5)
def show_progress(task: Task, words: Callable[[float], str]) -> None:
    """A bar with `words` of the progress, 0 to 1; at the end the whole page is run again."""
    progress = exchange().progress(task)
    if progress is None:
        st.rerun()
    st.progress(progress, text=words(progress) if progress else _("Waiting for the program to start"))
