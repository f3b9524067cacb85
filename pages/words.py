"""The glossary: every word that a beginner meets here, with a number or a picture of a run."""

import streamlit as st

from mnist_core.language.messages import _
from mnist_core.lessons.facts import facts
from mnist_core.lessons.glossary import TERMS, Term, here_of
from mnist_core.runs.run import Run
from pages.components.learn.term_pictures import show_picture
from pages.components.page.frame import begin, data_notice
from pages.components.page.run_chooser import choose_run
from pages.components.page.scroll import scroll, scroll_to_part
from pages.components.resources import dataset_thread, evaluation, runs_with_model

WIDTH = 820  # pixels: lines that are easy to read


def found(asked: str) -> list[Term]:
    """The terms whose word or text holds what was typed, in the reader's language or by name."""
    wanted = asked.casefold().strip()
    some = [term for term in TERMS.values() if wanted in f"{term.name} {term.word} {term.text}".casefold()]
    return sorted(some, key=lambda term: bool(wanted) and wanted not in f"{term.name} {term.word}".casefold())


def show_term(term: Term, run: Run, known: dict) -> None:
    with st.container(key=f"term-{term.name}", gap="small"):
        st.subheader(str(term.word), anchor=False)
        st.markdown(str(term.text))
        if here := here_of(term, known):
            st.markdown(f":material/arrow_forward: {here}")
        if term.picture and dataset_thread().dataset:
            show_picture(term, run, known)
        if term.see:
            links = [f"[{TERMS[name].word}](words?term={name})" for name in term.see]
            st.caption(_("See also: {words}", words=" · ".join(links)))


_BELOW_THE_HEADER = "<style>[class*=st-key-term-] { scroll-margin-top: 4.5rem }</style>"

begin("words", _("Words"), _("What the words mean, with the numbers of a run of yours."))
data_notice()
st.html(_BELOW_THE_HEADER)
with st.container(width=WIDTH):
    run = choose_run(_("The run whose numbers are shown"), runs_with_model())
    asked = st.text_input(_("Find a word"), key="find-word")
    try:
        known = facts(run, evaluation(run))
    except ValueError:
        known = facts(run)
    terms = found(asked)
    if not terms:
        st.info(_("No word matches. Try a shorter part of it."), icon=":material/search_off:")
    for term in terms:
        show_term(term, run, known)
wanted = st.query_params.get("term")
if wanted in TERMS and st.session_state.get("term-shown") != wanted:
    st.session_state["term-shown"] = wanted
    scroll_to_part(f"term-{wanted}")
scroll()
