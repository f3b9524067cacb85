"""What programs say: in full to who runs the server, without its inside to visitors of a shared one."""

import streamlit as st

from mnist_core.language.messages import _
from mnist_core.runs.run import Run
from mnist_core.runs.words import log_words
from mnist_core.visitors.discretion import for_visitors
from pages.components.page.text import plain
from pages.components.visitor import visitor


def discreet(text: object) -> str:
    """The text as this visitor may read it, escaped for Markdown."""
    return plain(_for_this_visitor(f"{text}"))


def show_log(run: Run) -> None:
    """What the run's training printed last."""
    log = log_words(_for_this_visitor(run.log_tail()))
    st.code(log or _("(it printed nothing)"), language=None, wrap_lines=True)


def _for_this_visitor(text: str) -> str:
    return text if visitor().is_alone else for_visitors(text)
