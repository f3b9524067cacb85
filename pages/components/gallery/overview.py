"""All answers of a run on the test set: its metrics, its confusions, its confidence."""

from functools import lru_cache

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from mnist_core.evaluation.calibration import calibration_error, not_sure, reliability
from mnist_core.evaluation.crowd import SOURCE
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.evaluation.selection import Selection
from mnist_core.language.catalogues import current
from mnist_core.language.messages import _, ngettext
from mnist_core.language.numbers import figure
from mnist_core.lessons.glossary import hint
from pages.components.charts.vega import DATA, description, selected, selecting_key, show_chart
from pages.components.gallery.filters import SELECTION
from pages.components.page.theme import GREY, MARK, RED, ink

_PAIRS = 6


def show_figures(answers: Evaluation, doubtful: np.ndarray) -> None:
    """Accuracy with its interval, errors, loss, and the accuracy without doubtful labels."""
    low, high = answers.interval
    number = len(answers.labels)
    with st.container(horizontal=True, gap="medium", key="figures"):
        _figure(
            _("Test accuracy"),
            figure(answers.accuracy, ".2%"),
            _("95% interval: {low:.2%} to {high:.2%}", low=low, high=high),
            _(
                "With another {count:,} images from the same writers, the accuracy would most likely lie in "
                "this interval (Wilson's score interval). Two models whose intervals overlap may be equally "
                "good.",
                count=number,
            ),
        )
        _figure(_("Errors"), figure(answers.num_errors, ","), _("of {count:,} test images", count=number))
        _figure(
            _("Loss"),
            figure(answers.loss, ".4f"),
            _("cross-entropy, mean"),
            _(
                "The mean of −log(probability given to the true digit): it counts not only whether an answer "
                "is right, but how sure the model was. As in Keras, a probability below 0.0000001 counts as "
                "0.0000001, so no image's loss is above 16.1."
            ),
        )
        if len(doubtful):
            kept = np.setdiff1d(np.arange(number), doubtful)
            sure = float(np.mean(answers.predictions[kept] == answers.labels[kept]))
            wrong = int((answers.predictions != answers.labels)[doubtful].sum())
            _figure(
                _("Without doubtful labels"),
                figure(sure, ".2%"),
                _(
                    "{wrong} of the errors are among {count} images with doubted labels",
                    wrong=wrong,
                    count=len(doubtful),
                ),
                _(
                    "Five people each looked at doubtful test images, and did not confirm the label of {count} "
                    "({source}). This is the accuracy on all the others.",
                    count=len(doubtful),
                    source=SOURCE,
                ),
            )


def _figure(label: str, value: str, note: str, explained: str | None = None) -> None:
    with st.container(width="content", gap=None):
        st.metric(label, value, width="content", help=explained)
        st.caption(note)


