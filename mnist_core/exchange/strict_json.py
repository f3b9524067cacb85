"""JSON from outside, with bounds: every number is finite and short, no key stands twice, nothing is deep."""

import json
import math
from typing import Any

from mnist_core.exchange.refusals import shown
from mnist_core.language.messages import message

_LONGEST_NUMBER = 40  # letters
_DEEPEST = 40  # objects and lists within one another


def parsed(raw: bytes, name: str) -> dict[str, Any]:
    """The JSON object in `raw`, the content of the file `name`. ValueError says what is wrong with it."""

    def number(text: str, kind: type) -> float:
        value = kind(text) if len(text) <= _LONGEST_NUMBER else math.inf
        if not math.isfinite(value):
            raise ValueError(
                message("{name} has a number out of range: {value}.", name=name, value=shown(text))
            )
        return value

    def constant(text: str) -> float:
        return number("inf" if text != "NaN" else "nan", float)

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        values = dict(found)
        if len(values) < len(found):
            keys = [key for key, _ in found]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise ValueError(message("{name} has {key} twice.", name=name, key=shown(twice)))
        return values

    _check_depth(raw, name)
    decoder = json.JSONDecoder(
        object_pairs_hook=pairs,
        parse_int=lambda text: number(text, int),
        parse_float=lambda text: number(text, float),
        parse_constant=constant,
    )
    try:
        data = decoder.decode(raw.decode("utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(message("{name} is not valid JSON.", name=name)) from error
    if not isinstance(data, dict):
        raise ValueError(message("{name} must be a JSON object.", name=name))
    return data


def _check_depth(raw: bytes, name: str) -> None:
    """ValueError if there are too many brackets within one another; those in strings count, too."""
    depth = 0
    for byte in raw.translate(None, bytes(set(range(256)) - set(b"[]{}"))):
        depth += 1 if byte in b"[{" else -1
        if depth > _DEEPEST:
            raise ValueError(message("{name} is nested too deeply.", name=name))
