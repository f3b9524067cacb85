"""Draw a digit, or upload a picture of one, and see the network's answer and the reasons for it."""

from collections.abc import Callable
from time import perf_counter, sleep

import numpy as np
import streamlit as st

from mnist_core.language.catalogues import current, using
from mnist_core.language.messages import _, ngettext
from mnist_core.preprocessing.drawings import over
from mnist_core.preprocessing.found import Found
from mnist_core.preprocessing.preprocess import DrawingError
from mnist_core.runs.answers import Answer, answer_of
from mnist_core.runs.run import Run, RunError
from pages.components.answer import answer
from pages.components.answer.brought import brought, show_found
from pages.components.answer.judge import show_judge
from pages.components.answer.load import load
from pages.components.answer.quick import ticket_for
from pages.components.answer.reading import read_canvas
from pages.components.canvas.canvas import buttons, canvas, settings
from pages.components.canvas.examples import show_examples
from pages.components.charts import bars
from pages.components.page.address import number_in_address
from pages.components.page.frame import begin, data_notice, leave_for
from pages.components.page.run_chooser import choose_other, choose_run, chosen_other, chosen_run
from pages.components.page.scroll import scroll_if_requested, scroll_to_part
from pages.components.page.way_back import forget_way_back, link_to_image
from pages.components.resources import classifier, dataset_thread, describe, runs_with_model

# Seconds before the rest of the page is sent: while parts arrive, the browser keeps redrawing. Not in the first
# run: late parts of new kinds would make React hide all parts, the canvas too, for 300 ms.
PAUSE = 0.06
# The reasons belong to what a stroke reruns, but stand below the choices, which it leaves as they are.
STYLE = """<style>
.st-key-draw > :first-child, .st-key-draw > :first-child > .stVerticalBlock { display: contents }
[data-testid=stLayoutWrapper]:has(> .st-key-choices) { order: 1 }
[data-testid=stLayoutWrapper]:has(> .st-key-reasons) { order: 2 }
.st-key-ink > * { flex: 440 1 0 !important; min-width: 0 }
.st-key-ink > :nth-child(1) { flex-grow: 300 !important; min-width: 280px }
.st-key-ink > :nth-child(2) { flex-grow: 220 !important }
@media (max-width: 640px) { .st-key-ink > * { flex-basis: 100% !important } }
.reasons-wait .st-key-reasons > * { display: none }
.reasons-wait .st-key-draw::after { content: "WAIT"; order: 2; opacity: 0.8 }
.st-key-tools > [data-testid=stLayoutWrapper] { flex: none; width: auto }
.st-key-canvas-buttons.stHorizontalBlock { flex-wrap: nowrap }
</style>"""
PARTS = answer.STYLE + bars.STYLE


def image_behind() -> int | None:
    """The index of the test image behind the canvas, from the address; None without one."""
    state = st.session_state
    if "behind" not in st.query_params and state.get("behind") is None:
        return None
    dataset = dataset_thread().wait(5.0)  # without the image a stroke would be lost
    if dataset is None:
        return None
    if "canvas" not in state and "behind" not in st.query_params and state.get("behind") is not None:
        st.query_params["behind"] = f"{state['behind']}"  # the visitor returned from another page
    state["behind"] = number_in_address("behind", len(dataset.test.labels))
    return state["behind"]


def drawn_over(index: int) -> np.ndarray | None:
    """The test image with what was drawn and erased over it: uint8 (28, 28); None after an error."""
    test = dataset_thread().dataset.test
    st.markdown(
        _(
            "Test image {index}, which shows **:blue[{digit}]**, lies behind the canvas. Draw until the answer "
            "changes.",
            index=index,
            digit=test.labels[index],
        )
    )
    drawing = canvas((index, test.images[index]))
    try:
        return over(test.images[index], drawing)
    except DrawingError as error:
        st.error(str(error), icon=":material/error:")
        return None


def ways_out(behind: int) -> None:
    """Back to the image in the gallery, or on with an empty canvas."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        link_to_image(behind)
        st.button(_("Remove the image"), icon=":material/close:", key="no-behind", on_click=take_away)


def take_away() -> None:
    st.query_params.pop("behind", None)
    forget_way_back()
    st.session_state["behind"] = None


def read_by(run: Run | None, images: list[np.ndarray]) -> np.ndarray | None:
    """The run's probabilities float32 (n, 10) of the images; None, with a message, if it has no valid model."""
    if run is None:
        return None
    try:  # also without images, so that the first stroke is answered at once
        return classifier(run).probabilities(np.array(images, np.uint8).reshape(-1, 28, 28))
    except RunError as error:
        st.error(str(error), icon=":material/error:")
        return None


def say_whether_it_flipped(run: Run, behind: int, read: np.ndarray) -> None:
    """Compare the answer with the model's answer to the unchanged image."""
    before = int(read_by(run, [dataset_thread().dataset.test.images[behind]]).argmax())
    now, strokes = int(read[0].argmax()), len(st.session_state["drawing"]["objects"])
    if now != before:
        st.success(
            ngettext(
                "The answer changed from {before} to **{now}**, with one stroke.",
                "The answer changed from {before} to **{now}**, with {number} strokes.",
                strokes,
                before=before,
                now=now,
            ),
            icon=":material/swap_horiz:",
        )


def ask_for_reasons() -> None:
    st.session_state["reasons-asked"] = True


