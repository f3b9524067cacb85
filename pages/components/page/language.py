"""The visitor's language: where it comes from, and the switch at the top of every page.

The first that is known of: what the address says (`lang=ja`), what the visitor chose in this session, what
their browser remembers of an earlier visit, what their browser asks for.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mnist_core.language.catalogues import (
    ENGLISH,
    ask_session,
    best_of,
    current,
    languages,
    own_name,
    using,
)
from mnist_core.language.messages import _

_STATE, _CHOSEN, _LABELLED = "language", "language-chosen", "translated-choices"
_COOKIE = "mnist-studio-language"


def settle_language() -> None:
    """Decide on the language, at the beginning of each run of a page."""
    state, linked = st.session_state, st.query_params.get("lang")
    if linked in languages():
        state[_STATE], state[_CHOSEN] = linked, True
    elif _STATE not in state:
        remembered = st.context.cookies.get(_COOKIE)
        state[_CHOSEN] = remembered in languages()
        state[_STATE] = remembered if state[_CHOSEN] else best_of([st.context.locale or ""])
    if state[_CHOSEN] and linked != state[_STATE]:
        st.query_params["lang"] = state[_STATE]


def language_switch() -> None:
    """A button for each other language. The page stays as it is, with everything that was typed or drawn."""
    st.html(_compact())
    for code in languages():
        if code != st.session_state[_STATE]:
            st.button(
                own_name(code),
                icon=":material/translate:",
                key=f"language-{code}",
                on_click=_switch,
                args=(code,),
                width="content",
            )


def _compact() -> str:
    """On a phone the switch stands in the bar at the top, since the title needs the width.

    There Streamlit's menu would otherwise lie outside of the window.
    """
    return (
        "<style>@media (max-width: 640px) { [class*=st-key-language-] { position: fixed; top: 0.6rem; "
        "right: 3.4rem; z-index: 999990 } [class*=st-key-language-] button { min-height: 2.25rem; "
        "padding-block: 0 } [data-testid=stMainMenu] { position: fixed; top: 0.9rem; right: 0.9rem } }</style>"
    )


def language_script() -> str:
    """The script that tells the browser the page's language, and lets it remember the visitor's choice."""
    language = st.session_state[_STATE]
    remember = f'document.cookie = "{_COOKIE}={language}; path=/; max-age=31536000; samesite=strict";'
    remember = remember if st.session_state[_CHOSEN] else ""
    return f'<script>document.documentElement.lang = "{language}"; {remember}</script>'


def widget_words() -> str:
    """A style that translates the words that Streamlit's own uploader and camera bring along in English."""
    if st.session_state[_STATE] == ENGLISH:
        return ""
    camera = "[data-testid=stCameraInput]"
    words = {
        "[data-testid=stSkipToContent]": _("Skip to main content"),
        "[data-testid=stFileUploaderDropzone] button p": _("Upload"),
        "[data-testid=stFileUploaderDropzoneInstructions] span": _("Up to 20 MB per file"),
        ".st-key-bring-in [data-testid=stFileUploaderDropzoneInstructions] span": _("Up to 64 MB per file"),
        f"{camera} [data-testid=stCameraInputWebcamComponent] p": _("This page would like to use your camera."),
        f"{camera} p a": _("How to allow it"),
        f"{camera} button[data-testid=stCameraInputButton]": _("Take photograph"),
        f"{camera}:has(img) button[data-testid=stCameraInputButton]": _("Retake photograph"),
    }
    rules = [
        f'{part} {{ font-size: 0 }} {part}::before {{ content: "{said}"; font-size: 0.875rem }}'
        for part, said in words.items()
    ]
    return f"<style>{' '.join(rules)}</style>"


def translated(key: str) -> str:
    """The key of a radio or select box whose options are translated: its choice then survives a switch.

    The browser would go on naming what is chosen by its former label, which nothing matches any more.
    """
    st.session_state.setdefault(_LABELLED, set()).add(key)
    return key


def when_clicked(make: Callable[..., bytes], *given: Any) -> Callable[[], bytes]:
    """`make` with what it is `given`, for a download button, which calls it only when it is clicked.

    It then runs outside of the page, so that the visitor's language must be given to it.
    """
    return partial(_made_in, current(), make, *given)


def _made_in(language: str, make: Callable[..., bytes], *given: Any) -> bytes:
    with using(language):
        return make(*given)


def _switch(language: str) -> None:
    state = st.session_state
    state[_STATE], state[_CHOSEN] = language, True
    st.query_params["lang"] = language
    for key in state.get(_LABELLED, ()):
        if key in state:
            state[key] = state[key]  # the browser is told of it, by its new label


def _of_session() -> str:
    return st.session_state.get(_STATE, "") if get_script_run_ctx(suppress_warning=True) else ""


ask_session(_of_session)
