"""The pictures of steps that need trained networks: curves, tables, errors, answers."""

import numpy as np
import pandas as pd
import streamlit as st

from mnist_core.evaluation.crowd import doubtful, votes
from mnist_core.language.messages import _
from mnist_core.language.numbers import duration, figure
from mnist_core.lessons.answer_readings import after_shift, counts_of, shifted
from mnist_core.runs.beside import history_of
from mnist_core.runs.run import Run
from pages.components.answer.nearest import image_label
from pages.components.charts.bars import show_bars
from pages.components.charts.curves import compare_curves, show_curves
from pages.components.images.pictures import picture, signed
from pages.components.images.tiles import Tile, show_tiles
from pages.components.learn.pictures import show_cells
from pages.components.learn.stage import Stage
from pages.components.page.frame import leave_for
from pages.components.resources import final_weights, my_digits
from pages.components.training.published import show_comparison
from pages.components.training.strip import show_strip

_ERRORS, _UNITS, _SHIFTS = 15, 8, range(5)


def curves(stage: Stage) -> None:
    run = stage.evidence.run
    show_curves(run, run.metrics(), f"{stage.key}-curves")


def compared(stage: Stage) -> None:
    compare_curves(list(stage.runs.values()), f"{stage.key}-compared", _names(stage))


def published(stage: Stage) -> None:
    if history_of(stage.evidence.run.recipe):
        show_comparison(stage.evidence.run)


def strip(stage: Stage) -> None:
    """The trainings of the tuning tutorial side by side."""
    show_strip({run.recipe.name: run for run in stage.runs.values()}, f"{stage.key}-strip")


def accuracies(stage: Stage) -> None:
    """A row for each run: its accuracy, its loss, its time."""
    results = [run.result for run in stage.runs.values()]
    table = {
        _("test accuracy"): [figure(result["test_accuracy"], ".2%") for result in results],
        _("test loss"): [figure(loss, ".4f") if (loss := r["test_loss"]) is not None else "–" for r in results],
        _("time"): [duration(result["seconds"]) for result in results],
    }
    st.table(pd.DataFrame(table, index=_names(stage)))


def probabilities(stage: Stage) -> None:
    """The image and its ten probabilities."""
    evidence = stage.evidence
    left, right = st.columns([1, 2], gap="medium")
    left.image(picture(evidence.pixels, 5), width=140, alt=_("the image that is read"))
    with right:
        show_bars([""], [evidence.probabilities(evidence.run, evidence.pixels[None])[0]])


def label_beside_answer(stage: Stage) -> None:
    """The ten probabilities and the one-hot label, one above the other."""
    evidence = stage.evidence
    read = evidence.probabilities(evidence.run, evidence.pixels[None])[0]
    if evidence.drawn is not None:
        show_cells({"predictions": read})
        return
    label = np.eye(10)[evidence.dataset.test.labels[evidence.image]]
    show_cells({f"predictions[{evidence.image}]": read, f"y_test[{evidence.image}]": label})


def one_digit(stage: Stage) -> None:
    """The four counts of one digit, and accuracy, precision and recall worked out from them."""
    answers = stage.evidence.evaluation(stage.evidence.run)
    worst = int(answers.per_digit().recall.argmin())
    digit = st.segmented_control(
        _("Digit"), range(10), default=worst, required=True, wrap=True, key=f"{stage.key}-digit"
    )
    counts = counts_of(answers, digit)
    table = pd.DataFrame(
        {
            _("read as {digit}", digit=digit): [
                _("true positives: {count:,}", count=counts["tp"]),
                _("false positives: {count:,}", count=counts["fp"]),
            ],
            _("read as another digit"): [
                _("false negatives: {count:,}", count=counts["fn"]),
                _("true negatives: {count:,}", count=counts["tn"]),
            ],
        },
        index=[_("shows a {digit}", digit=digit), _("shows another digit")],
    )
    st.table(table)
    accuracy = _("accuracy = ({tp:,} + {tn:,}) / {all:,} = **{accuracy:.4f}**", **counts)
    precision = _("precision = {tp:,} / ({tp:,} + {fp:,}) = **{precision:.4f}**", **counts)
    recall = _("recall = {tp:,} / ({tp:,} + {fn:,}) = **{recall:.4f}**", **counts)
    st.markdown(f"- {accuracy}\n- {precision}\n- {recall}")


def errors(stage: Stage) -> None:
    """The surest errors first."""
    answers = stage.evidence.evaluation(stage.evidence.run)
    _show_misread(stage, answers.select(order="confidence")[:_ERRORS], {})


