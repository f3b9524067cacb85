"""What happens in the class now: who is here, what trains, and what waits."""

import streamlit as st

from mnist_core.language.messages import _
from mnist_core.language.numbers import figure
from mnist_core.recipes.words import title
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import Snapshot, Snapshots, snapshots_of
from mnist_core.visitors.hidden import Hidden
from pages.components.page.acts import acts, refusals
from pages.components.page.text import plain
from pages.components.page.whose import name_of
from pages.components.resources import store
from pages.components.training.problem import show_problem
from pages.components.training.words import queue_lines, state_words
from pages.components.visitor import register

EVERY = 3.0  # seconds
_MOST = 20  # runs that wait


def show_now() -> None:
    """The numbers, who is here, and the queue with the teacher's buttons. Run it as a fragment."""
    snapshots, here = snapshots_of(store()), register().here()
    _show_numbers(snapshots, len(here))
    _show_names(here)
    st.subheader(_("Training and waiting"), anchor=False)
    show_problem()
    lines = queue_lines(snapshots)
    training = [snapshot for snapshot in snapshots.all if snapshot.is_under_way]
    if not training and not snapshots.waiting:
        st.markdown(_("Nothing trains at the moment."))
    for snapshot in (*training, *snapshots.waiting[:_MOST]):
        _show(snapshot, lines.get(snapshot.run.id, ""))
    if (more := len(snapshots.waiting) - _MOST) > 0:
        st.caption(_("And {number} more that wait.", number=more))


def _show_numbers(snapshots: Snapshots, num_here: int) -> None:
    ended = [snapshot for snapshot in snapshots.all if snapshot.status == "finished"]
    numbers = {
        _("here now"): num_here,
        _("train"): sum(snapshot.is_training for snapshot in snapshots.all),
        _("wait"): len(snapshots.waiting),
        _("finished runs"): len(ended),
    }
    with st.container(horizontal=True, gap="large", key="class-numbers"):
        for words, number in numbers.items():
            st.metric(words, figure(number, ","), width="content")


def _show_names(here: list[str]) -> None:
    """Who is here, by name; visitors without one as a number."""
    named = sorted(name for id_ in here if (name := register().name(id_)))
    words = " · ".join(plain(name) for name in named)
    if without := len(here) - len(named):
        words += (" · " if words else "") + _("{number} without a name", number=without)
    st.markdown(words or _("Nobody is here."))


def _show(snapshot: Snapshot, line: str) -> None:
    """One run, in words, with what a teacher can do with it."""
    run = snapshot.run
    first, *others = map(plain, state_words(snapshot, line))
    what = " · ".join([f"**{plain(title(run.recipe))}**", plain(name_of(run.owner)), first, *others])
    with st.container(horizontal=True, vertical_alignment="center", key=f"class-run-{run.id}"):
        st.markdown(what, width="stretch")
        if snapshot.status == "queued" and snapshot.place != 1:
            _button(_("To the front"), ":material/vertical_align_top:", f"front-{run.id}", "front", run)
        hidden = run.id in Hidden.of(store().home).runs
        words, icon = (_("Show"), "visibility") if hidden else (_("Hide"), "visibility_off")
        _button(words, f":material/{icon}:", f"hide-{run.id}", "show" if hidden else "hide", run)
        _button(_("Stop"), ":material/stop:", f"class-stop-{run.id}", "stop", run)


def _button(words: str, icon: str, key: str, what: str, run: Run) -> None:
    st.button(words, icon=icon, key=key, type="tertiary", on_click=_do, args=(what, run))


def _do(what: str, run: Run) -> None:
    with refusals(as_toast=True):
        if what == "front":
            acts().move_to_front(run)
        elif what == "stop":
            acts().stop(run)
        else:
            acts().hide(run, what == "hide")
