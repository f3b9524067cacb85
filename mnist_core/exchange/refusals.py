"""Why a file from outside is refused: a message that can travel from the process that read the file.

    {"text": "{name} is cut off.", "many": "", "number": 1, "values": {"name": "dense/vars/0"}}

The process that reads a file is not trusted, so `from_json` takes only plain placeholders and short values.
"""

import re
import unicodedata
from collections.abc import Iterator
from string import Formatter
from typing import Any

from mnist_core.language.messages import Message, formatted, message

MOST_LETTERS = 600  # of a sentence
_MOST_FILLED = 3000  # letters, once its placeholders are filled in
MOST_OF_A_VALUE = 120  # letters of a value that comes from the file
_DEEP = 4  # messages within messages
_HIDDEN = ("Cc", "Cs", "Zl", "Zp")  # Unicode's categories of controls, surrogates and ends of lines
_TURNING = {*"\u061c\u200e\u200f", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}
_NAME, _SPEC = re.compile(r"[a-z_]{1,30}"), re.compile(r"(,?(\.[0-9])?[df%]?)")


def can_be_shown(letter: str) -> bool:
    """Whether a letter from outside may be shown: it is no control, and does not turn the writing round."""
    return unicodedata.category(letter) not in _HIDDEN and letter not in _TURNING


def shown(value: object) -> str:
    """A value from outside as it can stand in a sentence: short and on one line."""
    text = value if isinstance(value, str) else repr(value)
    text = "".join(letter if can_be_shown(letter) else "·" for letter in text[: MOST_OF_A_VALUE + 1])
    return text if len(text) <= MOST_OF_A_VALUE else text[: MOST_OF_A_VALUE - 1] + "…"


def cannot_limit() -> Message:
    return message(
        "Models cannot be brought in on this computer: its system cannot limit what reading a file may use."
    )


def to_json(said: Message | str) -> dict[str, Any]:
    """The message as JSON data."""
    if isinstance(said, str):
        said = message("{problem}", problem=said)
    values = {name: _value(value) for name, value in said.values.items()}
    return {"text": said.text, "many": said.many, "number": said.number, "values": values}


def from_json(data: Any, deep: int = _DEEP) -> Message:
    """The message that `to_json` wrote. ValueError if it is anything else."""
    if not isinstance(data, dict) or data.keys() != {"text", "many", "number", "values"} or not deep:
        raise ValueError("not a message")
    text, many, number, values = (data[key] for key in ("text", "many", "number", "values"))
    if type(number) is not int or not isinstance(values, dict) or len(values) > 12:
        raise ValueError("not a message")
    values = {name: _from_value(value, deep - 1) for name, value in values.items()}
    for sentence in (text, many):
        if (
            not isinstance(sentence, str)
            or len(sentence) > MOST_LETTERS
            or not sentence.isprintable()
            or not set(_names(sentence)) <= set(values)
        ):
            raise ValueError("not a message")
        _check_filled(sentence, values)
    return Message(text, many, number, values)


def _check_filled(sentence: str, values: dict[str, Any]) -> None:
    """ValueError if the values do not fit the placeholders, or make the sentence too long."""
    try:
        is_short = len(formatted(sentence, values)) <= _MOST_FILLED
    except (TypeError, OverflowError) as error:
        raise ValueError("not a message") from error
    if not is_short:
        raise ValueError("not a message")


def _value(value: object) -> Any:
    if isinstance(value, Message):
        return to_json(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
    return value if is_number else shown(value)


def _from_value(value: Any, deep: int) -> Any:
    if isinstance(value, dict):
        return from_json(value, deep)
    if isinstance(value, str):
        return shown(value)
    if type(value) in (int, float) and abs(value) < 1e15:
        return value
    raise ValueError("not a message")


def _names(text: str) -> Iterator[str]:
    """The placeholders of a sentence. ValueError if one is not a plain name."""
    for _literal, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not _NAME.fullmatch(name) or not _SPEC.fullmatch(spec or "") or conversion not in (None, "r"):
            raise ValueError("not a message")
        yield name
