"""Links from a test image in the gallery to the canvas, and back to the same place in the gallery.

Draw's address keeps the way back as the gallery's own query, encoded: /draw?behind=340&run=…&back=view%3Dmap

Links, since st.switch_page leaves an address in the browser's history that is none: Back would lead there.
"""

from urllib.parse import parse_qsl, urlencode

import streamlit as st

from mnist_core.evaluation.selection import Selection
from mnist_core.language.messages import _

_PAIR = ("run", "other")
_KEPT = (*_PAIR, *Selection.names())


def link_to_canvas(index: int, run_id: str) -> None:
    """A link that leaves the gallery to draw over this test image."""
    here = {**_here(*_KEPT), "run": run_id}  # the run is named, since another one may be chosen on Draw
    # With all that Draw would add to its address: the browser's Back would otherwise lead to Draw again.
    query = {**_here("other", "lang"), "behind": f"{index}", "run": run_id, "back": urlencode(here)}
    with st.container(key="to-canvas"):
        label = _("Draw over this image")
        st.page_link("pages/draw.py", label=label, icon=":material/draw:", query_params=query)


def link_to_image(index: int) -> None:
    """A link that opens this test image in the gallery, with the run and the filters with which it was left."""
    back = dict(parse_qsl(st.query_params.get("back", ""))) or _here(*_PAIR)
    query = {name: back[name] for name in _KEPT if name in back} | _here("lang")
    with st.container(key="to-image", width="content"):
        label, query = _("Back to this image"), {**query, "image": f"{index}"}
        st.page_link("pages/gallery.py", label=label, icon=":material/arrow_back:", query_params=query)


def forget_way_back() -> None:
    st.query_params.pop("back", None)


def _here(*names: str) -> dict[str, str]:
    return {name: st.query_params[name] for name in names if name in st.query_params}