def open_reasons(is_read: bool) -> None:
    """If they were asked for, open the first of the reasons, and scroll to it."""
    if not st.session_state.pop("reasons-asked", False):
        return
    if is_read:
        st.session_state.update({"why": "pixels", "why-chosen": True})
        scroll_to_part("why")
    else:
        st.toast(_("Draw a digit first: then you can see why it is read so."), icon=":material/draw:")


def show_next() -> None:
    """What a visitor can do next."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="next"):
        st.button(_("See why"), icon=":material/lightbulb:", key="see-why", on_click=ask_for_reasons)
        if st.button(_("Train your own"), icon=":material/model_training:", key="to-train"):
            leave_for("pages/train.py")
        if st.button(_("Take a lesson"), icon=":material/school:", key="to-learn"):
            leave_for("pages/learn.py")


def tools() -> tuple[str, int | None]:
    """How a digit comes in, "canvas", "picture" or "camera", with the canvas's buttons; the image behind it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="tools"):
        how = st.segmented_control(
            _("Input"),
            ("canvas", "picture", "camera"),
            format_func={"canvas": _("Draw"), "picture": _("Picture"), "camera": _("Camera")}.get,
            default="canvas",
            required=True,
            key="how",
            label_visibility="collapsed",
        )
        if how == "canvas":
            buttons()
    return how, image_behind() if how == "canvas" else None


@st.fragment
def read_along(how: str, behind: int | None, run: Run, other: Run | None, names: list[str]) -> None:
    """A stroke reruns only this part of the page, so it holds nothing that a stroke leaves as it is."""
    with using(current()):  # so that not every sentence asks the session for its language
        begin = perf_counter()
        explain = answer_ink(how, behind, run, other, names)
        load.took(perf_counter() - begin)
        open_reasons(explain is not None)
        if explain is None:
            return
        if "undo" in st.session_state:
            sleep(PAUSE)
        with st.container(key="reasons"):
            explain()
            scroll_if_requested()


def answer_ink(
    how: str, behind: int | None, run: Run, other: Run | None, names: list[str]
) -> Callable[[], None] | None:
    """From ink to answer, which comes first: the browser has it while the rest is still being computed.

    Each part of a page costs the server time, so the usual drawing has as few as possible. Returns what
    shows the reasons; None without an answer.
    """
    row = st.container(horizontal=True, gap="medium", key="ink")
    is_plain = how == "canvas" and behind is None
    with row:
        left = row if is_plain else st.container()
    found, hint, over_image, number = Found(), "", None, 0
    with left:
        if behind is not None:
            over_image = drawn_over(behind)
        elif how == "canvas":
            drawing = canvas(ticket=ticket_for(run, other, names))
            found, hint, number = *read_canvas(drawing), drawing.get("number", 0)
        else:
            found, hint = brought(how)
    images = [digit.image() for digit in found.digits]
    if over_image is not None:
        images = [over_image] if over_image.any() else []
        hint = _("There is nothing left to read.")
    read, others = read_by(run, images), read_by(other, images)
    if read is None:
        return None
    both = [read] if others is None else [read, others]
    answers = [answer_of(of, run.recipe.other_handwriting) for of in read]
    with row:
        middle = row if is_plain and len(images) < 2 else st.container()
    with middle:
        place = answer.show_answer(both, images, answers, hint, found, how == "canvas", number)
        if behind is not None and images:
            say_whether_it_flipped(run, behind, read)
    with row:
        shown = bars.bars_in_html(names, [of[place] for of in both] if images else [])
        st.html(answer.numbered(shown, number))
    if how != "canvas" and found.whole is not None:
        with left:
            show_found(found, answers)
    return (lambda: show_why(run, images, found, answers, place)) if images else None


def show_why(run: Run, images: list[np.ndarray], found: Found, answers: list[Answer], place: int) -> None:
    """Ask whether the answer at this place was right, and show why it was given."""
    # Imported here because it needs Altair, for which the first answer must not wait.
    from pages.components.answer.reasons import show_reasons

    digit = found.digits[place] if found.digits else None
    rival = answers[place].second if answers[place].is_doubtful else None
    if digit:
        show_judge(images[place], digit.strokes, answers[place], place, len(images))
    show_reasons(run, images[place], digit, rival=rival)


def show_choices(how: str, behind: int | None, run: Run, runs: list[Run]) -> None:
    """Examples and the pen at the left; what to do next and the models at the right."""
    with st.container(key="choices"):
        left, right = st.columns([300 + 220, 440], gap="medium")
    if how == "canvas":
        with left:
            if behind is None:
                show_examples()
            settings(behind is not None)
            if behind is not None:
                ways_out(behind)
    with right:
        show_next()
        choose_run(_("Model"), runs)
        choose_other(run, runs)


begin(
    "draw",
    _("Draw a digit"),
    _("See what a neural network does: draw, and it answers after every stroke."),
)
st.html(STYLE.replace("WAIT", _("Many people are drawing now. The reasons come when you pause.")) + PARTS)
how, behind = tools()
runs = runs_with_model()
run = chosen_run(runs)
other = chosen_other(run, runs)
with st.container(key="draw"):
    read_along(how, behind, run, other, [describe(reader) for reader in (run, other) if reader])
    show_choices(how, behind, run, runs)
# At the end: a stroke needs no data, and the notice must not move the canvas.
data_notice(at_work=lambda: bool(st.session_state.get("drawing", {}).get("objects")))
