"""Everybody's digits, with how each model reads them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from mnist_core.data.my_digits import EverybodysDigits, MyDigits
from mnist_core.language.messages import _
from mnist_core.runs.run import Run, RunError
from mnist_core.runs.store import STARTER
from mnist_core.visitors import overview
from pages.components.classroom.csv import show_csv
from pages.components.images.tiles import Tile, show_tiles
from pages.components.page.acts import acts, refusals
from pages.components.page.whose import name_of
from pages.components.resources import classifier, describe, runs_with_model, store
from pages.components.visitor import register

MOST_RUNS, A_PAGE = 12, 60
_CHOSEN = "class-digit"


def show_digits() -> None:
    """All digits as tiles, with the answer of the chosen model, and how many each model reads correctly."""
    everybodys = EverybodysDigits(store().home)
    ids = tuple(everybodys.ids())
    if not ids:
        st.markdown(_("No digits are saved yet. Digits are saved below a drawing."))
        return
    runs = {run.id: run for run in runs_with_model()[:MOST_RUNS]}
    read = {run_id: answers for run_id, run in runs.items() if (answers := _read(run, ids)) is not None}
    chosen = st.selectbox(
        _("Read by"),
        list(read),
        format_func=lambda run_id: describe(runs[run_id]),
        placeholder=_("Choose"),
        key="class-reader",
    )
    _show_tiles(ids, read.get(chosen, read[STARTER]))
    _show_models({runs[run_id]: answers for run_id, answers in read.items()}, ids)
    show_csv(overview.digits(everybodys, register(), read), "digits")


@st.cache_data(max_entries=4, show_spinner=False)
def _images(place: str, ids: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The digits' images uint8 (n, 28, 28) and labels uint8 (n,)."""
    split = EverybodysDigits(store().home).split()
    return split.images, split.labels


def _read(run: Run, ids: tuple[str, ...]) -> np.ndarray | None:
    """As what the run reads each digit, int (n,); None if its model cannot be read."""
    return _answers(f"{store().home}", run.id, ids, run)


@st.cache_data(max_entries=64, show_spinner=False)
def _answers(place: str, run_id: str, ids: tuple[str, ...], _run: Run) -> np.ndarray | None:
    try:
        return classifier(_run).probabilities(_images(place, ids)[0]).argmax(1)
    except RunError:
        return None


def _show_tiles(ids: tuple[str, ...], read: np.ndarray) -> None:
    """The newest first, a page at a time; those that are read otherwise have both digits."""
    num_pages = -(-len(ids) // A_PAGE)
    page = st.pagination(num_pages, key=f"class-page-{num_pages}") if num_pages > 1 else 1
    images, labels = _images(f"{store().home}", ids)
    shown = range(len(ids))[::-1][(page - 1) * A_PAGE : page * A_PAGE]
    tiles = [_tile(place, ids[place], int(labels[place]), int(read[place])) for place in shown]
    show_tiles(images[list(shown)], tiles, "class-tiles", lambda place: _choose(ids[place]))
    if st.session_state.get(_CHOSEN) in ids:
        _show_delete(st.session_state[_CHOSEN])


def _tile(place: int, id_: str, label: int, answer: int) -> Tile:
    name = name_of(id_.rpartition("/")[0])
    words = _("{name}: a {digit}, read as {read}", name=name, digit=label, read=answer)
    wrong = [("", " → "), ("wrong", f"{answer}")] if answer != label else []
    return Tile(place, words, [("true", f"{label}"), *wrong], [name])


def _choose(id_: str) -> None:
    st.session_state[_CHOSEN] = id_


def _show_delete(id_: str) -> None:
    owner, _slash, digit = id_.rpartition("/")
    words = _("Delete the chosen digit of {name}", name=name_of(owner))
    if st.button(words, icon=":material/delete:", key="class-digit-delete"):
        with refusals():
            acts().delete_digit(MyDigits(store().home, owner), digit)
            st.rerun()


def _show_models(read: Mapping[Run, np.ndarray], ids: tuple[str, ...]) -> None:
    labels = _images(f"{store().home}", ids)[1]
    rows = [
        {"model": describe(run), "owner": name_of(run.owner), "right": float((answers == labels).mean())}
        for run, answers in read.items()
    ]
    columns = {
        "model": st.column_config.TextColumn(_("Model")),
        "owner": st.column_config.TextColumn(_("Whose")),
        "right": st.column_config.NumberColumn(_("Read correctly"), format="percent"),
    }
    st.dataframe(pd.DataFrame(rows), column_config=columns, hide_index=True)
