"""A model or a run that somebody brings in: the file is checked, then it becomes a run like any other."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from mnist_core.exchange.layout import MOST_BYTES
from mnist_core.exchange.refusals import from_json
from mnist_core.exchange.vetting import is_allowed, new_folder, vet
from mnist_core.files import in_words
from mnist_core.home import home
from mnist_core.jobs.tasks import Task
from mnist_core.language.messages import Message, _, message, said_by, sentences
from mnist_core.language.numbers import figure
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.recipes.words import title
from mnist_core.runs.run import Run, RunError
from mnist_core.visitors.register import NotAllowed
from pages.components.exchange.origin import found
from pages.components.exchange.progress import show_progress
from pages.components.page.acts import acts
from pages.components.page.language import translated
from pages.components.page.run_chooser import open_with
from pages.components.page.text import plain
from pages.components.resources import describe, exchange, store

_STATE, _FILE = "brought-in", "bring-in-file"


@dataclass
class _Brought:
    """What became of an uploaded file: the task that makes a run of it, or why it was refused.

    `of` is the upload's id, and for bare weights the network that was chosen for them.
    """

    of: tuple[str, Recipe | None]
    task: Task | None = None
    problem: Message | str = ""


def show_bring_in(runs: Sequence[Run]) -> None:
    """The place to bring a file in; `runs` are those to whose networks bare weights may belong."""
    with st.expander(_("Bring in a model or a run"), icon=":material/upload:", key="bring-in"):
        if not is_allowed():
            words = _("Many people share this server, so models cannot be brought in here.")
            st.info(words, icon=":material/info:")
            return
        st.markdown(
            _(
                "A bundle (.zip) from another MNIST Studio, a model (.keras) that you trained by following a "
                "tutorial, or the weights of a network (.weights.h5). The file is only read as data; nothing "
                "in it is executed."
            )
        )
        upload = st.file_uploader(
            _("File"),
            ["zip", "keras", "h5"],
            max_upload_size=MOST_BYTES // 10**6,
            key=_FILE,
            on_change=_forget_what_was_removed,
        )
        if upload:
            _take(upload, runs)
        brought = st.session_state.get(_STATE)
        if brought and (upload is None or upload.file_id == brought.of[0]):
            _show(brought)


def _forget_what_was_removed() -> None:
    if st.session_state[_FILE] is None:
        st.session_state.pop(_STATE, None)


def _take(upload: UploadedFile, runs: Sequence[Run]) -> None:
    """Begin with a new upload at once, with bare weights once their network is chosen."""
    like, is_asked = None, True
    if upload.name.lower().endswith(".h5") or upload.getbuffer()[:4] == b"\x89HDF":
        like = _choose_network(runs)
        is_asked = st.button(_("Bring in these weights"), icon=":material/upload:", key="bring-in-weights")
    brought = st.session_state.get(_STATE)
    if is_asked and (brought is None or brought.of != (upload.file_id, like)):
        # Stored before the work: a rerun in the middle of it would otherwise do it twice.
        brought = st.session_state[_STATE] = _Brought((upload.file_id, like))
    if brought and brought.of[0] == upload.file_id and not (brought.task or brought.problem):
        _begin(upload, brought)


def _choose_network(runs: Sequence[Run]) -> Recipe:
    """The recipe or the run whose network the weights belong to."""
    networks = {run.id: run.recipe for run in runs} | RECIPES
    names = {run.id: describe(run) for run in runs} | {name: title(of) for name, of in RECIPES.items()}
    chosen = st.selectbox(
        _("The network that these weights belong to"),
        [*RECIPES, *(run.id for run in runs)],
        format_func=names.get,
        placeholder=_("Choose"),
        key=translated("bring-in-network"),
    )
    return networks[chosen]


def _begin(upload: UploadedFile, brought: _Brought) -> None:
    """Check the file, and let the program make a run of it."""
    with st.spinner(_("The file is being checked …")):
        try:
            with in_words():
                owner = acts().bring_in()
                folder = _checked(upload, brought.of[1])
                brought.task = Task.of("bring_in", folder=str(folder), owner=owner)
                exchange().start(brought.task)
        except (NotAllowed, ValueError, OSError) as error:
            brought.problem = said_by(error)


def _checked(upload: UploadedFile, like: Recipe | None) -> Path:
    """A folder with what the file holds. ValueError says why it is refused."""
    folder = new_folder(home())
    file = folder / "upload"
    try:
        with file.open("wb") as kept:
            upload.seek(0)
            shutil.copyfileobj(upload, kept)
        vet(file, like, folder, upload.name)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    file.unlink()
    return folder


def _show(brought: _Brought) -> None:
    if brought.problem:
        _refuse(str(brought.problem))
    elif brought.task is None:
        return  # the page was run again before the check began
    elif exchange().progress(brought.task) is not None:
        show_progress(brought.task, _progress_words)
    elif error := exchange().error(brought.task):
        _refuse(error)
    elif answer := exchange().answer(brought.task):
        _show_answer(answer)


def _refuse(reason: str) -> None:
    st.error(_("This was not brought in. {reason}", reason=plain(reason)), icon=":material/error:")


def _progress_words(progress: float) -> str:
    return _("The model is being rebuilt and tested: {progress:.0%}", progress=progress)


def _show_answer(answer: dict[str, Any]) -> None:
    if "refused" in answer:
        _refuse(str(from_json(answer["refused"])))
        return
    try:
        run = store().get(answer["run"])
        name = plain(title(run.recipe))
    except RunError as error:
        st.info(str(error), icon=":material/info:")  # it was deleted meanwhile
        return
    accuracy = figure(answer["accuracy"], ".2%")
    words = message("**{name}** was brought in. Test accuracy: {accuracy}.", name=name, accuracy=accuracy)
    st.success(str(sentences([words, *found(run)])), icon=":material/check:")
    with st.container(horizontal=True):
        if st.button(_("Draw with this model"), icon=":material/draw:", key="brought-in-draw"):
            open_with("pages/draw.py", run)
        if st.button(_("See this model's errors"), icon=":material/grid_view:", key="brought-in-errors"):
            open_with("pages/gallery.py", run)
