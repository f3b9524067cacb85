"""A run to take away: as a model, a bundle, a page about it, its curves, a script or a notebook."""

import json
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from mnist_core.data import sources
from mnist_core.exchange.formats import FORMATS, content, file_name, is_fresh, lacking, made_path, missing
from mnist_core.exchange.scripts import has_script, reading_script
from mnist_core.home import home
from mnist_core.jobs.tasks import Task
from mnist_core.language.messages import _
from mnist_core.language.numbers import figure
from mnist_core.runs.run import Run
from pages.components.exchange.progress import show_progress
from pages.components.page.discreet import discreet
from pages.components.page.language import translated, when_clicked
from pages.components.resources import dataset_thread, exchange


def show_take_away(run: Run, key: str) -> None:
    """All formats, the chosen one to download, and for a model the script that reads an image with it.

    Before the run has a model, its place is kept, so that nothing moves when it has one.
    """
    with st.expander(_("Take this model away"), icon=":material/download:", key=f"{key}-take-away"):
        if not run.has_model:
            st.markdown(_("There is no model yet: it comes at the end of the training."))
            return
        name = st.selectbox(
            _("As"),
            list(FORMATS),
            format_func=lambda name: _(FORMATS[name].title),
            placeholder=_("Choose"),
            key=translated(f"{key}-format"),
        )
        st.markdown(_(FORMATS[name].about))
        if problem := missing(name) or lacking(name, run):
            st.info(str(problem), icon=":material/info:")
        elif FORMATS[name].needs_tensorflow:
            _show_made(run, name, key)
        else:
            _download(run, name, key, when_clicked(_content, name, run))
        _show_script(run, name)


def _content(name: str, run: Run) -> bytes:
    return content(name, run, dataset_thread().dataset or sources.load(download=False))


def _download(run: Run, name: str, key: str, data: Callable[[], bytes]) -> None:
    st.download_button(
        _("Download"),
        data,
        file_name(run, name),
        FORMATS[name].mime,
        icon=":material/download:",
        on_click="ignore",
        key=f"{key}-download-{name}",
    )


def _show_made(run: Run, name: str, key: str) -> None:
    """What only a program with TensorFlow can make: a button that makes it, its progress, then the download."""
    path = made_path(home(), run, name)
    task = Task.of("export", run=str(run.folder), format=name, into=str(path))
    if exchange().progress(task) is not None:
        show_progress(task, _progress_words)
        return
    if is_fresh(run, path):
        _show_accuracies(path.with_name(f"{path.name}.json"))
        _download(run, name, key, path.read_bytes)
        return
    if error := exchange().error(task):
        words = _("The file could not be made. Try it again. The program said: {error}", error=discreet(error))
        st.error(words, icon=":material/error:")
    st.button(
        _("Make the file"),
        icon=":material/build:",
        key=f"{key}-make-{name}",
        on_click=exchange().start,
        args=(task,),
    )


def _progress_words(progress: float) -> str:
    return _("The file is being made: {progress:.0%}", progress=progress)


def _show_accuracies(kept: Path) -> None:
    """How much accuracy a smaller model has lost, where that was measured."""
    if kept.exists():
        answer = json.loads(kept.read_text("utf-8"))
        words = _(
            "Test accuracy: {accuracy}. With 32-bit weights: {float_accuracy}.",
            accuracy=figure(answer["accuracy"], ".2%"),
            float_accuracy=figure(answer["float_accuracy"], ".2%"),
        )
        st.markdown(words)


def _show_script(run: Run, name: str) -> None:
    if has_script(name):
        st.markdown(_("This script reads an image with it:"))
        st.code(reading_script(name, file_name(run, name)), language="python")