def doubted(stage: Stage) -> None:
    """The errors whose label people doubted, with their votes."""
    answers = stage.evidence.evaluation(stage.evidence.run)
    found = [index for index in doubtful(stage.dataset) if answers.predictions[index] != answers.labels[index]]
    votes_of = votes(stage.dataset)
    notes = {
        index: [
            _("{count} for {digit}", count=votes_of[index].for_label, digit=votes_of[index].label),
            _("{count} for {digit}", count=votes_of[index].for_other, digit=votes_of[index].other),
        ]
        for index in found
    }
    if found:
        st.caption(_("Below each: how many of five people saw which digit."))
        _show_misread(stage, np.array(found), notes)


def _show_misread(stage: Stage, found: np.ndarray, notes: dict[int, list[str]]) -> None:
    """Misread test images: the true digit in blue, the answer in red. A click opens one in the gallery."""
    if not len(found):
        return
    answers, test = stage.evidence.evaluation(stage.evidence.run), stage.dataset.test
    run = stage.evidence.run
    tiles = [
        Tile(
            int(i),
            image_label("test", int(i), int(test.labels[i])),
            [("true", f"{test.labels[i]} "), ("wrong", f"{answers.predictions[i]}")],
            notes.get(int(i), [figure(float(answers.confidences[i]), ".1%")]),
        )
        for i in found
    ]

    def opened(index: int) -> None:
        st.session_state["leave-for"] = ("pages/gallery.py", {"run": run.id, "image": f"{index}"})

    show_tiles(test.images[found], tiles, f"{stage.key}-errors", opened)


def open_network(stage: Stage) -> None:
    run, index = stage.evidence.run, stage.evidence.image
    if st.button(_("Open it inside the network"), icon=":material/hub:", key=f"{stage.key}-network"):
        leave_for("pages/network.py", {"run": run.id, "image": f"{index}"})


@st.cache_data(max_entries=200, show_spinner=False, hash_funcs={Run: lambda run: run.id})
def _share_after(run: Run, changed: float, pixels: int, source: str, _stage: Stage) -> float:
    return after_shift(_stage.evidence, run, pixels)


def shifts(stage: Stage) -> None:
    """Each run's accuracy on digits that were moved to the right."""
    table = {
        _("{number} px", number=pixels): [
            figure(_share_after(run, run.lite_path.stat().st_mtime, pixels, stage.dataset.source, stage), ".1%")
            for run in stage.runs.values()
        ]
        for pixels in _SHIFTS
    }
    st.table(pd.DataFrame(table, index=_names(stage)))


def moved_image(stage: Stage) -> None:
    """The image, moved by zero to four pixels, with each run's answer."""
    moved = np.stack([shifted(stage.evidence.pixels[None], 0, pixels)[0] for pixels in _SHIFTS])
    read = [stage.evidence.probabilities(run, moved) for run in stage.runs.values()]
    for column, pixels in zip(st.columns(len(_SHIFTS)), _SHIFTS):
        column.image(picture(moved[pixels], 3), width=84, alt=_("moved by {number} pixels", number=pixels))
        column.markdown("  \n".join(f"**{of[pixels].argmax()}** {of[pixels].max():.0%}" for of in read))
    st.caption(_("Above: {first}. Below: {second}.", **dict(zip(("first", "second"), _names(stage)))))


def _names(stage: Stage) -> list[str]:
    return [training.name for training in stage.trainings.values()]


def first_weights(stage: Stage) -> None:
    """The weights of each network's first units, as images."""
    for name, run in zip(_names(stage), stage.runs.values()):
        weights = final_weights(run)[0][:, :_UNITS]
        largest = float(np.abs(weights).max()) or 1.0
        row = np.hstack([np.pad(unit.reshape(28, 28), ((0, 0), (0, 2))) for unit in weights.T])
        st.image(signed(row, largest, 2), width="stretch", caption=name, alt=name)


def my_digits_so_far(stage: Stage) -> None:
    number = len(my_digits().ids())
    st.metric(_("Digits collected so far"), figure(number, ","))


def open_draw(stage: Stage) -> None:
    if st.button(_("Draw a digit"), icon=":material/draw:", key=f"{stage.key}-open-draw"):
        leave_for("pages/draw.py")


def open_mine(stage: Stage) -> None:
    if st.button(_("My digits"), icon=":material/edit_note:", key=f"{stage.key}-open-mine"):
        leave_for("pages/mine.py")
