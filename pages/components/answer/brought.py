"""A picture that a visitor brings: from a file, the clipboard or the camera, with a box around each digit."""

from collections.abc import Sequence
from io import BytesIO
from zlib import crc32

import streamlit as st

from mnist_core.language.messages import _
from mnist_core.preprocessing.found import Found
from mnist_core.preprocessing.photo import find_in_picture, in_boxes
from mnist_core.preprocessing.photo_file import ENDINGS, open_image
from mnist_core.preprocessing.preprocess import DrawingError
from mnist_core.runs.answers import Answer
from mnist_core.runs.run import Run, RunError
from pages.components.images.boxes import pasted, show_boxes
from pages.components.images.pictures import without
from pages.components.page.run_chooser import chosen_run
from pages.components.resources import classifier, runs_with_model


def brought(how: str) -> tuple[Found, str]:
    """The digits in the visitor's picture, and a hint to show if there are none."""
    state = st.session_state
    if how == "camera":
        file, name = st.camera_input(_("A photograph of digits"), key="camera"), _("The photograph")
        hint = _("Take a photograph of digits from above, close up.")
    else:
        file = st.file_uploader(
            _("A picture of digits, dark on light or light on dark. You can also paste one with Ctrl+V."),
            type=ENDINGS,
            key="picture",
            on_change=lambda: state.update({"pasted": None}),
        )
        pasted(lambda came: state.update({"pasted": came}))
        file, name = state.get("pasted") or file, _("The picture")
        hint = _("Choose a picture of one or more digits.")
    if not file:
        return Found(), hint
    try:
        content = file.getvalue()
        turn = _turned(content)
        with st.spinner(_("Looking for the digits …")):
            found = found_in(content, turn, _reader())
        state["brought"] = at = crc32(content), ((turn or 0) + found.turned) % 4
        boxes = state.get("boxes-of", {}).get(at)
        if boxes is None or found.ink is None:
            return found, _("No ink was found. Digits on plain paper work best.")
        found = in_boxes(found, boxes)
        if len(found.digits) < len(boxes):
            st.info(_("A box that you drew holds no ink, so it was left out."), icon=":material/info:")
        return found, _("There is no box left. Draw one around a digit, or let the app find the digits again.")
    except DrawingError as error:
        return Found(), _("{file}: {problem}", file=getattr(file, "name", name), problem=error)


def _turned(content: bytes) -> int | None:
    """The quarter turns to the left that the visitor chose for this picture; None without a choice."""
    return st.session_state.get("turns", {}).get(crc32(content))


def _reader() -> Run | None:
    return chosen_run(runs_with_model())


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs={Run: lambda run: run.id})
def found_in(content: bytes, turn: int | None, run: Run | None) -> Found:
    try:
        reader = classifier(run).probabilities if run else None
        return find_in_picture(open_image(BytesIO(content)), reader, turn)
    except RunError:  # reported where the digits are read
        return find_in_picture(open_image(BytesIO(content)), None, turn)


def show_found(found: Found, answers: Sequence[Answer]) -> None:
    """The picture with its boxes, what was removed, and buttons to turn it."""
    state, (checksum, turn) = st.session_state, st.session_state["brought"]

    def changed(boxes: list) -> None:
        state.setdefault("boxes-of", {})[checksum, turn] = boxes

    def turned(quarters: int) -> None:
        state.setdefault("turns", {})[checksum] = (turn + quarters) % 4

    if found.turned:
        st.info(_("The picture was lying on its side and has been turned."), icon=":material/rotate_left:")
    taken = found.taken is not None and found.taken.any()
    with_taken = taken and st.toggle(
        _("Show what was removed, such as ruled lines and frames"), key="with-taken"
    )
    shown = without(found.whole, found.taken) if with_taken else found.whole
    show_boxes(shown, [digit.box for digit in found.digits], [answer.text for answer in answers], changed)
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        left, right = (":material/rotate_left:", 1), (":material/rotate_right:", 3)
        for (icon, quarters), words in ((left, _("Rotate left")), (right, _("Rotate right"))):
            key = f"icon-turn-{quarters}"
            st.button(words, icon=icon, help=words, key=key, on_click=turned, args=(quarters,))
        if (checksum, turn) in state.get("boxes-of", {}):
            st.button(
                _("Find the digits again"),
                key="again",
                on_click=state["boxes-of"].pop,
                args=((checksum, turn),),
            )
        st.caption(_("Click a box to remove it. To add one, drag around a digit that was not found."))
