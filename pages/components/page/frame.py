"""What every page has: its place in the navigation, a heading, and a word about the data."""

import runpy
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError
from streamlit.runtime.scriptrunner import StopException

from pages.components.page.text import plain
from pages.components.resources import loader


def begin(title: str, sentence: str) -> None:
    """The page's heading."""
    if "navigated" not in st.session_state:
        # On a fresh server a deep link runs the page's file alone: let app.py run it. Where
        # the page is the program itself, app.py finds no pages, and the page stands alone.
        with suppress(StreamlitPageNotFoundError):
            runpy.run_path(str(Path(__file__).parents[3] / "app.py"), run_name="__main__")
            raise StopException  # not st.stop(): it forgets a stroke that was reported meanwhile
    st.session_state["page-entered"] = st.session_state.get("page-shown") != title
    st.session_state["page-shown"] = title
    # Its "Stop" ends the page's script, not the training, and would stand right above ours.
    st.html("<style>[data-testid='stStatusWidget'] { display: none }</style>")
    st.title(title, anchor=False)
    st.markdown(sentence)


def data_notice(at_work: Callable[[], bool] | None = None) -> None:
    """Nothing while all is well; progress while MNIST is loaded; what to do where it is not MNIST.

    With `at_work` the page does not need the data and does not wait for it. Nor does it run again once it is
    there while that says True: it would close what the visitor has opened, and forget what was chosen in it.
    """
    if at_work is None:
        loader().wait(1.0)  # files on the disk take a moment: then nothing needs to be said at all
    if not loader().busy:
        _notice()
    elif at_work is None:
        st.fragment(_loading, run_every=0.5)()
    else:
        st.fragment(_loading_beside, run_every=1.0)(at_work)


def _loading() -> None:
    if not loader().busy:
        st.rerun()
    _progress()


def _loading_beside(at_work: Callable[[], bool]) -> None:
    if not loader().busy:
        if not at_work():
            st.rerun()  # which also ends the looking
        _notice()
    elif loader().progress[0]:
        _progress()


def _progress() -> None:
    what, done, total = loader().progress
    text = f"Downloading MNIST: {what}, {done / 1e6:.1f} MB" if what else "Looking for MNIST …"
    st.progress(min(1.0, done / total) if total else 0.0, text=text)


def _notice() -> None:
    dataset = loader().dataset
    if loader().error:
        st.error(f"MNIST is not available: {loader().error}", icon=":material/error:")
        _retry()
    elif dataset and not dataset.is_mnist:
        with st.container(border=True, key="stand-in"):
            st.markdown(
                ":material/info: **The images here are not MNIST.** They are a stand-in that the app draws "
                "itself, so that everything works; accuracies are not comparable with MNIST's."
            )
            with st.expander("Why, and how to get the real MNIST"):
                for problem in dataset.problems:
                    st.markdown(f"- {plain(problem)}")
                st.markdown(
                    "Connect this computer to the internet and try again, or put `mnist.npz`, or the four "
                    "IDX files, into a folder, set the environment variable `MNIST_DIR` to it, and start "
                    "the app again."
                )
            _retry()
    elif dataset and dataset.problems:
        st.warning("  \n".join(map(plain, dataset.problems)), icon=":material/warning:")


def _retry() -> None:
    if st.button("Try to get MNIST again", icon=":material/refresh:", key="retry-data"):
        loader().start()
        st.rerun()
