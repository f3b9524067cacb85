"""Sentences that can be translated.

A message is a whole sentence, in English, with named placeholders:

    _("Epoch {epoch} of {epochs}", epoch=3, epochs=5)

It is never put together from pieces, since other languages order and inflect words differently. A placeholder
can have a format specification, `{share:.1%}`: the number is then written as is usual in the reader's language.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache, reduce
from numbers import Real
from string import Formatter
from typing import Any

from mnist_core.language.catalogues import catalogue, current
from mnist_core.language.numbers import figure


class Message:
    """A sentence that is translated when it is shown: `str(message)` is in the language of who reads it.

    For what is said by code that does not know its reader: errors, diagnoses, titles in tables.
    """

    def __init__(self, text: str, many: str = "", number: int = 1, values: Mapping[str, Any] | None = None):
        self.text, self.many, self.number, self.values = text, many, number, dict(values or {})

    def __str__(self) -> str:
        translations = catalogue(current())
        if self.many:
            text = translations.ngettext(self.text, self.many, self.number)
        else:
            text = translations.gettext(self.text)
        return formatted(text, self.values) if self.values else text

    def __repr__(self) -> str:
        return f"Message({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.text, self.number))


def formatted(text: str, values: Mapping[str, Any]) -> str:
    """The text with its placeholders filled in, numbers as the reader's language writes them."""
    return _FORMATTER.vformat(text, (), values)


def message(text: str, /, **values: Any) -> Message:
    """A sentence to be translated when it is shown."""
    return Message(text, values=values)


def message_n(one: str, many: str, number: int, /, **values: Any) -> Message:
    """A sentence about `number` things, which is also its placeholder {number}."""
    return Message(one, many, number, {"number": number, **values})


def sentences(parts: Iterable[Message]) -> Message:
    """Several sentences, one after the other: with a space between them where the language has one."""
    return reduce(lambda before, after: message("{before} {after}", before=before, after=after), parts)


def said_by(error: Exception) -> "Message | str":
    """What an error says, without the error itself: that holds all that was in use when it was raised."""
    return error.args[0] if len(error.args) == 1 and isinstance(error.args[0], Message) else str(error)


def _(text: str, /, **values: Any) -> str:
    """The sentence in the reader's language."""
    return str(Message(text, values=values))


def ngettext(one: str, many: str, number: int, /, **values: Any) -> str:
    """The sentence about `number` things, which is also its placeholder {number}, in the reader's language."""
    return str(message_n(one, many, number, **values))


def N_(text: str) -> str:
    """Marks a sentence of a table as a message: the table keeps it in English, `_` translates it when shown."""
    return text


class _Formatter(Formatter):
    parse = staticmethod(lru_cache(maxsize=4096)(lambda text: list(Formatter().parse(text))))

    def format_field(self, value: Any, spec: str) -> str:
        return figure(value, spec) if isinstance(value, Real) else format(value, spec)


_FORMATTER = _Formatter()