def show_confusion(answers: Evaluation, chosen: Selection) -> None:
    """The confusion matrix, where a click on a cell filters the images, and the frequent pairs in words."""
    st.markdown(_("Rows: the true digit. Columns: the model's answer. **Click a cell** to see its images."))
    numbers = st.segmented_control(
        _("Numbers"),
        ["counts", "shares"],
        format_func={"counts": _("Counts"), "shares": _("Percent")}.get,
        default="counts",
        required=True,
        key="numbers",
        label_visibility="collapsed",
    )
    as_shares = numbers == "shares"
    key = selecting_key("matrix", (chosen.true, chosen.predicted))
    table = _cells(answers, as_shares)
    with st.container(key="matrix"):
        spec = _matrix(int(table.errors.max()), as_shares, ink(), current())
        show_chart(spec, table, key, _("confusion matrix"), lambda: _cell_clicked(key))
    if pairs := answers.confused_pairs():
        st.markdown(_("**Most often confused**"))
        with st.container(horizontal=True, gap="small", key="pairs"):
            for true, predicted, number in pairs[:_PAIRS]:
                words = ngettext(
                    ":blue[{digit}] read as :red[{read}]: once",
                    ":blue[{digit}] read as :red[{read}]: {number} times",
                    number,
                    digit=true,
                    read=predicted,
                )
                st.button(
                    words,
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
def _matrix(most_errors: int, as_shares: bool, text_colour: str, language: str) -> dict:
    """Rows are true digits, columns predictions; the colour shows the errors, so the diagonal stays pale."""
    cell = alt.selection_point(fields=["true", "predicted"], name="cell", on="click", clear=False)
    base = alt.Chart(alt.NamedData(DATA)).encode(
        x=alt.X("predicted:O", title=_("read as"), axis=alt.Axis(orient="top", labelAngle=0)),
        y=alt.Y("true:O", title=_("true digit")),
        tooltip=[
            alt.Tooltip("true:O", title=_("true digit")),
            alt.Tooltip("predicted:O", title=_("read as")),
            alt.Tooltip("images:Q", title=_("images")),
            alt.Tooltip("share:Q", title=_("of this digit"), format=".2%"),
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
        alt=_("precision, recall, F1 and number of images of each digit"),
        column_config={
            "digit": st.column_config.NumberColumn(_("digit"), width=50),
            "precision": st.column_config.NumberColumn(_("precision"), format="%.4f", help=hint("precision")),
            "recall": st.column_config.NumberColumn(_("recall"), format="%.4f", help=hint("recall")),
            "f1": st.column_config.NumberColumn(_("F1"), format="%.4f", help=hint("f1")),
            "support": st.column_config.NumberColumn(_("images")),
        },
    )
    worst = int(rows.f1.argmin())
    digit = st.segmented_control(
        _("**How these are calculated** for the digit"),
        range(10),
        default=worst,
        required=True,
        key="explained",
        wrap=True,
    )
    row = rows.loc[digit]
    hits, strays, missed = (int(row[f"{n}"]) for n in ("true_positives", "false_positives", "false_negatives"))
    values = {"digit": digit, "hits": hits, "strays": strays, "missed": missed}
    precision = _(
        "**Precision {precision:.4f}**: of the {read:,} images that the model read as {digit}, {hits:,} show a "
        "{digit} (true positives) and {strays:,} do not (false positives): {hits:,} / ({hits:,} + {strays:,}).",
        precision=row.precision,
        read=hits + strays,
        **values,
    )
    recall = _(
        "**Recall {recall:.4f}**: of the {there:,} images that show a {digit}, the model found {hits:,} and "
        "read {missed:,} as something else (false negatives): {hits:,} / ({hits:,} + {missed:,}).",
        recall=row.recall,
        there=hits + missed,
        **values,
    )
    f1 = _(
        "**F1 {f1:.4f}**: the harmonic mean of the two, which is low as soon as one of them is: "
        "2 · {hits:,} / (2 · {hits:,} + {strays:,} + {missed:,}).",
        f1=row.f1,
        **values,
    )
    st.markdown(f"- {precision}\n- {recall}\n- {f1}")
    with st.container(horizontal=True):
        st.button(
            _("Show false positives: {count:,}", count=strays),
            key="false-positives",
            on_click=SELECTION.change,
            kwargs={"show": "errors", "true": None, "predicted": digit},
        )
        st.button(
            _("Show false negatives: {count:,}", count=missed),
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
    st.markdown(
        _(
            "Of the answers with 90% confidence, are 90% right? Points on the dashed line mean yes. "
            "**Calibration error {error:.1%}** is the mean difference between confidence and accuracy.",
            error=error,
        )
        + " "
        + (_("This model is underconfident.") if gap > 0 else _("This model is overconfident."))
    )
    if temperature != 1.0:
        st.caption(
            _(
                "Its recipe uses label smoothing, which makes a network underconfident. Its logits were "
                "therefore divided by a temperature of {temperature:.2f}, fitted on training images that were "
                "held out.",
                temperature=temperature,
            )
        )
    show_chart(_reliability(current()), rows, "reliability", _("accuracy against confidence, in ten bins"))
    label = _("Answer “not sure” below this confidence, in %")
    threshold = st.slider(label, 0, 100, 50, key="threshold") / 100
    then = not_sure(answers, threshold)
    st.markdown(
        _(
            "**{spared:,} of {errors:,} errors** would be avoided, and {lost:,} right answers would be lost. "
            "Of the {answered:,} images that it would still answer, {accuracy:.2%} would be right.",
            spared=then.spared,
            errors=answers.num_errors,
            lost=then.lost,
            answered=then.right + then.wrong,
            accuracy=then.accuracy,
        )
    )
    st.button(
        _("Show the {count:,} images below {share:.0%}", count=then.spared + then.lost, share=threshold),
        key="show-unsure",
        on_click=SELECTION.change,
        kwargs={"show": "all", "low": 0.0, "high": threshold, "order": "confidence"},
    )


@lru_cache(maxsize=4)
def _reliability(language: str) -> dict:
    share = alt.Axis(format="%", tickCount=5)
    whole = alt.Scale(domain=[0, 1])
    points = alt.Chart(alt.NamedData(DATA)).encode(
        x=alt.X("confidence:Q", title=_("confidence"), scale=whole, axis=share),
        y=alt.Y("accuracy:Q", title=_("accuracy"), scale=whole, axis=share),
        tooltip=[
            alt.Tooltip("confidence:Q", title=_("mean confidence"), format=".1%"),
            alt.Tooltip("accuracy:Q", title=_("accuracy"), format=".2%"),
            alt.Tooltip("number:Q", title=_("images"), format=","),
            alt.Tooltip("errors:Q", title=_("errors")),
        ],
    )
    diagonal = pd.DataFrame({"confidence": [0.0, 1.0], "accuracy": [0.0, 1.0]})
    ideal = alt.Chart(diagonal).mark_line(strokeDash=[5, 4], color=GREY)
    ideal = ideal.encode(x="confidence:Q", y="accuracy:Q")
    size = alt.Size("number:Q", scale=alt.Scale(type="log", range=[40, 400]), legend=None)
    dots = points.mark_circle(opacity=1).encode(size=size)
    return description((ideal + points.mark_line(strokeWidth=2) + dots).properties(height=280))
