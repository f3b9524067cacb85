"""MNIST Studio: the app's table of contents. Start it with `streamlit run app.py`."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from mnist_core.language.messages import _
from pages.components.guard import Hosts, Uploads
from pages.components.page.language import settle_language
from pages.components.page.theme import wordmark
from pages.components.server import Cookies, QuickFiles, routes, started
from pages.components.visitor import visitor

ICON = Path(__file__).parent / "pages" / "components" / "icon.png"


def _to_draw() -> None:
    st.switch_page("pages/draw.py", query_params=st.query_params.to_dict())


def _show() -> None:
    st.set_page_config(page_title="MNIST Studio", page_icon=ICON, layout="wide")
    settle_language()
    st.logo(wordmark(), size="large")
    pages = [
        # Without a page in its address the app opens the first one; /draw itself must be an address, too.
        st.Page(_to_draw, title="MNIST Studio", url_path="", default=True, visibility="hidden"),
        st.Page("pages/draw.py", title=_("Draw"), icon=":material/draw:"),
        st.Page("pages/mine.py", title=_("My digits"), icon=":material/edit_note:"),
        st.Page("pages/learn.py", title=_("Learn"), icon=":material/school:"),
        st.Page("pages/train.py", title=_("Train"), icon=":material/model_training:"),
        st.Page("pages/sweep.py", title=_("Sweep"), icon=":material/grid_on:"),
        st.Page("pages/gallery.py", title=_("Gallery"), icon=":material/grid_view:"),
        st.Page("pages/network.py", title=_("Inside the network"), visibility="hidden"),
        st.Page("pages/words.py", title=_("Words"), visibility="hidden"),
        st.Page("pages/data.py", title=_("Data"), icon=":material/dataset:"),
        st.Page(
            "pages/classroom.py",
            title=_("Class"),
            icon=":material/groups:",
            visibility="visible" if visitor().role == "teacher" else "hidden",
        ),
    ]
    st.session_state["navigated"] = True
    st.navigation(pages, position="top").run()


if __name__ == "__main__":  # runs again and again for every visitor
    _show()
else:  # imported once by the server
    middleware = [Middleware(each) for each in (Hosts, QuickFiles, Cookies, Uploads)]
    app = st.App(__file__, lifespan=started, middleware=middleware, routes=routes())
