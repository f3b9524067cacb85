"""The glossary: every term in both languages, with a sentence about the learner's own run.

glossary.toml      [[terms]]
                   name = "val_loss"            stable, since links hold it
                   word.en = "…"                and word.ja, and so on
                   text.en = "…"                what it is, and why one looks at it
                   here.en = "… {epochs} …"     optional: the same in a run, with facts.py's names
                   picture = "curves"           optional: one of PICTURES
                   see = ["loss"]               optional: related terms
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

from mnist_core.language.texts import Text

PICTURES = {
    "digit": "a test image",
    "pixels": "a part of a test image, as numbers",
    "one_hot": "a test image's label, as ten cells",
    "probabilities": "the ten probabilities of a test image, as bars",
    "curves": "loss and val_loss of the run",
    "confusion": "a test image of the run's most frequent confusion",
    "filters": "the first layer's filters or templates",
}
_LINK = re.compile(r"\[\[([A-Za-z][^\[\]|]*)(?:\|([^\[\]]+))?\]\]")


@dataclass(frozen=True)
class Term:
    """An entry of the glossary; `picture` is one of PICTURES or "", `see` are the names of related terms."""

    name: str
    word: Text
    text: Text
    here: Text | None = None
    picture: str = ""
    see: tuple[str, ...] = ()

    @classmethod
    def from_toml(cls, entry: Mapping[str, Any]) -> "Term":
        texts = {key: Text(entry[key]) for key in ("word", "text", "here") if key in entry}
        return cls(entry["name"], picture=entry.get("picture", ""), see=tuple(entry.get("see", ())), **texts)


def read(path: Path) -> dict[str, Term]:
    """The terms of a glossary by name, in the file's order."""
    entries = tomllib.loads(path.read_text("utf-8"))["terms"]
    return {entry["name"]: Term.from_toml(entry) for entry in entries}


TERMS: dict[str, Term] = read(Path(__file__).with_name("glossary.toml"))


def here_of(term: Term, facts: Mapping[str, Any]) -> str:
    """The term's sentence about a run, in the reader's language; "" if one of its facts is missing."""
    if not term.here:
        return ""
    needed = {name for _, name, _, _ in Formatter().parse(str(term.here)) if name is not None}
    return term.here.say(**facts) if needed <= facts.keys() else ""


def hint(name: str) -> str:
    """What the term `name` means, in the reader's language: the tooltip where the word stands."""
    return str(TERMS[name].text)


def linked(text: str, run: str = "") -> str:
    """A lesson's Markdown in which `[[val_loss]]` and `[[val_loss|shown words]]` link to the glossary's page.

    A link's title, which browsers show as a tooltip, is the term's text. The page then shows the numbers of the
    run with the id `run`. KeyError for an unknown term.
    """
    return _LINK.sub(lambda found: _link(TERMS[found[1]], found[2], run), text)


def plain(text: str) -> str:
    """A lesson's Markdown with its links to the glossary as plain words. KeyError for an unknown term."""
    return _LINK.sub(lambda found: found[2] or str(TERMS[found[1]].word), text)


def _link(term: Term, shown: str | None, run: str) -> str:
    title = " ".join(str(term.text).split()).replace("\\", r"\\").replace('"', r"\"")
    of_run = f"&run={run}" if run else ""
    return f'[{shown or term.word}](words?term={term.name}{of_run} "{title}")'
