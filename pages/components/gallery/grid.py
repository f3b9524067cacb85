"""The images that pass the filters: one page of them, and all of them as downloads."""

from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from mnist_core.data.mnist import Split
from mnist_core.evaluation.crowd import Votes
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.evaluation.judgements import JUDGEMENTS
from mnist_core.evaluation.selection import Selection
from mnist_core.evaluation.take_away import as_csv, as_zip, contact_sheet
from pages.components.gallery.filters import SELECTION, choose_more
from pages.components.images.tiles import Tile, show_tiles
from pages.components.page.address import open_image
from pages.components.page.text import article, share

MOST_PICTURES = 1000  # in a ZIP or on a contact sheet
_SHORT = {"model": "model wrong", "label": "label doubtful", "nobody": "unknowable"}


def show_grid(
    found: np.ndarray,
    chosen: Selection,
    test: Split,
    answers: Evaluation,
    votes: Mapping[int, Votes],
    judged: Mapping[int, str],
    theirs: Evaluation | None = None,
) -> None:
    """One page of the images `found`, with the other model's answers if given; a click opens an image."""
    num_pages = -(-len(found) // chosen.size)
    page = min(chosen.page, num_pages)
    first = (page - 1) * chosen.size
    shown = found[first : first + chosen.size]
    kind = "errors" if chosen.show == "errors" else "images"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        of = f"{first + 1:,} to {first + len(shown):,} of {len(found):,}" if len(found) else "no"
        st.caption(f"{of} {kind}", width="content")
        with st.container(horizontal=True, width="content", gap="small"):
            choose_more(chosen)
            if len(found):
                _take_away(found, test, answers, judged)
    if not len(found):
        st.info(
            "No image matches these filters. Widen one of them, or reset them.", icon=":material/search_off:"
        )
        return
    tiles = [_tile(int(index), answers, votes, judged, theirs) for index in shown]
    show_tiles(test.images[shown], tiles, "grid", open_image)
    if num_pages > 1:
        key = f"page-{page}-of-{num_pages}"
        st.pagination(
            num_pages, default=page, key=key, on_change=lambda: SELECTION.change(page=st.session_state[key])
        )


def _tile(
    index: int,
    answers: Evaluation,
    votes: Mapping[int, Votes],
    judged: Mapping[int, str],
    theirs: Evaluation | None,
) -> Tile:
    true, predicted = int(answers.labels[index]), int(answers.predictions[index])
    sure = share(answers.confidences[index])
    says = [("true", f"{true}")]
    if true != predicted:
        says += [("", " → "), ("wrong", f"{predicted}")]
    notes = [sure]
    if theirs:
        notes.append(f"the other: {theirs.predictions[index]}")
    if index in votes and votes[index].is_doubtful:
        notes.append("label doubted")
    if index in judged:
        notes.append(f"judged: {_SHORT[judged[index]]}")
    label = f"test image {index}: {article(true)} {true}, read as {article(predicted)} {predicted}, {sure} sure"
    return Tile(index, label, says, notes)


def _take_away(found: np.ndarray, test: Split, answers: Evaluation, judged: Mapping[int, str]) -> None:
    """Downloads, which are created only on request."""
    some, every = found[:MOST_PICTURES], np.array(sorted(judged), int)
    many = f"the first {MOST_PICTURES:,}" if len(found) > len(some) else f"{len(some):,}"
    with st.popover("Download", icon=":material/download:", key="take-away"):
        _download(f"Table of {len(found):,} images (CSV)", "images.csv", as_csv, answers, found, judged)
        _download(f"Pictures of {many} (ZIP of PNG)", "images.zip", as_zip, test, answers, some)
        _download(f"Contact sheet of {many} (PNG)", "images.png", contact_sheet, test, answers, some)
        if judged:
            counts = Counter(judged.values())
            said = ", ".join(f"{counts[key]} × {words}" for key, words in JUDGEMENTS.items())
            st.caption(f"Visitors judged {len(judged)} images: {said}.")
            _download("All judgements (CSV)", "judgements.csv", as_csv, answers, every, judged)


def _download(label: str, name: str, make: Callable, *arguments: object) -> None:
    # Without a rerun, which would remove the file before the browser has fetched it.
    st.download_button(label, lambda: make(*arguments), f"mnist-{name}", key=f"take-{name}", on_click="ignore")
