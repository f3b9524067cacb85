"""The visitor's own digits: how well the models read them, and teaching them to a model."""

import pandas as pd
import streamlit as st

from mnist_core.data.my_digits import Digits, EverybodysDigits, MyDigit, MyDigits
from mnist_core.home import home
from mnist_core.language.messages import _, ngettext
from mnist_core.language.numbers import figure
from mnist_core.runs import teaching
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.run import Run, RunError
from mnist_core.runs.snapshot import Snapshot, snapshot_of
from pages.components.images.pictures import picture
from pages.components.page.acts import acts, refusals
from pages.components.page.deleted import restore, show_deleted
from pages.components.page.discreet import show_log
from pages.components.page.frame import begin, data_notice, leave_for
from pages.components.page.kept import show_kept
from pages.components.page.run_chooser import choose_run
from pages.components.page.whose import MINE, choose_whose, runs_listed
from pages.components.resources import (
    dataset_thread,
    describe,
    my_digits,
    runs_with_model,
    taught_runs,
    trash,
    worker,
)
from pages.components.training.run_view import show_state
from pages.components.visitor import visitor

A_PAGE, MOST_RUNS = 28, 12


def show_grid(mine: Digits) -> None:
    """The digits, newest first, one page at a time; each of the visitor's has a button that deletes it."""
    ids = mine.ids()[::-1]
    num_pages = -(-len(ids) // A_PAGE)
    page = st.pagination(num_pages, key=f"mine-page-{num_pages}") if num_pages > 1 else 1
    shown = ids[(page - 1) * A_PAGE : page * A_PAGE]
    with st.container(horizontal=True, gap="small", key="mine"):
        for digit in (digit for id_ in shown if (digit := mine.get(id_))):
            with st.container(width=72, gap="xxsmall", key=f"mine-{digit.id}"):
                st.image(picture(digit.image, 3), width=72, alt=_("my digit {digit}", digit=digit.label))
                with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall"):
                    st.markdown(f"**{digit.label}**")
                    if isinstance(mine, MyDigits):
                        st.button(
                            _("Delete"),
                            icon=":material/close:",
                            type="tertiary",
                            help=_("Delete"),
                            key=f"icon-drop-{digit.id}",
                            on_click=_delete,
                            args=[mine, digit],
                        )


def show_exchange(mine: MyDigits) -> None:
    """Download the digits, upload some, and restore deleted ones."""
    with st.container(horizontal=True):
        if mine.ids():
            ways = {
                _("Download as NumPy file"): (mine.as_npz, "my-digits.npz"),
                _("Download as pictures"): (mine.as_zip, "my-digits.zip"),
            }
            for words, (make, name) in ways.items():
                # Without a rerun, which would replace the file's address before the browser has fetched it.
                st.download_button(
                    words, make, name, icon=":material/download:", key=f"take-{name}", on_click="ignore"
                )
        with st.popover(_("Upload digits"), icon=":material/upload:", key="upload"):
            file = st.file_uploader(
                _("An .npz or .zip file that was downloaded here"), type=["npz", "zip"], key="bring"
            )
            if file and st.session_state.get("brought") != file.file_id:
                with refusals():
                    brought = acts().bring_digits(mine, file.getvalue())
                    st.session_state["brought"] = file.file_id
                    words = _("Added: {count}. Digits that were already here stay as they are.", count=brought)
                    st.toast(words, icon=":material/check:")
                    st.rerun()
        deleted = st.session_state.get("deleted", [])
        kept = trash().list("digit") if deleted else []
        if deleted := [item for item in deleted if item in kept]:
            words = _("Undo: restore the {digit}", digit=deleted[-1].name)
            st.button(words, icon=":material/undo:", key="bring-back", on_click=restore, args=[deleted[-1]])
        show_deleted("digit")


def _delete(mine: MyDigits, digit: MyDigit) -> None:
    with refusals(as_toast=True):
        if item := acts().delete_digit(mine, digit.id):
            st.session_state.setdefault("deleted", []).append(item)


def show_accuracies(mine: Digits) -> None:
    """How many of the digits each run reads correctly; a run taught the visitor's, on those held back."""
    ids, rows, taught = tuple(mine.ids()), [], taught_runs() if isinstance(mine, MyDigits) else []
    for run in runs_listed(runs_with_model())[:MOST_RUNS]:
        result = run.result or {}
        if run in taught:
            accuracy, of = result.get("held_back_after"), _("test digits")
        else:
            accuracy = share_right(run.id, result.get("test_accuracy"), ids, run, mine)
            of = _("all {count}", count=len(ids))
        rows.append({"run": describe(run), "mine": accuracy, "of": of, "mnist": result.get("test_accuracy")})
    columns = {  # so that all columns fit on a phone
        "run": st.column_config.TextColumn(_("Model"), width=130),
        "mine": st.column_config.NumberColumn(_("Digits"), format="percent", width=70),
        "of": st.column_config.TextColumn(_("Tested on"), width=68),
        "mnist": st.column_config.NumberColumn("MNIST", format="percent", width=70),
    }
    st.dataframe(pd.DataFrame(rows), column_config=columns, hide_index=True)


@st.cache_data(max_entries=200, show_spinner=False)
def share_right(
    run_id: str, test_accuracy: float | None, ids: tuple[str, ...], _run: Run, _mine: Digits
) -> float | None:
    """The share of the digits that the run reads correctly; None if its model cannot be read."""
    split = _mine.split()
    try:
        return float((Classifier.load(_run).probabilities(split.images).argmax(1) == split.labels).mean())
    except RunError:
        return None


def show_teaching(mine: MyDigits) -> None:
    """Start a run that teaches a model these digits."""
    base = choose_run(_("Model to teach"), runs_with_model())
    missing, ready = teaching.FEWEST - len(mine.ids()), dataset_thread().dataset is not None
    off = missing > 0 or not ready
    if st.button(_("Teach my digits"), type="primary", icon=":material/school:", key="teach", disabled=off):
        with refusals():
            acts().start(*teaching.lesson(base, mine.split()))
            st.rerun()
    if missing > 0:
        st.info(
            _(
                "At least {fewest} digits are needed. Draw {missing} more, of different kinds.",
                fewest=teaching.FEWEST,
                missing=missing,
            ),
            icon=":material/school:",
        )
    st.caption(
        _(
            "The model is trained further for {epochs} short epochs, on {images:,} images of MNIST and on "
            "three of every four of your digits, each shifted and rotated a little. Every fourth digit is kept "
            "back for testing.",
            epochs=teaching.EPOCHS,
            images=teaching.NUM_MNIST,
        )
    )


def show_lesson(snapshot: Snapshot) -> None:
    show_state(snapshot)
    run, result = snapshot.run, snapshot.result or {}
    if "held_back_after" in result:
        taught, held_back = (len(split.labels) for split in teaching.digits_of(run))
        names = {
            "held_back": _("my {count} digits kept for testing", count=held_back),
            "taught": _("my {count} digits used for teaching", count=taught),
            "test": _("MNIST's test set"),
        }
        rows = [
            {
                _("Read correctly"): what,
                _("before"): figure(result[f"{name}_before"], ".2%"),
                _("after"): f"**{figure(result[f'{name}_after'], '.2%')}**",
            }
            for name, what in names.items()
        ]
        st.table(pd.DataFrame(rows), hide_index=True)
    elif snapshot.status == "failed":
        st.error(_("Teaching ended before it was complete. The last messages:"), icon=":material/error:")
        show_log(run)


def last_lesson() -> Snapshot | None:
    taught = taught_runs()
    return snapshot_of(taught[0]) if taught else None


def watch(active_shown: bool) -> None:
    """Show the last lesson; reruns the page when it ends."""
    snapshot = last_lesson()
    if snapshot is None:
        return
    show_lesson(snapshot)
    if snapshot.is_active != active_shown:
        st.rerun()


begin(
    "mine",
    _("My digits"),
    _("Your own handwriting: how well each model reads it, and how to teach it to a model."),
)
data_notice()
mine = my_digits()
shown = mine if visitor().is_alone or choose_whose("digits") == MINE else EverybodysDigits(home())
if not shown.ids():
    st.info(
        _("No digits are saved yet. Draw a digit, then confirm or correct the answer below it."),
        icon=":material/draw:",
    )
    if st.button(_("Draw a digit"), icon=":material/draw:", type="primary", key="draw-one"):
        leave_for("pages/draw.py")
    show_exchange(mine)
else:
    worker().warm()
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown(ngettext("**{number} digit**", "**{number} digits**", len(shown.ids())))
        show_exchange(mine)
        show_grid(shown)
    with right:
        show_teaching(mine)
        last = last_lesson()
        active = last is not None and last.is_active
        has_failed = (
            last is not None and last.status == "failed"
        )  # its log's last lines may come a little later
        st.fragment(watch, run_every=0.5 if active else 3.0 if has_failed else None)(active)
        st.markdown(_("**How well the models read them**"))
        show_accuracies(shown)
show_kept()
