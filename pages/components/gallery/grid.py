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
from mnist_core.exchange.take_away import as_csv, as_zip, contact_sheet
from mnist_core.language.figures import share
from mnist_core.language.messages import N_, _, ngettext
from mnist_core.language.numbers import listed
from pages.components.gallery.filters import SELECTION, choose_more
from pages.components.gallery.versus import Versus
from pages.components.images.tiles import Tile, show_tiles
from pages.components.page.address import open_image

MOST_PICTURES = 1000  # in a ZIP or on a contact sheet
_JUDGED = {
    "model": N_("judged: model wrong"),
    "label": N_("judged: label doubtful"),
    "nobody": N_("judged: cannot be decided"),
}

_FRAMES = {(True, False): "first", (False, True): "second", (True, True): "", (False, False): ""}


def show_grid(
    found: np.ndarray,
    chosen: Selection,
    test: Split,
    answers: Evaluation,
    votes: Mapping[int, Votes],
    judged: Mapping[int, str],
    versus: Versus | None = None,
) -> None:
    """One page of the images `found`, with a second run's answers if given; a click opens an image."""
    num_pages = -(-len(found) // chosen.size)
    page = min(chosen.page, num_pages)
    first = (page - 1) * chosen.size
    shown = found[first : first + chosen.size]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(_range(first, len(shown), len(found), chosen.show == "errors"), width="content")
        with st.container(horizontal=True, width="content", gap="small"):
            choose_more(chosen)
            if len(found):
                _take_away(found, test, answers, judged)
    if not len(found):
        st.info(
            _("No image matches these filters. Widen one of them, or reset them."), icon=":material/search_off:"
        )
        return
    if versus:
        st.caption(_legend(versus))
    tiles = [_tile(int(index), answers, votes, judged, versus) for index in shown]
    show_tiles(test.images[shown], tiles, "grid", open_image)
    if num_pages > 1:
        key = f"page-{page}-of-{num_pages}"
        st.pagination(
            num_pages, default=page, key=key, on_change=lambda: SELECTION.change(page=st.session_state[key])
        )


def _range(first: int, shown: int, found: int, are_errors: bool) -> str:
    """Which of the images that were found are on this page."""
    if not found:
        return _("no errors") if are_errors else _("no images")
    values = {"first": first + 1, "last": first + shown, "found": found}
    if are_errors:
        return _("{first:,} to {last:,} of {found:,} errors", **values)
    return _("{first:,} to {last:,} of {found:,} images", **values)


def _tile(
    index: int,
    answers: Evaluation,
    votes: Mapping[int, Votes],
    judged: Mapping[int, str],
    versus: Versus | None,
) -> Tile:
    true, predicted = int(answers.labels[index]), int(answers.predictions[index])
    sure = share(answers.confidences[index])
    says = [("true", f"{true}")]
    if true != predicted:
        says += [("", " → "), ("wrong", f"{predicted}")]
    label = _(
        "test image {index}: {digit}, read as {read}, {share} sure",
        index=index,
        digit=true,
        read=predicted,
        share=sure,
    )
    notes, frame = [sure], ""
    if versus:
        theirs = int(versus.comparison.second.predictions[index])
        notes.append(_("{model}: {digit}", model=versus.second, digit=theirs))
        frame = _FRAMES[true == predicted, true == theirs]
        label = _("{image}; {model} reads {digit}", image=label, model=versus.second, digit=theirs)
    if index in votes and votes[index].is_doubtful:
        notes.append(_("label doubted"))
    if index in judged:
        notes.append(_(_JUDGED[judged[index]]))
    return Tile(index, label, says, notes, frame)


def _legend(versus: Versus) -> str:
    return _(
        "Solid :blue[blue] frame: only :blue[{first}] is right. Dashed :orange[orange] frame: only "
        ":orange[{second}] is right.",
        **versus.names,
    )


def _take_away(found: np.ndarray, test: Split, answers: Evaluation, judged: Mapping[int, str]) -> None:
    """Downloads, which are created only on request."""
    some, every = found[:MOST_PICTURES], np.array(sorted(judged), int)
    pictures = _("Pictures of {count:,} (ZIP of PNG)", count=len(some))
    sheet = _("Contact sheet of {count:,} (PNG)", count=len(some))
    if len(found) > len(some):
        pictures = _("Pictures of the first {count:,} (ZIP of PNG)", count=len(some))
        sheet = _("Contact sheet of the first {count:,} (PNG)", count=len(some))
    with st.popover(_("Download"), icon=":material/download:", key="take-away"):
        table = _("Table of {count:,} images (CSV)", count=len(found))
        _download(table, "images.csv", as_csv, answers, found, judged)
        _download(pictures, "images.zip", as_zip, test, answers, some)
        _download(sheet, "images.png", contact_sheet, test, answers, some)
        if judged:
            counts = Counter(judged.values())
            said = listed([f"{words}: {counts[key]}" for key, words in JUDGEMENTS.items()])
            words = ngettext(
                "Visitors judged {number} image ({judgements}).",
                "Visitors judged {number} images ({judgements}).",
                len(judged),
                judgements=said,
            )
            st.caption(words)
            _download(_("All judgements (CSV)"), "judgements.csv", as_csv, answers, every, judged)


def _download(label: str, name: str, make: Callable, *arguments: object) -> None:
    # Without a rerun, which would remove the file before the browser has fetched it.
    st.download_button(label, lambda: make(*arguments), f"mnist-{name}", key=f"take-{name}", on_click="ignore")
