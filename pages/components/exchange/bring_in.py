"""A model or a run that somebody brings in: the file is checked, then it becomes a run like any other."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from mnist_core.exchange.refusals import from_json
from mnist_core.exchange.vetting import is_allowed, new_folder, vet
from mnist_core.home import home
from mnist_core.jobs.tasks import Task
from mnist_core.language.messages import Message, _, message, said_by, sentences
from mnist_core.language.numbers import figure
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.recipes.words import title
from mnist_core.runs.run import Run, RunError
from pages.components.page.language import translated
from pages.components.page.run_chooser import open_with
from pages.components.page.text import plain
from pages.components.resources import describe, exchange, store

MOST_MEGABYTES = 64
_STATE = "brought-in"


@dataclass(frozen=True)
class _Brought:
    """What became of an uploaded file: the task that makes a run of it, or why it was refused."""

    file_id: str
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
            _("File"), ["zip", "keras", "h5"], max_upload_size=MOST_MEGABYTES, key="bring-in-file"
        )
        if upload:
            _take(upload, runs)


def _take(upload: UploadedFile, runs: Sequence[Run]) -> None:
    brought = st.session_state.get(_STATE)
    is_new = brought is None or brought.file_id != upload.file_id
    if upload.name.endswith(".h5"):
        like = _choose_network(runs)
        if st.button(_("Bring in these weights"), icon=":material/upload:", key="bring-in-weights"):
            brought = _begin(upload, like)
    elif is_new:
        brought = _begin(upload, None)
    if brought and brought.file_id == upload.file_id:
        _show(brought)


def _choose_network(runs: Sequence[Run]) -> Recipe:
    """The recipe or the run whose network the weights belong to."""
    networks = {run.id: run.recipe for run in runs} | RECIPES
    names = {run.id: describe(run) for run in runs} | {name: title(of) for name, of in RECIPES.items()}
    chosen = st.selectbox(
        _("The network that these weights belong to"),
        [*RECIPES, *(run.id for run in runs)],
        format_func=names.get,
        key=translated("bring-in-network"),
    )
    return networks[chosen]


def _begin(upload: UploadedFile, like: Recipe | None) -> _Brought:
    """Check the file, and let the program make a run of it."""
    with st.spinner(_("The file is being checked …")):
        try:
            folder = _checked(upload, like)
            brought = _Brought(upload.file_id, Task.of("bring_in", folder=str(folder)))
            exchange().start(brought.task)
        except (ValueError, OSError) as error:
            brought = _Brought(upload.file_id, problem=said_by(error))
    st.session_state[_STATE] = brought
    return brought


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
    elif exchange().progress(brought.task) is not None:
        _show_progress(brought.task)
    elif error := exchange().error(brought.task):
        _refuse(error)
    elif answer := exchange().answer(brought.task):
        _show_answer(answer)


def _refuse(reason: str) -> None:
    st.error(_("This was not brought in. {reason}", reason=plain(reason)), icon=":material/error:")


@st.fragment(run_every=0.5)
def _show_progress(task: Task) -> None:
    progress = exchange().progress(task)
    if progress is None:
        st.rerun()
    words = _("Waiting for the program to start")
    if progress:
        words = _("The model is being rebuilt and tested: {progress:.0%}", progress=progress)
    st.progress(progress, text=words)


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
    st.success(str(sentences([words, *_found(run)])), icon=":material/check:")
    with st.container(horizontal=True):
        if st.button(_("Draw with this model"), icon=":material/draw:", key="brought-in-draw"):
            open_with("pages/draw.py", run)
        if st.button(_("See this model's errors"), icon=":material/grid_view:", key="brought-in-errors"):
            open_with("pages/gallery.py", run)


def _found(run: Run) -> list[Message]:
    """What was found out about the model."""
    origin, said = run.origin or {}, []
    if "scaled" in origin and "raw" in origin:
        shares = {way: figure(origin[way], ".2%") for way in ("scaled", "raw")}
        words = message(
            "With pixels from 0 to 1 it reads {scaled} of the test images, with pixels from 0 to 255 {raw}.",
            **shares,
        )
        used = message("It is used with pixels from 0 to 1.")
        if origin["pixels"] == "raw":
            used = message("It is used with pixels from 0 to 255.")
        said += [words, used]
    remarks = map(from_json, origin.get("remarks", ()))
    return [*said, *(message("{problem}", problem=plain(str(remark))) for remark in remarks)]
