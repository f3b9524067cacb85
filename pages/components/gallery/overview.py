"""All answers of a run on the test set: its metrics, its confusions, its confidence."""

from functools import cache, lru_cache

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from mnist_core.evaluation.calibration import calibration_error, not_sure, reliability
from mnist_core.evaluation.crowd import SOURCE
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.evaluation.selection import Selection
from pages.components.charts.vega import DATA, description, selected, selecting_key, show_chart
from pages.components.gallery.filters import SELECTION
from pages.components.page.text import article
from pages.components.page.theme import GREY, MARK, RED, ink

_PAIRS = 6


def show_figures(answers: Evaluation, doubtful: np.ndarray) -> None:
    """Accuracy with its interval, errors, loss, and the accuracy without doubtful labels."""
    low, high = answers.interval
    number = len(answers.labels)
    with st.container(horizontal=True, gap="medium", key="figures"):
        _figure(
            "Test accuracy",
            f"{answers.accuracy:.2%}",
            f"95 % interval: {low:.2%} to {high:.2%}",
            f"With another {number:,} images from the same writers it would most likely lie in this interval "
            "(Wilson's score interval). Two models whose intervals overlap may be equally good.",
        )
        _figure("Errors", f"{answers.num_errors:,}", f"of {number:,} test images")
        _figure(
            "Loss",
            f"{answers.loss:.4f}",
            "cross-entropy, mean",
            "The mean of −log(probability given to the true digit): it counts not only whether an answer is "
            "right, but how sure the model was. As in Keras, a probability below 0.0000001 counts as that: no "
            "image's loss is above 16.1.",
        )
        if len(doubtful):
            kept = np.setdiff1d(np.arange(number), doubtful)
            sure = float(np.mean(answers.predictions[kept] == answers.labels[kept]))
            wrong = int((answers.predictions != answers.labels)[doubtful].sum())
            _figure(
                "Without doubtful labels",
                f"{sure:.2%}",
                f"{wrong} of the errors are on {len(doubtful)} doubted images",
                f"Of {len(doubtful)} test images a crowd of five people each did not confirm the label "
                f"({SOURCE}). This is the accuracy on all the others.",
            )


def _figure(label: str, value: str, note: str, explained: str | None = None) -> None:
    with st.container(width="content", gap=None):
        st.metric(label, value, width="content", help=explained)
        st.caption(note)


def show_confusion(answers: Evaluation, chosen: Selection) -> None:
    """The confusion matrix, where a click on a cell filters the images, and the frequent pairs in words."""
    st.markdown("How often each digit (row) was read as which (column). **Click a cell** to see its images.")
    as_shares = (
        st.segmented_control(
            "Numbers",
            ["Counts", "Shares"],
            default="Counts",
            required=True,
            key="numbers",
            label_visibility="collapsed",
        )
        == "Shares"
    )
    key = selecting_key("matrix", (chosen.true, chosen.predicted))
    table = _cells(answers, as_shares)
    with st.container(key="matrix"):
        spec = _matrix(int(table.errors.max()), as_shares, ink())
        show_chart(spec, table, key, "confusion matrix", lambda: _cell_clicked(key))
    if pairs := answers.confused_pairs():
        st.markdown("**Most often confused**")
        with st.container(horizontal=True, gap="small", key="pairs"):
            for true, predicted, number in pairs[:_PAIRS]:
                often = "once" if number == 1 else f"{number} times"
                st.button(
                    f":blue[{true}] read as :red[{predicted}]: {often}",
                    key=f"pair-{true}-{predicted}",
                    type="tertiary",
                    on_click=SELECTION.change,
                    kwargs={"show": "errors", "true": true, "predicted": predicted},
                )


def _cells(answers: Evaluation, as_shares: bool) -> pd.DataFrame:
    """A row for each cell of the confusion matrix; `errors` is 0 on its diagonal."""
    matrix = answers.confusion_matrix
    true, predicted = np.indices((10, 10))
    table = pd.DataFrame({"true": true.ravel(), "predicted": predicted.ravel(), "images": matrix.ravel()})
    table["share"] = (matrix / matrix.sum(1, keepdims=True).clip(1)).ravel()
    table["errors"] = np.where(np.eye(10, dtype=bool), 0, matrix).ravel()
    words = table.share.map("{:.1%}".format) if as_shares else table.images.astype(str)
    table["text"] = words.where(table.images > 0, "")
    return table


@lru_cache(maxsize=64)
def _matrix(most_errors: int, as_shares: bool, text_colour: str) -> dict:
    """Rows are true digits, columns predictions; the colour shows the errors, so the diagonal stays pale."""
    cell = alt.selection_point(fields=["true", "predicted"], name="cell", on="click", clear=False)
    base = alt.Chart(alt.NamedData(DATA)).encode(
        x=alt.X("predicted:O", title="read as", axis=alt.Axis(orient="top", labelAngle=0)),
        y=alt.Y("true:O", title="true digit"),
        tooltip=[
            alt.Tooltip("true:O", title="true digit"),
            alt.Tooltip("predicted:O", title="read as"),
            alt.Tooltip("images:Q"),
            alt.Tooltip("share:Q", title="of this digit", format=".2%"),
        ],
    )
    opacity = alt.Scale(domain=[0, max(1, most_errors)], range=[0.0, 0.85])
    cells = base.mark_rect(color=RED).encode(opacity=alt.Opacity("errors:Q", scale=opacity, legend=None))
    numbers = base.mark_text(fontSize=10 if as_shares else 12, color=text_colour).encode(
        text="text:N", opacity=alt.condition("datum.true == datum.predicted", alt.value(0.6), alt.value(1.0))
    )
    # The clickable layer is on top: a number above it would swallow the click.
    marked = alt.condition(cell, alt.value(MARK), alt.value("transparent"), empty=False)
    clicks = base.mark_rect(fill="transparent", strokeWidth=2, cursor="pointer").encode(stroke=marked)
    return description((cells + numbers + clicks.add_params(cell)).properties(height=360))


