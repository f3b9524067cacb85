"""One test image in detail: its label, the model's answer, the reasons, and other opinions on it."""

import numpy as np
import pandas as pd
import streamlit as st

from mnist_core.data.mnist import Dataset
from mnist_core.evaluation.crowd import SOURCE, Votes
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.evaluation.judgements import JUDGEMENTS, Judgements
from mnist_core.language.figures import share
from mnist_core.language.messages import _
from mnist_core.runs.answers import answer_of
from mnist_core.runs.run import Run
from mnist_core.runs.store import STARTER
from mnist_core.trash import Deleted
from pages.components.answer.nearest import image_label
from pages.components.answer.reasons import show_reasons
from pages.components.charts.bars import show_bars
from pages.components.gallery.filters import SELECTION
from pages.components.gallery.versus import Versus
from pages.components.images.pixels import show_numbers, show_pixels
from pages.components.page.acts import acts, refusals
from pages.components.page.address import open_image
from pages.components.page.deleted import show_deleted
from pages.components.page.scroll import scroll_to_tile
from pages.components.page.way_back import link_to_canvas
from pages.components.resources import describe, evaluation, runs_with_model

MOST_RUNS = 30


def show_closely(
    index: int,
    found: np.ndarray,
    size: int,
    run: Run,
    answers: Evaluation,
    dataset: Dataset,
    votes: Votes | None,
    judgements: Judgements,
    versus: Versus | None,
) -> None:
    """The test image `index`. The buttons "previous" and "next" go through `found`, which the grid shows in
    pages of `size`. With `versus` the second run's answer stands beside the first's."""
    image = dataset.test.images[index]
    true, predicted = int(answers.labels[index]), int(answers.predictions[index])
    _way(index, found, size)
    left, middle, right = st.columns([370, 400, 400], gap="large")
    with left:
        show_pixels(image, image_label("test", index, true))
        st.caption(_("Test image {index}, 28 × 28 grey levels", index=index))
        link_to_canvas(index, run.id)
    with middle:
        _answer(true, predicted, answers, index)
        if versus:
            theirs = versus.comparison.second
            show_bars(
                [versus.first, versus.second], [answers.probabilities[index], theirs.probabilities[index]]
            )
        else:
            show_bars([describe(run)], [answers.probabilities[index]])
    with right:
        if votes:
            _crowd(votes)
        _judge(index, judgements)
        _others(index, run, answers)
    with st.expander(_("The value of each pixel"), key="pixel-values"):
        show_numbers(image, _("the 784 pixels of test image {index}", index=index))
    rival = true if true != predicted else answer_of(answers.probabilities[index], False).second
    show_reasons(run, image, test_image=index, rival=rival)


def _way(index: int, found: np.ndarray, size: int) -> None:
    """Buttons and keys that go back to the grid, and to the previous and next image of `found`."""
    place = np.flatnonzero(found == index)
    position = int(place[0]) if len(place) else -1
    page = position // size + 1 if position >= 0 else None
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="way"):
        st.button(
            _("All images"),
            icon=":material/arrow_back:",
            key="back",
            shortcut="Escape",
            on_click=_close,
            args=(index, page),
        )
        if position >= 0:
            steps = (("previous", _("Previous"), -1, "Left"), ("next", _("Next"), 1, "Right"))
            for name, words, step, key in steps:
                there = 0 <= position + step < len(found)
                st.button(
                    words,
                    key=name,
                    shortcut=key,
                    disabled=not there,
                    on_click=open_image,
                    args=(int(found[position + step]) if there else index,),
                )
            place = _("{position:,} of {count:,}", position=position + 1, count=len(found))
            st.caption(place, width="content")


def _close(index: int, page: int | None) -> None:
    """Go back to the page of the grid that contains the image, and scroll to it."""
    st.query_params.pop("image", None)  # a second click may come after the image was closed
    scroll_to_tile(index)
    if page:
        SELECTION.change(page=page)


def _answer(true: int, predicted: int, answers: Evaluation, index: int) -> None:
    sure, given = answers.confidences[index], answers.probabilities[index, true]
    if true == predicted:
        st.markdown("### " + _(":blue[{digit}], read correctly", digit=true))
        st.markdown(_("{share} sure.", share=share(sure)))
    else:
        st.markdown("### " + _(":blue[{digit}], read as :red[{read}]", digit=true, read=predicted))
        st.markdown(
            _(
                "{share} sure. It gave the {digit} a probability of {given}; the loss is {loss:.2f}.",
                share=share(sure),
                digit=true,
                given=share(given),
                loss=answers.losses[index],
            )
        )


def _crowd(votes: Votes) -> None:
    total = votes.for_label + votes.for_other + votes.for_neither
    verdict = _("**The label is doubtful.**") if votes.is_doubtful else _("**The label was confirmed.**")
    counts = _(
        "Votes of {total} people: {for_label} for digit {label}, {for_other} for digit {other}, {neither} for "
        "neither.",
        total=total,
        for_label=votes.for_label,
        label=votes.label,
        for_other=votes.for_other,
        other=votes.other,
        neither=votes.for_neither,
    )
    st.markdown(f"{verdict} {counts}")
    st.caption(SOURCE)


def _judge(index: int, judgements: Judgements) -> None:
    """Ask for the visitor's judgement, which is saved and can be removed again."""
    said = judgements.all().get(index)

    def keep(judgement: str) -> None:
        with refusals(as_toast=True):
            acts().judge(judgements, index, None if judgement == said else judgement)

    st.markdown(_("**What do you think?**"))
    with st.container(horizontal=True, gap="small", key="judge"):
        for judgement, words in JUDGEMENTS.items():
            st.button(
                str(words),
                key=f"judge-{judgement}",
                type="primary" if judgement == said else "secondary",
                icon=":material/check:" if judgement == said else None,
                on_click=keep,
                args=(judgement,),
            )
        show_deleted("judgement", _deleted_name)


def _deleted_name(item: Deleted) -> str:
    index, judgement = item.entry
    return _("test image {index}: {judgement}", index=index, judgement=JUDGEMENTS.get(judgement, judgement))


def _others(index: int, run: Run, answers: Evaluation) -> None:
    """The answers to this image of every other run with the same test set."""
    rows, true = [], int(answers.labels[index])
    for other in runs_with_model()[:MOST_RUNS]:
        try:
            said = evaluation(other)
        except ValueError:
            continue
        if other != run and np.array_equal(said.labels, answers.labels):
            read = int(said.predictions[index])
            rows.append(
                {
                    "run": describe(other),
                    "reads": f"{read}",
                    "sure": said.confidences[index],
                    "right": read == true,
                }
            )
    if not rows:
        if run.id == STARTER:
            st.caption(_("Train another model to see its answer to this image here."))
        return
    right = sum(row["right"] for row in rows)
    st.markdown(_("Other runs that read it correctly: **{right} of {count}**", right=right, count=len(rows)))
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_order=("reads", "sure", "right", "run"),
        height=min(300, 36 * len(rows) + 40),
        alt=_("the other runs' answers to this image"),
        column_config={
            "reads": st.column_config.TextColumn(_("reads"), width=50),
            "sure": st.column_config.NumberColumn(_("confidence"), format="percent", width=80),
            "right": st.column_config.CheckboxColumn(_("right"), width=50),
            "run": st.column_config.TextColumn(_("run")),
        },
    )
