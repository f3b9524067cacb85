"""The teacher's view of a class: who is here, what trains, the runs, everybody's digits, the limits."""

import streamlit as st

from mnist_core.language.messages import _
from pages.components.classroom.digits import show_digits
from pages.components.classroom.entry import show_entry, show_way_out
from pages.components.classroom.limits import show_limits
from pages.components.classroom.now import EVERY, show_now
from pages.components.classroom.people import show_people
from pages.components.classroom.runs import show_runs
from pages.components.page.frame import begin, data_notice
from pages.components.page.kept import how_long
from pages.components.visitor import visitor

begin("classroom", _("The class"), _("Everybody who uses this server, with what they train and draw."))
now = visitor()
if not now.is_teacher:
    show_entry(now)
else:
    data_notice()
    st.fragment(show_now, run_every=EVERY)()
    st.header(_("The runs"), anchor=False)
    show_runs()
    st.header(_("Everybody's digits"), anchor=False)
    show_digits()
    st.header(_("The visitors"), anchor=False)
    show_people()
    st.caption(how_long())
    st.header(_("The limits"), anchor=False)
    show_limits()
    if not now.is_alone:
        show_way_out()