def _cell_clicked(key: str) -> None:
    if cells := st.session_state[key].selection.get("cell", []):
        true, predicted = int(cells[-1]["true"]), int(cells[-1]["predicted"])
        selected("matrix", (true, predicted))
        SELECTION.change(show="all" if true == predicted else "errors", true=true, predicted=predicted)


def show_digits(answers: Evaluation) -> None:
    """Precision, recall, F1 and support of each digit, and how they are computed for a chosen one."""
    rows = answers.per_digit()
    st.dataframe(
        rows[["precision", "recall", "f1", "support"]],
        height=388,
        alt="precision, recall, F1 and number of images of each digit",
        column_config={
            "digit": st.column_config.NumberColumn("digit", width=50),
            "precision": st.column_config.NumberColumn("precision", format="%.4f"),
            "recall": st.column_config.NumberColumn("recall", format="%.4f"),
            "f1": st.column_config.NumberColumn("F1", format="%.4f"),
            "support": st.column_config.NumberColumn("images"),
        },
    )
    worst = int(rows.f1.argmin())
    digit = st.segmented_control(
        "**How these are calculated** for the digit",
        range(10),
        default=worst,
        required=True,
        key="explained",
        wrap=True,
    )
    row = rows.loc[digit]
    hits, strays, missed = (int(row[f"{n}"]) for n in ("true_positives", "false_positives", "false_negatives"))
    st.markdown(
        f"- **Precision {row.precision:.4f}**: of the {hits + strays:,} images that the model called a "
        f"{digit}, {hits:,} are one (true positives) and {strays} are not (false positives): "
        f"{hits:,} / ({hits:,} + {strays}).\n"
        f"- **Recall {row.recall:.4f}**: of the {hits + missed:,} images of {article(digit)} {digit}, the "
        f"model found {hits:,} and read {missed} as something else (false negatives): {hits:,} / "
        f"({hits:,} + {missed}).\n"
        f"- **F1 {row.f1:.4f}**: their harmonic mean, which is low as soon as one of them is: "
        f"2 · {hits:,} / (2 · {hits:,} + {strays} + {missed})."
    )
    with st.container(horizontal=True):
        st.button(
            f"Show its {strays} false positives",
            key="false-positives",
            on_click=SELECTION.change,
            kwargs={"show": "errors", "true": None, "predicted": digit},
        )
        st.button(
            f"Show its {missed} false negatives",
            key="false-negatives",
            on_click=SELECTION.change,
            kwargs={"show": "errors", "true": digit, "predicted": None},
        )


def show_confidence(answers: Evaluation, temperature: float) -> None:
    """Whether the model is right as often as it is confident, and the effect of answering "not sure".

    `temperature` is the number by which its logits were divided after training, 1 for none.
    """
    rows = reliability(answers)
    error, gap = calibration_error(answers), float((rows.number * (rows.accuracy - rows.confidence)).sum())
    how = "underconfident" if gap > 0 else "overconfident"
    st.markdown(
        "Is the model right as often as it is confident? On the dashed line it would be. **Calibration error "
        f"{error:.1%}** is the mean difference between confidence and accuracy; this model is {how}."
    )
    if temperature != 1.0:
        st.caption(
            "Its recipe uses label smoothing, which makes a network underconfident. Its logits were therefore "
            f"divided by a temperature of {temperature:.2f}, fitted on training images that were held out."
        )
    show_chart(_reliability(), rows, "reliability", "accuracy against confidence, in ten bins")
    threshold = (
        st.slider("It answers “not sure” below this confidence, in %", 0, 100, 50, key="threshold") / 100
    )
    then = not_sure(answers, threshold)
    st.markdown(
        f"**{then.spared} of {answers.num_errors} errors** would go, and with them {then.lost:,} right "
        f"answers. Of the {then.right + then.wrong:,} images that it would answer, {then.accuracy:.2%} would "
        "be right."
    )
    st.button(
        f"Show the {then.spared + then.lost:,} images below {threshold:.0%}",
        key="show-unsure",
        on_click=SELECTION.change,
        kwargs={"show": "all", "low": 0.0, "high": threshold, "order": "confidence"},
    )


@cache
def _reliability() -> dict:
    share = alt.Axis(format="%", tickCount=5)
    whole = alt.Scale(domain=[0, 1])
    points = alt.Chart(alt.NamedData(DATA)).encode(
        x=alt.X("confidence:Q", title="its confidence", scale=whole, axis=share),
        y=alt.Y("accuracy:Q", title="its accuracy", scale=whole, axis=share),
        tooltip=[
            alt.Tooltip("confidence:Q", title="mean confidence", format=".1%"),
            alt.Tooltip("accuracy:Q", format=".2%"),
            alt.Tooltip("number:Q", title="images", format=","),
            alt.Tooltip("errors:Q"),
        ],
    )
    diagonal = pd.DataFrame({"confidence": [0.0, 1.0], "accuracy": [0.0, 1.0]})
    ideal = alt.Chart(diagonal).mark_line(strokeDash=[5, 4], color=GREY)
    ideal = ideal.encode(x="confidence:Q", y="accuracy:Q")
    size = alt.Size("number:Q", scale=alt.Scale(type="log", range=[40, 400]), legend=None)
    dots = points.mark_circle(opacity=1).encode(size=size)
    return description((ideal + points.mark_line(strokeWidth=2) + dots).properties(height=280))
