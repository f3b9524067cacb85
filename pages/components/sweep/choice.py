"""Which sweep is looked at, and along which settings. It is kept in the page's address."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import streamlit as st

from mnist_core.address import InAddress, Parameter, one_of
from mnist_core.language.messages import _
from mnist_core.language.numbers import short_moment
from mnist_core.runs.history import started
from mnist_core.sweeps.store import SavedSweep
from mnist_core.sweeps.sweep import AXES
from pages.components.page.address import AddressState
from pages.components.page.text import plain
from pages.components.page.whose import name_of
from pages.components.visitor import visitor

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


def _sweep(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError(text)
    return text


@dataclass(frozen=True)
class Shown(InAddress):
    """The id of the sweep that is looked at, None for the newest, and the settings `across` and `down` its heat
    map, None for the first ones."""

    sweep: str | None = None
    across: str | None = None
    down: str | None = None

    PARAMETERS: ClassVar[Mapping[str, Parameter]] = {
        "sweep": Parameter("sweep", _sweep),
        "across": Parameter("across", one_of(tuple(AXES))),
        "down": Parameter("down", one_of(tuple(AXES))),
    }


STATE = AddressState(Shown)
_KEY = "which-sweep"


def chosen_sweep(saved: Sequence[SavedSweep]) -> SavedSweep | None:
    """The sweep that the visitor has chosen, by default the newest; None if there is none."""
    now, by_id = STATE.get(), {each.id: each for each in saved}
    if now.sweep and now.sweep not in by_id:
        st.warning(_("The sweep {sweep} is not here.", sweep=plain(now.sweep[:60])), icon=":material/info:")
    return by_id.get(now.sweep or "", next(iter(saved), None))


def choose_sweep(saved: Sequence[SavedSweep], shown: SavedSweep) -> None:
    """The select box; nothing if there is only one."""
    if len(saved) < 2:
        return
    by_id = {each.id: each for each in saved}
    st.session_state[_KEY] = shown.id
    st.selectbox(
        _("Sweep"),
        list(by_id),
        format_func=lambda id_: _label(by_id[id_]),
        placeholder=_("Choose"),
        key=_KEY,
        on_change=lambda: STATE.change(sweep=st.session_state[_KEY], across=None, down=None),
    )


def _label(saved: SavedSweep) -> str:
    """A sweep's name, on a shared server whose it is, the number of its runs, and when it was started."""
    number = _("{number} runs", number=len(saved.runs))
    when = started(saved.id)
    whose = [name_of(saved.owner)] if not visitor().is_alone else []
    return " · ".join([saved.name, *whose, number, *([short_moment(when)] if when else [])])
