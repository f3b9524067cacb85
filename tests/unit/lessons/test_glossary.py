"""The glossary: every entry is whole in both languages, and its sentence fits a run's facts."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path
from string import Formatter

import pytest

from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.language.catalogues import languages, using
from mnist_core.language.texts import Text
from mnist_core.lessons import glossary
from mnist_core.lessons.facts import FACTS, facts
from mnist_core.lessons.glossary import PICTURES, TERMS, Term, here_of, linked
from mnist_core.runs.store import STARTER, RunStore

SOURCE = Path(glossary.__file__).with_name("glossary.toml")
ENTRIES = tomllib.loads(SOURCE.read_text("utf-8"))["terms"]
LONGEST = {"en": 260, "ja": 180}
every_term = pytest.mark.parametrize("term", TERMS.values(), ids=TERMS)


@pytest.fixture(scope="module")
def starter():
    run = RunStore(Path()).get(STARTER)
    return facts(run, Evaluation.load(run.evaluation_path))


def texts(term: Term) -> list[Text]:
    return [text for text in (term.word, term.text, term.here) if text]


def placeholders(text: str) -> set[tuple[str, str]]:
    return {(name, spec or "") for _, name, spec, _ in Formatter().parse(text) if name is not None}


def test_there_are_at_least_sixty_terms_each_with_a_name_of_its_own():
    assert len(TERMS) == len(ENTRIES) >= 60
    assert all(re.fullmatch("[a-z0-9_-]+", name) for name in TERMS)


def test_an_entry_has_nothing_that_would_not_be_read():
    known = {field.name for field in fields(Term)}
    assert [entry["name"] for entry in ENTRIES if not set(entry) <= known] == []


def test_no_two_terms_are_called_the_same():
    for language in languages():
        words = [term.word.in_languages[language] for term in TERMS.values()]
        assert len({*words}) == len(words)


@every_term
def test_a_term_is_there_in_every_language_and_short(term):
    for text in texts(term):
        assert set(text.in_languages) == set(languages())
        assert all(0 < len(said) <= LONGEST[language] for language, said in text.in_languages.items())
    for text in texts(term)[1:]:
        assert len(set(text.in_languages.values())) == len(languages()), "it is not translated"


@every_term
def test_a_term_has_a_sentence_about_the_run_or_a_picture(term):
    assert term.here or term.picture
    assert term.picture in ("", *PICTURES)


def test_every_picture_is_used():
    assert {term.picture for term in TERMS.values()} - {""} == set(PICTURES)


@every_term
def test_related_terms_exist(term):
    assert set(term.see) <= TERMS.keys() - {term.name}
    assert len({*term.see}) == len(term.see) > 0


@every_term
def test_placeholders_are_facts_and_the_same_in_both_languages(term):
    here = term.here.in_languages if term.here else {"en": ""}
    needed = placeholders(here["en"])
    assert all(placeholders(text) == needed for text in here.values())
    assert {name for name, _ in needed} <= FACTS.keys()
    assert not any(placeholders(text) for text in term.text.in_languages.values())


@pytest.mark.parametrize("language", languages())
@every_term
def test_the_sentence_about_the_run_can_be_said_of_the_starter(term, language, starter):
    with using(language):
        said = here_of(term, starter)
    assert bool(said) == bool(term.here)
    assert not re.search(r"[{}]|\bnan\b|None", said)


def test_the_sentence_has_the_runs_numbers_as_the_language_writes_them():
    values = {"steps": 16184, "seconds": 1534.29}
    assert here_of(TERMS["step"], values) == "Steps in this run: 16,184, in 1,534 seconds of training."
    with using("ja"):
        assert here_of(TERMS["step"], values) == "この学習は 16,184 ステップで、学習時間は 1,534 秒でした。"


@pytest.mark.parametrize("values", [{}, {"steps": 16184}])
def test_there_is_no_sentence_about_a_run_that_lacks_a_fact(values):
    assert here_of(TERMS["step"], values) == ""


def test_a_term_without_a_sentence_about_the_run_has_none():
    assert here_of(TERMS["pixel"], {"steps": 1}) == ""


@every_term
def test_japanese_has_its_own_punctuation_and_spaces(term):
    letter = "[ぁ-んァ-ヶー一-龠]"
    for text in texts(term):
        said = text.in_languages["ja"]
        assert not re.search(rf"{letter}[.,:;!?(]|\){letter}", said), said
        assert not re.search(rf"{letter}[A-Za-z0-9{{]|[A-Za-z0-9}}%°]{letter}", said), said
    assert all(text.in_languages["ja"].endswith("。") for text in texts(term)[1:])
    assert all(text.in_languages["en"].endswith(".") for text in texts(term)[1:])


def test_a_link_shows_the_terms_word_and_has_its_text_as_title():
    assert linked("See [[seed]].") == f'See [seed](words?term=seed "{TERMS["seed"].text}").'
    with using("ja"):
        assert linked("[[seed]]") == f'[乱数シード](words?term=seed "{TERMS["seed"].text}")'
        assert str(TERMS["seed"].text).startswith("最初の重み")


def test_a_link_can_show_other_words_and_a_text_can_have_several():
    found = linked("The [[loss|losses]] after an [[epoch]]")
    assert re.sub(r' "[^"]*"', "", found) == (
        "The [losses](words?term=loss) after an [epoch](words?term=epoch)"
    )


def test_quotes_and_new_lines_do_not_end_a_links_title(monkeypatch):
    text = Text({"en": 'It is "same",\na\\b.'})
    monkeypatch.setitem(TERMS, "odd", Term("odd", Text({"en": "odd"}), text))
    assert linked("[[odd]]") == r'[odd](words?term=odd "It is \"same\", a\\b.")'


def test_an_unknown_term_is_an_error():
    with pytest.raises(KeyError):
        linked("[[no such term]]")


def test_nested_lists_in_code_are_no_links():
    assert linked("`[[0.5, 1], [2, 3]]`") == "`[[0.5, 1], [2, 3]]`"
