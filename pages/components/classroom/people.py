"""The visitors as a table, with what a teacher can do about one."""

import pandas as pd
import streamlit as st

from mnist_core.language.messages import _
from mnist_core.visitors import overview
from mnist_core.visitors.hidden import Hidden
from pages.components.classroom.csv import show_csv
from pages.components.page.acts import acts, refusals
from pages.components.page.text import plain
from pages.components.page.whose import name_of
from pages.components.resources import store
from pages.components.visitor import register


def show_people() -> None:
    """Who was here, last first; for a chosen one, buttons to hide the name, take away and delete."""
    rows = overview.visitors(store(), register())
    if not rows:
        st.markdown(_("Nobody has been here yet."))
        return
    table = pd.DataFrame(rows).assign(name=[name_of(row["visitor"]) for row in rows])
    columns = {
        "name": _("Name"),
        "here": _("Here now"),
        "last_seen": _("Last seen"),
        "runs": _("Runs"),
        "digits": _("Digits"),
    }
    picked = st.dataframe(
        table,
        column_order=list(columns),
        column_config=columns,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"people-{hash(tuple(table.visitor))}",
        height=min(38 + 35 * len(rows), 388),
    ).selection.rows
    with st.container(horizontal=True):
        show_csv(rows, "visitors")
        if picked and picked[0] < len(rows):
            _show_acts(rows[picked[0]]["visitor"])


def _show_acts(visitor_id: str) -> None:
    name, is_hidden = name_of(visitor_id), visitor_id in Hidden.of(store().home).names
    words, icon = (_("Show the name"), "visibility") if is_hidden else (_("Hide the name"), "visibility_off")
    st.button(
        words, icon=f":material/{icon}:", key="hide-name", on_click=_hide, args=(visitor_id, not is_hidden)
    )
    kept = acts().kept(visitor_id)
    words, file = _("Take it all away"), f"visitor-{visitor_id[:4]}.zip"
    st.download_button(
        words, kept.as_zip, file, icon=":material/download:", key="take-theirs", on_click="ignore"
    )
    with st.popover(_("Delete it all"), icon=":material/delete_forever:", key="delete-theirs"):
        words = _(
            "All runs, digits and judgements of {name} and the name will be deleted for good.", name=plain(name)
        )
        st.markdown(words)
        if st.button(_("Yes, delete it all"), type="primary", key="delete-theirs-yes"):
            with refusals():
                acts().delete_everything(visitor_id)
                st.rerun()


def _hide(visitor_id: str, is_hidden: bool) -> None:
    with refusals(as_toast=True):
        acts().hide_name(visitor_id, is_hidden)
