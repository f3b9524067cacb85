"""The test images that a model gets wrong."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from mnist_core.evaluation import Evaluation
from pages.components.frame import begin
from pages.components.pictures import picture
from pages.components.resources import evaluation, loader, runs_with_model
from pages.components.run_chooser import choose_run
from pages.components.text import share
from pages.components.theme import ink

ORDERS = {
    "loss": "highest loss first",
    "confidence": "most confident first",
    "index": "in the test set's order",
}
PAGE_SIZES = (24, 48, 96)


def show_matrix(answers: Evaluation) -> None:
    """The confusion matrix; the colours follow the errors, the diagonal stays pale."""
    matrix = answers.confusion_matrix
    true, predicted = np.indices((10, 10))
    table = pd.DataFrame({"true": true.ravel(), "predicted": predicted.ravel(), "images": matrix.ravel()})
    table["errors"] = np.where(np.eye(10, dtype=bool), 0, matrix).ravel()
    table["text"] = table.images.where(table.images > 0, "").astype(str)
    most = max(1, int(table.errors.max()))
    base = alt.Chart(table).encode(
        x=alt.X("predicted:O", axis=alt.Axis(orient="top", labelAngle=0, title="predicted")),
        y=alt.Y("true:O", title="true"),
        tooltip=["true:O", "predicted:O", "images:Q"],
    )
    cells = base.mark_rect(color="#d6354a").encode(
        opacity=alt.Opacity("errors:Q", scale=alt.Scale(domain=[0, most], range=[0.0, 0.85]), legend=None)
    )
    numbers = base.mark_text(fontSize=12, color=ink()).encode(
        text="text:N", opacity=alt.condition("datum.true == datum.predicted", alt.value(0.45), alt.value(1.0))
    )
    st.altair_chart((cells + numbers).properties(height=340), key="matrix", alt="confusion matrix")


def show_tile(index: int, image: np.ndarray, answers: Evaluation) -> None:
    """One misclassified image: what it is in blue, what the model said in red."""
    true, predicted = answers.labels[index], answers.predictions[index]
    with st.container(key=f"error-{index}", width=112, gap="xxsmall"):
        st.image(picture(image, 4), width=112, alt=f"test image {index}: a {true}, read as a {predicted}")
        st.markdown(f"**:blue[{true}]** → **:red[{predicted}]** {share(answers.confidences[index])}")
        st.caption(f"no. {index}")


def choose_errors(answers: Evaluation) -> np.ndarray:
    """The filters, and the indices of the errors that pass them, in the chosen order."""
    with st.container(horizontal=True, key="filters"):
        digits = [None, *range(10)]
        name = {None: "any"}.get
        true = st.selectbox("True digit", digits, format_func=lambda d: name(d, str(d)), key="true", width=110)
        predicted = st.selectbox("Read as", digits, format_func=lambda d: name(d, str(d)), key="as", width=110)
        order = st.selectbox("Order", list(ORDERS), format_func=ORDERS.get, key="order", width=220)
    return answers.errors(true, predicted, order)


@st.fragment
def show_errors(answers: Evaluation, images: np.ndarray) -> None:
    """The grid of errors with its filters and pages. A fragment: the matrix stays as it is."""
    found = choose_errors(answers)
    if not len(found):
        st.info("No error of this kind: take another pair of digits.", icon=":material/search_off:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        size = st.segmented_control(
            "Images a page",
            PAGE_SIZES,
            default=PAGE_SIZES[0],
            required=True,
            key="size",
            label_visibility="collapsed",
        )
        num_pages = -(-len(found) // size)
        page = st.pagination(num_pages, key=f"page-{num_pages}") if num_pages > 1 else 1
    first = (page - 1) * size
    shown = found[first : first + size]
    st.caption(f"{first + 1} to {first + len(shown)} of {len(found)} errors")
    with st.container(horizontal=True, key="errors"):
        for index in shown:
            show_tile(int(index), images[index], answers)


def show_gallery(answers: Evaluation) -> None:
    num_errors = int((answers.predictions != answers.labels).sum())
    left, right = st.columns([2, 3], gap="large")
    with left:
        with st.container(horizontal=True, gap="large"):
            st.metric("Test accuracy", f"{answers.accuracy:.2%}", width="content")
            st.metric(
                "Errors", f"{num_errors:,}", width="content", help=f"of {len(answers.labels):,} test images"
            )
        st.markdown("**Confusion matrix**: how often a true digit was read as which")
        show_matrix(answers)
    with right:
        st.markdown(
            "**Misclassified test images**: :blue[true digit] → :red[what the model read], and how sure it was"
        )
        dataset = loader().dataset
        if not num_errors:
            st.success(
                f"Not one error in {len(answers.labels):,} test images. There is nothing to show here, "
                "and nothing to improve.",
                icon=":material/celebration:",
            )
        elif dataset is None:
            st.info("The images are shown as soon as the data is there.", icon=":material/hourglass_top:")
        elif not np.array_equal(dataset.test.labels, answers.labels):
            st.warning(
                "This model was tested on other images than those at hand, so they cannot be shown. "
                "Train the recipe again with the data that is here now.",
                icon=":material/warning:",
            )
        else:
            show_errors(answers, dataset.test.images)


begin("Errors", "The test images that a model gets wrong, and what it took them for.")
run = choose_run("Model", runs_with_model())
try:
    answers = evaluation(run)
except ValueError as error:
    st.error(f"The results of this run cannot be shown: {error}.", icon=":material/error:")
else:
    show_gallery(answers)
