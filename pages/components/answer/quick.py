"""Answers without a run of the page, for times when more people draw than the page can be run for.

An answer alone takes the server a third of what a run of the page takes. While the server is full, the page
gives the browser a ticket. With it the browser (canvas.js) asks here for the answers to further strokes, and
tells the page of the drawing when the visitor pauses or turns to something else.
"""

import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mnist_core.language.catalogues import current, using
from mnist_core.runs.answers import answer_of
from mnist_core.runs.run import Run, RunError
from pages.components.answer.answer import answer_and_input, numbered
from pages.components.answer.load import load
from pages.components.answer.reading import read_canvas
from pages.components.charts.bars import bars_in_html
from pages.components.resources import classifier

LARGEST = 2_000_000  # bytes of a drawing
_MOST = 1000  # tickets that are known
_KEY = secrets.token_bytes()
# Answers at a time: more threads would wait for each other, and the server for all of them.
_AT_ONCE = CapacityLimiter(2)


@dataclass(frozen=True)
class Reader:
    """Who answers, and in which language. `names` are those of the run and of the other one."""

    run: Run
    other: Run | None
    names: tuple[str, ...]
    language: str


_readers: dict[str, Reader] = {}
_lock = Lock()


def ticket_for(run: Run, other: Run | None, names: Sequence[str]) -> str | None:
    """A ticket for answers of these runs; None while the page has time for every stroke.

    Only who has been shown the page with these runs can know it.
    """
    context = get_script_run_ctx()
    if not load.is_full(context.session_id if context else ""):
        return None
    reader = Reader(run, other, tuple(names), current())
    text = repr((run.id, other and other.id, reader.names, reader.language))
    ticket = hmac.new(_KEY, text.encode(), "sha256").hexdigest()
    with _lock:
        _readers[ticket] = reader
        if len(_readers) > _MOST:
            del _readers[next(iter(_readers))]
    return ticket


async def answer(request: Request) -> JSONResponse:
    """The response to a drawing; null if only the page can answer it."""
    reader, content = _readers.get(request.path_params["ticket"]), bytearray()
    async for part in request.stream():  # to its end, or the browser would not hear the answer
        if len(content) <= LARGEST:
            content += part
    if reader is None or len(content) > LARGEST:
        return JSONResponse(None, 413 if reader else 404)
    return JSONResponse(await run_sync(answer_to, reader, bytes(content), limiter=_AT_ONCE))


def answer_to(reader: Reader, content: bytes) -> dict[str, Any] | None:
    """The page's parts that change with a stroke, as HTML, for a drawing in JSON.

    None for several digits, which change more of the page, and where there is no answer.
    """
    with using(reader.language):
        try:
            drawing = json.loads(content)
            found, hint = read_canvas(drawing)
            if len(found.digits) > 1:
                return None
            images = [digit.image() for digit in found.digits]
            pixels = np.array(images, np.uint8).reshape(-1, 28, 28)
            read = [classifier(run).probabilities(pixels) for run in (reader.run, reader.other) if run]
        except (ValueError, RecursionError, RunError):
            return None
        answers = [answer_of(of, reader.run.recipe.other_handwriting) for of in read[0]]
        number = drawing.get("number") if isinstance(drawing, dict) else 0
        bars = bars_in_html(reader.names, [of[0] for of in read if len(of)])
        return {
            "answer": numbered(answer_and_input(read, images, answers, hint), number),
            "bars": numbered(bars, number),
            "isFull": load.is_full(),
        }
