"""The runs of a sweep that ended early: which, and why."""

import streamlit as st

from mnist_core.language.messages import _
from mnist_core.runs.snapshot import Snapshot
from mnist_core.runs.words import log_words, own_sentence, status_word
from mnist_core.sweeps.results import Results, Trial
from mnist_core.sweeps.words import several_words
from pages.components.page.discreet import show_log
from pages.components.page.text import plain


def show_early(now: Results) -> None:
    """A line for each reason, with its runs; what the last of those printed that failed without a known one."""
    by_reason: dict[str, list[Trial]] = {}
    for trial in now.ended_early:
        by_reason.setdefault(_reason(trial.snapshot), []).append(trial)
    for reason, trials in by_reason.items():
        status = status_word(trials[0].snapshot.status)
        settings = several_words(now, [trial.values for trial in trials])
        st.caption(f"**{plain(status)}** · {plain(settings)} · {plain(reason)}")
    unknown = [of.snapshot.run for of in now.ended_early if _is_unknown(of.snapshot)]
    if unknown:
        with st.expander(_("What it printed last")):
            show_log(unknown[-1])


def _reason(snapshot: Snapshot) -> str:
    if snapshot.status == "stopped":
        return log_words(snapshot.run.why_stopped) or _("It was stopped by hand.")
    return own_sentence(snapshot.run.log_tail()) or _("The training process ended before its work was done.")


def _is_unknown(snapshot: Snapshot) -> bool:
    return snapshot.status == "failed" and not own_sentence(snapshot.run.log_tail())
