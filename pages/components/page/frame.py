"""Parts of every page: navigation, heading, and a notice about the data."""

import runpy
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError
from streamlit.runtime.scriptrunner import StopException, get_script_run_ctx

from mnist_core.home import HomeError, home, settle
from mnist_core.language.messages import Message, _
from mnist_core.runs.run import Run
from pages.components.page.accessibility import common_style, screen_reader_script
from pages.components.page.discreet import discreet
from pages.components.page.language import language_script, language_switch, settle_language, widget_words
from pages.components.page.scroll import entry_script
from pages.components.resources import dataset_thread, store
from pages.components.visitor import settle_visitor

MOST_PROBLEMS = 3


def begin(page: str, title: str, sentence: str) -> None:
    """Show the page's heading; on a fresh server, run the whole app first."""
    if "navigated" not in st.session_state:
        # On a fresh server a deep link runs only the page's file, so run app.py. If the page itself is
        # the main program, app.py finds no pages, and the page stands alone.
        with suppress(StreamlitPageNotFoundError):
            runpy.run_path(str(Path(__file__).parents[3] / "app.py"), run_name="__main__")
            raise StopException  # not st.stop(), which forgets a stroke that arrived meanwhile
    settle_visitor()
    st.session_state["page-entered"] = st.session_state.get("page-shown") != page
    if st.session_state["page-entered"]:
        _forget_parts()
    st.session_state["page-shown"] = page
    # Hide Streamlit's status: its "Stop" ends the page's script, not the training, and is close to ours.
    st.html("<style>[data-testid='stStatusWidget'] { display: none }</style>" + common_style())
    settle_language()  # where the page is run alone, app.py has not
    with st.container(gap=None):
        st.html(language_script() + entry_script(page) + screen_reader_script(), unsafe_allow_javascript=True)
        if style := widget_words():
            st.html(style)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.title(title, anchor=False, width="content")
            language_switch()
    try:
        settle(home())
    except HomeError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()
    st.markdown(sentence)


def leave_for(page: str, query: Mapping[str, str] | None = None) -> NoReturn:
    """Open another page."""
    _forget_parts()
    st.switch_page(page, query_params=query)


def _forget_parts() -> None:
    """Forget the fragments of the page that is being left.

    The browser learns of the new page a moment later, and until then may still ask the server to rerun a part
    of the former one. Streamlit would do so after it has run the new page, and the browser would then empty
    that page. The server ignores such requests for parts that it has forgotten.
    """
    get_script_run_ctx().fragment_storage.clear()


def data_notice(at_work: Callable[[], bool] | None = None) -> None:
    """Show the loading progress of MNIST, or what to do if the data is not MNIST; nothing if all is well.

    Below it stand the runs that are damaged, if there are any.

    With `at_work` the page does not need the data and does not wait for it. Nor is it rerun when the data
    arrives while `at_work` returns True: that would close what the visitor has opened, and lose choices in it.
    """
    if at_work is None:
        dataset_thread().wait(1.0)  # reading files takes a moment, and then no notice is needed
    with st.container():  # of its own, so that what is below keeps its place when the notice goes
        if not dataset_thread().busy:
            _notice()
        elif at_work is None:
            st.fragment(_loading, run_every=0.5)()
        else:
            st.fragment(_loading_beside, run_every=1.0)(at_work)
    _say(store().problems())


def damage_notice(run: Run) -> None:
    """Say which of the run's files are not as they were when it ended; nothing if all are."""
    _say(run.damage)


def _say(problems: Sequence[Message | str]) -> None:
    for problem in problems[:MOST_PROBLEMS]:
        st.warning(discreet(problem), icon=":material/warning:")
    if len(problems) > MOST_PROBLEMS:
        words = _(
            "And {number} more: `python -m mnist_core runs` names all.", number=len(problems) - MOST_PROBLEMS
        )
        st.caption(words)


def _loading() -> None:
    if not dataset_thread().busy:
        st.rerun()
    _progress()


def _loading_beside(at_work: Callable[[], bool]) -> None:
    if not dataset_thread().busy:
        if not at_work():
            st.rerun()  # which also ends the polling
        _notice()
    elif dataset_thread().progress[0]:
        _progress()


def _progress() -> None:
    what, done, total = dataset_thread().progress
    text = _("Looking for MNIST …")
    if what:
        text = _("Downloading MNIST: {file}, {megabytes:.1f} MB", file=what, megabytes=done / 1e6)
    st.progress(min(1.0, done / total) if total else 0.0, text=text)


def _notice() -> None:
    dataset = dataset_thread().dataset
    if dataset_thread().error:
        st.error(
            _("MNIST is not available. {reason}", reason=discreet(dataset_thread().error)),
            icon=":material/error:",
        )
        _retry()
    elif dataset and not dataset.is_mnist:
        with st.container(border=True, key="stand-in"):
            st.markdown(
                ":material/info: "
                + _(
                    "**The images here are not MNIST.** They are a stand-in that the app draws itself, so that "
                    "everything works; accuracies are not comparable with MNIST's."
                )
            )
            with st.expander(_("Why, and how to get the real MNIST"), key="why-stand-in"):
                for problem in dataset.problems:
                    st.markdown(f"- {discreet(problem)}")
                st.markdown(
                    _(
                        "Connect this computer to the internet and try again, or put `mnist.npz`, or the four "
                        "IDX files, into a folder, set the environment variable `MNIST_DIR` to it, and start "
                        "the app again."
                    )
                )
            _retry()
    elif dataset and dataset.problems:
        st.warning("  \n".join(discreet(problem) for problem in dataset.problems), icon=":material/warning:")


def _retry() -> None:
    if st.button(_("Try to get MNIST again"), icon=":material/refresh:", key="retry-data"):
        dataset_thread().start()
        st.rerun()
