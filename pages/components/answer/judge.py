"""Was the answer right? What the visitor says about it is saved as one of their own digits."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np
import streamlit as st

from mnist_core.language.messages import _
from mnist_core.preprocessing.preprocess import Stroke
from mnist_core.runs.answers import Answer
from pages.components.page.acts import acts, refusals
from pages.components.resources import my_digits


def show_judge(image: np.ndarray, strokes: Sequence[Stroke], answer: Answer, place: int, number: int) -> None:
    """Ask whether the answer was right, or what it is; the digit is then saved with the visitor's own."""
    digit = answer.digit
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="judge"):
        st.markdown(_question(answer, place, number))
        words = _("Yes, it is {digit}", digit=digit)
        if answer.is_digit and st.button(words, icon=":material/check:", key="right"):
            _add(digit, image, strokes)
        said = _("No, it is …") if answer.is_digit else _("Yes, it is …")
        wrong = st.popover(said, key="wrong", on_change="rerun")
        if not wrong.open:
            return
        with wrong:
            label = st.segmented_control(_("The digit is"), range(10), key=f"truth-{crc32(image)}")
            words = _("Save") if label is None else _("Save as {digit}", digit=label)
            if st.button(words, key="keep", disabled=label is None):
                _add(label, image, strokes)


def _question(answer: Answer, place: int, number: int) -> str:
    if number == 1:
        return _("Was that right?") if answer.is_digit else _("Is this a digit after all?")
    if answer.is_digit:
        return _("Was digit {place} of {number} read correctly?", place=place + 1, number=number)
    return _("Is mark {place} of {number} a digit after all?", place=place + 1, number=number)


def _add(label: int, image: np.ndarray, strokes: Sequence[Stroke]) -> None:
    """Save the digit; replaces the label just given to the same image."""
    before, mine = st.session_state.get("kept-before"), my_digits()
    with refusals(as_toast=True):
        kept = acts().add_digit(mine, label, image, strokes)
        if before and before.id != kept.id and np.array_equal(before.image, image):
            acts().delete_digit(mine, before.id)
        st.session_state["kept-before"] = kept
        st.toast(_("Saved as {digit}, on the page My digits.", digit=label), icon=":material/check:")
