"""The catalogues of translations: whole, in step with the code, and with the same placeholders."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from mnist_core.language.catalogues import FOLDER, compiled, languages, source
from mnist_core.language.update import KEYWORDS, ROOT, SOURCES, extracted, is_translated

CATALOGUES = sorted(FOLDER.glob("*.po"))
# Terms of the glossary that no sentence can say otherwise; the others are inflected, or have several senses.
TERMS = (
    "accuracy",
    "augmentation",
    "canvas",
    "confidence",
    "confusion matrix",
    "cross-entropy",
    "dropout",
    "early stopping",
    "epoch",
    "gallery",
    "kernel",
    "label smoothing",
    "logits",
    "loss",
    "optimizer",
    "overfitting",
    "pixel",
    "probability",
    "temperature",
    "vanishing gradient",
    "weight decay",
    "weights",
)
every_catalogue = pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)


def as_tuple(texts: str | tuple[str, ...]) -> tuple[str, ...]:
    return texts if isinstance(texts, tuple) else (texts,)


def entries(path: Path) -> dict[tuple[str, ...], tuple[str, ...]]:
    """The translations by their English sentences, each with all of its plural forms."""
    return {as_tuple(entry.id): as_tuple(entry.string) for entry in source(path) if entry.id}


def placeholders(text: str) -> set[tuple[str, str, str]]:
    """The names with their format specifications and conversions."""
    return {(name, spec or "", how or "") for _, name, spec, how in Formatter().parse(text) if name is not None}


def written() -> set[str]:
    """Every sentence of the code that is marked as a message, wherever it stands in it."""
    found = set()
    for path in (path for pattern in SOURCES for path in ROOT.glob(pattern)):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
                number = len(KEYWORDS[node.func.id] or (1,))
                texts = [of.value for of in node.args[:number] if isinstance(of, ast.Constant)]
                found |= set(texts)
    return found


def test_there_is_a_catalogue_for_each_language_but_english():
    assert languages() == ("en", *(path.stem for path in CATALOGUES)) and "ja" in languages()


def test_every_message_of_the_code_is_found_by_the_extraction():
    found = {text for entry in extracted() if entry.id for text in as_tuple(entry.id)}
    assert written() == found


@every_catalogue
def test_no_message_is_missing_and_none_is_left_over(path):
    needed = {as_tuple(entry.id) for entry in extracted() if entry.id}
    assert set(entries(path)) - needed == set(), "run python -m mnist_core.language.update"
    assert needed - set(entries(path)) == set(), "run python -m mnist_core.language.update"


@every_catalogue
def test_every_message_has_a_translation_that_is_no_guess(path):
    assert [entry.id for entry in source(path) if entry.id and not is_translated(entry.string)] == []
    assert [entry.id for entry in source(path) if entry.id and entry.fuzzy] == []


@every_catalogue
def test_placeholders_are_the_same_in_both_languages(path):
    wrong = []
    for english, translated in entries(path).items():
        needed = placeholders(english[-1])
        wrong += [text for text in translated if text and placeholders(text) != needed]
    assert wrong == []


@every_catalogue
def test_a_compiled_catalogue_is_that_of_its_source(path):
    assert path.with_suffix(".mo").read_bytes() == compiled(path), "run python -m mnist_core.language.update"


def test_japanese_has_its_own_punctuation_and_form():
    """Full stops and brackets are full-width beside Japanese letters; sentences end as sentences do."""
    wrong = []
    for english, translated in entries(FOLDER / "ja.po").items():
        for text in filter(None, translated):
            bare = re.sub(r"`[^`]*`|\{[^}]*\}", "", text)
            if re.search(r"[ぁ-んァ-ヶ一-龠][.,:;!?]|[ぁ-んァ-ヶ一-龠]\(", bare):
                wrong.append(text)
            if english[-1].endswith(".") != text.endswith("。") and len(english[-1]) > 60:
                wrong.append(text)
    assert wrong == []


@pytest.mark.parametrize("term", TERMS)
def test_japanese_uses_the_glossarys_word(term):
    (word,) = re.findall(rf"^\| {term} \| (.+) \|$", (FOLDER / "glossary.md").read_text("utf-8"), re.MULTILINE)
    wrong = []
    for english, translated in entries(FOLDER / "ja.po").items():
        bare = re.sub(r"`[^`]*`|\{[^}]*\}", "", english[-1])
        if re.search(rf"\b{term}s?\b", bare, re.IGNORECASE):
            wrong += [text for text in translated if text and word not in text]
    assert wrong == []
