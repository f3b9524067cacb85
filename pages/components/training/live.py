"""A run while it trains: its state and its curves, which the browser fetches and draws by itself (live.js).

Were the page to run for every look, the browser and the server would take several times as much of the
processor, and the training on the same machine would wait for it.
"""

import re
import time
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse

from mnist_core.runs import curves
from mnist_core.runs.curves import TRAINING, VALIDATION
from mnist_core.runs.diagnosis import diagnose
from mnist_core.runs.run import Run
from pages.components.charts.curves import MEASURES, show_names, visible_range
from pages.components.page.text import duration
from pages.components.training.queue import all_states, focus, lines

# Seconds between two looks: until the first point and after a click on Stop; then; in a training of minutes.
# Each look takes 0.04 s of a core: at most 2 % of two cores, and less of more.
SOON, USUAL, SLOWEST = 0.25, 1.25, 4.0
_FILES = Path(__file__).parent
_PART = {
    "js": (_FILES / "live.js").read_text("utf-8"),
    "css": (_FILES / "live.css").read_text("utf-8"),
    "isolate_styles": False,  # so that its text is text of the page, for screen readers and for searching
}


def live_state(run: Run, look: dict[str, Any]) -> None:
    """The state in words and how far the training has come, kept up to date by the browser.

    The page runs again when what else it shows of the run (`look["page"]`) has changed.
    """
    words = {name: look[name] for name in ("at", "words", "fraction", "every", "page")}
    data = {"part": "state", "run": run.id, "look": words}
    _part()(data=data, key="live-state", on_changed_change=lambda: None)


def live_curves(run: Run, look: dict[str, Any]) -> None:
    """Loss and accuracy as `show_curves` has them, kept up to date by `live_state`."""
    recipe, published = run.recipe, run.recipe.published
    show_names(recipe)
    data = {"part": "curves", "run": run.id, "look": look, "epochs": recipe.epochs, "names": MEASURES}
    if published:
        figures = [[epoch, accuracy] for epoch, accuracy in published.accuracies if epoch <= recipe.epochs]
        data["published"] = {"accuracy": published.accuracy, "figures": figures}
    _part()(data=data, key="live-curves")


def answer(request: Request) -> JSONResponse:
    """What the browser asks for: a look at the run, or null where that is no longer the one to watch."""
    states = all_states()
    run, status = focus(states)
    asked = run is not None and run.id == request.path_params["run"]
    return JSONResponse(look_at(run, status, lines(states)) if asked else None)


def look_at(run: Run, status: str, waiting: dict[Run, str]) -> dict[str, Any]:
    """What moves while the run trains, with what waits for it; and in `page` what else the page shows of it.

    Figures among that are not told from each other more often than every ten seconds.
    """
    recipe, rows = run.recipe, run.metrics()
    points = curves.points(rows)
    where = curves.progress(rows, recipe.epochs, recipe.batch_size)
    also = {"accuracy": (recipe.published.accuracy,) if recipe.published else ()}
    notes = [row["note"] for row in rows if "note" in row]
    seconds = rows[-1].get("seconds", 0.0) if rows else 0.0
    is_awaited = where is None or run.stop_asked
    every = SOON if is_awaited else min(max(seconds / 40, USUAL), SLOWEST)
    others, remark = [other.id for other in waiting], re.sub(r"[\d.,]+", "", diagnose(recipe, rows))
    figures = [f"{seconds // 10:.0f}"] if others or remark else []
    return {
        "at": time.time(),
        "words": training_words(run, rows),
        "fraction": where.fraction if where else 0.0,
        "series": {
            name: [[p["epoch"], *(p[measure] for measure in MEASURES)] for p in points if p["series"] == name]
            for name in (TRAINING, VALIDATION)
        },
        "limits": {
            name: visible_range([p[name] for p in points], name, also.get(name, ())) for name in MEASURES
        },
        "every": every,
        "page": " ".join([status, *others, *notes, remark, *figures]),
    }


def training_words(run: Run, rows: list[dict[str, Any]]) -> list[str]:
    """The state of a run that trains, and how far it has come."""
    recipe, where = run.recipe, curves.progress(rows, run.recipe.epochs, run.recipe.batch_size)
    words = ["training", recipe.title]
    if where is None:
        words.append("preparing: the network is being built and compiled")
    else:
        words.append(f"epoch {where.epoch} of {recipe.epochs}")
        words.append(f"step {where.step:,} of {where.num_steps:,}")
        is_last = "last" in rows[-1] and (where.fraction == 1 or recipe.patience)  # else one that was resumed
        words.append("finishing" if is_last else _left(where))
        if where.images_per_second:
            words.append(f"{where.images_per_second:,.0f} images/s")
    return words


def _left(where: curves.Progress) -> str:
    if where.seconds_left is None:
        return "time left: measuring"
    return f"{duration(where.seconds_left)} left"


@st.cache_resource(max_entries=1, show_spinner=False)
def _part() -> Any:
    """The component, for both parts."""
    return st.components.v2.component("mnist-studio-live", **_PART)
