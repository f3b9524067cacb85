"""The visitor's own digits: how well the models read them, and teaching them to a model."""

import pandas as pd
import streamlit as st

from mnist_core.data.my_digits import MyDigits
from mnist_core.runs import teaching
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.run import Run, RunError
from mnist_core.runs.snapshot import Snapshot, snapshot_of
from pages.components.images.pictures import picture
from pages.components.page.frame import begin, data_notice
from pages.components.page.run_chooser import choose_run
from pages.components.page.text import plain
from pages.components.resources import dataset_thread, describe, my_digits, runs_with_model, store, worker
from pages.components.training.run_view import show_state

A_PAGE, MOST_RUNS = 28, 12


def show_grid(mine: MyDigits) -> None:
    """The digits, newest first, one page at a time; each has a button that deletes it."""
    ids = mine.ids()[::-1]
    num_pages = -(-len(ids) // A_PAGE)
    page = st.pagination(num_pages, key=f"mine-page-{num_pages}") if num_pages > 1 else 1
    shown = ids[(page - 1) * A_PAGE : page * A_PAGE]
    with st.container(horizontal=True, gap="small", key="mine"):
        for digit in (digit for id_ in shown if (digit := mine.get(id_))):
            with st.container(width=72, gap="xxsmall", key=f"mine-{digit.id}"):
                st.image(picture(digit.image, 3), width=72, alt=f"my {digit.label}")
                with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall"):
                    st.markdown(f"**{digit.label}**")
                    if st.button(
                        "", icon=":material/close:", type="tertiary", help="Delete", key=f"drop-{digit.id}"
                    ):
                        mine.delete(digit.id)
                        st.session_state.setdefault("deleted", []).append(digit)
                        st.rerun()


def show_exchange(mine: MyDigits) -> None:
    """Download the digits, upload some, and restore deleted ones."""
    with st.container(horizontal=True):
        if mine.ids():
            ways = {
                "Download as NumPy file": (mine.as_npz, "my-digits.npz"),
                "Download as pictures": (mine.as_zip, "my-digits.zip"),
            }
            for words, (make, name) in ways.items():
                # Without a rerun, which would replace the file's address before the browser has fetched it.
                st.download_button(words, make, name, icon=":material/download:", on_click="ignore")
        with st.popover("Upload digits", icon=":material/upload:"):
            file = st.file_uploader(
                "An .npz or .zip file that was downloaded here", type=["npz", "zip"], key="bring"
            )
            if file and st.session_state.get("brought") != file.file_id:
                try:
                    brought = mine.bring(file.getvalue())
                    st.session_state["brought"] = file.file_id
                    st.toast(
                        f"Added: {brought}. Digits that were already here were left as they are.",
                        icon=":material/check:",
                    )
                    st.rerun()
                except (ValueError, OSError) as error:
                    st.error(f"{plain(file.name)}: {error}.", icon=":material/error:")
        if deleted := st.session_state.get("deleted"):
            words = f"Undo: restore the {deleted[-1].label}"
            st.button(words, icon=":material/undo:", key="bring-back", on_click=_bring_back, args=[mine])


def _bring_back(mine: MyDigits) -> None:
    """Restore the digit that was deleted last in this session."""
    digit = st.session_state["deleted"].pop()
    try:
        mine.add(digit.label, digit.image, digit.strokes)
    except (ValueError, OSError) as error:
        st.session_state["deleted"].append(digit)
        st.toast(f"It could not be restored: {error}.", icon=":material/error:")


def show_accuracies(mine: MyDigits) -> None:
    """How many of the digits each run reads correctly; a taught run is tested on those held back."""
    ids, rows = tuple(mine.ids()), []
    for run in runs_with_model()[:MOST_RUNS]:
        result = run.result or {}
        if teaching.is_lesson(run):
            accuracy, of = result.get("held_back_after"), "held back"
        else:
            accuracy, of = share_right(run.id, result.get("test_accuracy"), ids, run, mine), f"all {len(ids)}"
        row = {"Model": describe(run), "My digits": accuracy, "of": of, "MNIST": result.get("test_accuracy")}
        rows.append(row)
    percent = st.column_config.NumberColumn(format="percent", width=70)
    widths = {"Model": 130, "of": 68}  # so that all columns fit on a phone
    columns = {name: st.column_config.TextColumn(width=width) for name, width in widths.items()}
    st.dataframe(
        pd.DataFrame(rows), column_config={**columns, "My digits": percent, "MNIST": percent}, hide_index=True
    )


@st.cache_data(max_entries=200, show_spinner=False)
def share_right(
    run_id: str, test_accuracy: float | None, ids: tuple[str, ...], _run: Run, _mine: MyDigits
) -> float | None:
    """The share of the digits that the run reads correctly; None if its model cannot be read."""
    split = _mine.split()
    try:
        return float((Classifier.load(_run).probabilities(split.images).argmax(1) == split.labels).mean())
    except RunError:
        return None


def show_teaching(mine: MyDigits) -> None:
    """Start a run that teaches a model these digits."""
    base = choose_run("Teach", runs_with_model())
    missing, ready = teaching.FEWEST - len(mine.ids()), dataset_thread().dataset is not None
    off = missing > 0 or not ready
    if st.button("Teach it my digits", type="primary", icon=":material/school:", key="teach", disabled=off):
        try:
            worker().submit(*teaching.lesson(base, mine.split()))
            st.rerun()
        except (ValueError, OSError) as error:
            st.error(f"{error}.", icon=":material/error:")
    if missing > 0:
        st.info(
            f"At least {teaching.FEWEST} digits are needed. Draw {missing} more, of different digits.",
            icon=":material/school:",
        )
    st.caption(
        f"The model is trained further for {teaching.EPOCHS} short epochs, on {teaching.NUM_MNIST:,} images of "
        "MNIST and three of every four of your digits, each shifted and rotated a little. Every fourth is "
        "kept back for testing."
    )


def show_lesson(snapshot: Snapshot) -> None:
    show_state(snapshot)
    run, result = snapshot.run, snapshot.result or {}
    if "held_back_after" in result:
        names = {"held_back": "held back", "taught": "taught"}
        digits = dict(zip(["taught", "held_back"], teaching.digits_of(run)))
        words = {name: f"my {len(digits[name].labels)} digits {what}" for name, what in names.items()}
        rows = [
            {
                "Right": what,
                "before": f"{result[f'{name}_before']:.2%}",
                "after": f"**{result[f'{name}_after']:.2%}**",
            }
            for name, what in {**words, "test": "MNIST's test set"}.items()
        ]
        st.table(pd.DataFrame(rows), hide_index=True)
    elif snapshot.status == "failed":
        st.error("The lesson ended early. Its last messages:", icon=":material/error:")
        st.code(run.log_tail(), language=None, wrap_lines=True)


def last_lesson() -> Snapshot | None:
    run = next((run for run in store().list() if teaching.is_lesson(run)), None)
    return run and snapshot_of(run)


def watch(active_shown: bool) -> None:
    """Show the last lesson; reruns the page when it ends."""
    snapshot = last_lesson()
    if snapshot is None:
        return
    show_lesson(snapshot)
    if snapshot.is_active != active_shown:
        st.rerun()


begin(
    "My digits",
    "Your own handwriting: how well each model reads it, and how to teach it to a model. Everyone who uses "
    "this server shares these digits.",
)
data_notice()
mine = my_digits()
if not mine.ids():
    st.info(
        "There are none yet. Draw a digit and, below the answer, say what it is. It is then saved here.",
        icon=":material/draw:",
    )
    if st.button("Draw one", icon=":material/draw:", type="primary"):
        st.switch_page("pages/draw.py")
    show_exchange(mine)
else:
    worker().warm()
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown(f"**{len(mine.ids())} digits**")
        show_exchange(mine)
        show_grid(mine)
    with right:
        show_teaching(mine)
        last = last_lesson()
        active = last is not None and last.is_active
        has_failed = (
            last is not None and last.status == "failed"
        )  # its log's last lines may come a little later
        st.fragment(watch, run_every=0.5 if active else 3.0 if has_failed else None)(active)
        st.markdown("**How well the models read them**")
        show_accuracies(mine)
