"""A run while it trains: its state and its curves, which the browser fetches and draws by itself (live.js).

Rerunning the page for every poll would take the browser and the server several times as much CPU time, which
the training on the same machine would then lack.
"""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse

from mnist_core.language.catalogues import current, using
from mnist_core.runs.snapshot import Snapshot, Snapshots, snapshots_of
from pages.components.charts.curves import picture
from pages.components.resources import store, worker
from pages.components.training.words import state_words

# Seconds between polls: before the first point and after Stop; usually; in a training of minutes.
# Each poll takes 0.04 s of one core: at most 2 % of two cores, less with more cores.
SOON, USUAL, SLOWEST = 0.25, 1.25, 4.0
_FILES = Path(__file__).parent
_PART = {
    "js": (_FILES / "live.js").read_text("utf-8"),
    "css": (_FILES / "live.css").read_text("utf-8"),
    "isolate_styles": False,  # so that screen readers and the browser's search find its text
}


def live_state(snapshot: Snapshot, poll: dict[str, Any]) -> None:
    """The state in words and the progress, kept up to date by the browser.

    The page is rerun when anything else that it shows of the run has changed (`poll["key"]`).
    """
    words = {name: poll[name] for name in ("at", "language", "words", "fraction", "every", "key")}
    data = {"run": snapshot.run.id, "poll": words}
    _part()(data=data, key="live-state", on_changed_change=lambda: None)


def answer(request: Request) -> JSONResponse:
    """The response to a poll: the run's state, or null if it is no longer the run to watch."""
    run_id, snapshots = request.path_params["run"], snapshots_of(store())
    asked = next((one for one in snapshots.training if one.run.id == run_id), None)
    # Whoever watches it watches it as its owner does, or as the oldest that trains.
    watched = replace(snapshots, owner=asked.run.owner) if asked else snapshots
    with using(request.query_params.get("lang", "")):
        return JSONResponse(poll_of(watched) if watched.focus and watched.focus is asked else None)


def poll_of(snapshots: Snapshots) -> dict[str, Any]:
    """What changes while the watched run trains. A new `key` means that the page must rerun, too."""
    snapshot = snapshots.focus
    rows, where = snapshot.rows, snapshot.progress
    seconds = rows[-1].get("seconds", 0.0) if rows else 0.0
    is_awaited = snapshot.is_preparing or snapshot.is_stopping
    return {
        "at": time.time(),
        "language": current(),
        "words": state_words(snapshot),
        "fraction": where.fraction if where else 0.0,
        "picture": picture(snapshot.run.recipe, rows),
        "every": SOON if is_awaited else min(max(seconds / 40, USUAL), SLOWEST),
        "key": json.dumps([*snapshots.key, f"{worker().problem}"]),
    }


@st.cache_resource(max_entries=1, show_spinner=False)
def _part() -> Any:
    return st.components.v2.component("mnist-studio-live", **_PART)
