"""The languages that there are, and the one in use at the moment.

English stands in the code itself. Each further language is a gettext catalogue in this folder: `ja.po`, and its
compiled form `ja.mo`. Where a translation is missing, the English sentence is shown.

A further language is one more .po file: copy ja.po, translate it, run `python -m mnist_core.language.update`.
The words to use in Japanese are in glossary.md.
"""

import gettext
import io
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale, negotiate_locale

if TYPE_CHECKING:
    from babel.messages import Catalog

FOLDER = Path(__file__).parent
ENGLISH = "en"
_used: ContextVar[str] = ContextVar("language", default="")
_asked: list[Callable[[], str]] = []


@cache
def languages() -> tuple[str, ...]:
    """The codes of all languages, such as ("en", "ja")."""
    return (ENGLISH, *sorted(path.stem for path in FOLDER.glob("*.po")))


@cache
def own_name(code: str) -> str:
    """What a language calls itself: "日本語"."""
    return Locale.parse(code).get_display_name(code).capitalize()


@cache
def catalogue(code: str) -> gettext.NullTranslations:
    """The translations into a language."""
    path = FOLDER / f"{code}.po"
    if not path.exists():
        return gettext.NullTranslations()
    is_compiled = path.with_suffix(".mo").exists()
    content = path.with_suffix(".mo").read_bytes() if is_compiled else compiled(path)
    return gettext.GNUTranslations(io.BytesIO(content))


def source(path: Path) -> "Catalog":
    """What a .po file holds."""
    from babel.messages.pofile import read_po  # slow to import, and the server reads only the compiled form

    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def compiled(path: Path) -> bytes:
    """The compiled form of a .po file."""
    from babel.messages.mofile import write_mo

    file = io.BytesIO()
    write_mo(file, source(path))
    return file.getvalue()


def current() -> str:
    """The language in use: the one of `using` in this thread, else that of the visitor's session."""
    return _used.get() or next((code for ask in _asked if (code := ask())), ENGLISH)


@contextmanager
def using(code: str) -> Iterator[None]:
    """Within it, this thread says everything in this language; in English where it is none of ours."""
    token = _used.set(code if code in languages() else ENGLISH)
    try:
        yield
    finally:
        _used.reset(token)


def ask_session(ask: Callable[[], str]) -> None:
    """From now on `ask` says which language the visitor of the current thread uses; "" where there is none."""
    _asked[:] = [ask]


def best_of(wanted: Iterable[str]) -> str:
    """The first of the wanted languages that exists here, such as "ja" for "ja-JP"; English where none does."""
    return negotiate_locale([code.replace("-", "_") for code in wanted if code], languages(), "_") or ENGLISH


def of_environment() -> str:
    """The language of a terminal: that of $LC_ALL, $LC_MESSAGES or $LANG, the first that is set."""
    code = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return best_of([code.partition(".")[0]])
