"""What was deleted within a day, with a button to restore each."""

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from mnist_core.language.messages import _
from mnist_core.language.numbers import short_moment
from mnist_core.trash import Deleted
from pages.components.page.acts import acts, refusals
from pages.components.page.text import plain
from pages.components.resources import trash

MOST = 20


def show_deleted(kind: str, name: Callable[[Deleted], str] = lambda item: item.name) -> None:
    """A popover with what was deleted of this kind; nothing where nothing was. `name` says what a thing is."""
    items = [item for item in trash().list(kind) if acts().may_restore(item)]
    if not items:
        return
    with st.popover(_("Recently deleted"), icon=":material/restore_from_trash:", key=f"deleted-{kind}"):
        st.caption(_("What was deleted can be restored for a day. Then it is deleted for good."))
        for item in items[:MOST]:
            _show(item, name(item))
        if len(items) > MOST:
            st.caption(_("And {number} older ones.", number=len(items) - MOST))
        words = _("Delete all of it for good")
        st.button(words, icon=":material/delete_forever:", key=f"empty-{kind}", on_click=_empty, args=[items])


def _show(item: Deleted, name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        when = short_moment(datetime.fromtimestamp(item.deleted))
        st.markdown(_("{name} · deleted {when}", name=plain(name), when=when), width="content")
        st.button(_("Restore"), icon=":material/undo:", key=f"restore-{item.id}", on_click=restore, args=[item])


def restore(item: Deleted) -> None:
    """Restore it; if that fails, say why."""
    with refusals(as_toast=True):
        acts().restore(item)


def _empty(items: list[Deleted]) -> None:
    for item in items:
        with refusals(as_toast=True):
            acts().discard(item)
