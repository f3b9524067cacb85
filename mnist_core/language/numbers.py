"""Numbers, durations, dates and lists, as the reader's language writes them (Babel, from Unicode's CLDR)."""

import math
import re
from datetime import datetime

from babel.dates import format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from mnist_core.language.catalogues import current

_LARGE = 1e15  # from here on numbers are written with an exponent; Babel fails from 1e24 on
_SPEC = re.compile(r"(,?)(?:\.(\d+))?([df%]?)")


def figure(value: float, spec: str) -> str:
    """`value` as Python's format specification says (",", "d", ".2f", ".1%"), in the reader's language.

    Other specifications, such as "g" for a learning rate, are Python's in every language.
    """
    found = _SPEC.fullmatch(spec)
    if not spec or not found or not math.isfinite(value):
        return format(value, spec)
    if abs(value) >= _LARGE:
        return f"{value:.3g}"
    grouped, digits, kind = found.groups()
    places = int(digits or 0)
    pattern = ("#,##0" if grouped else "0") + ("." + "0" * places if places else "")
    if kind == "%":
        return format_percent(value, format=f"{pattern}%", locale=current())
    return format_decimal(value, format=pattern, locale=current())


def duration(seconds: float) -> str:
    """Seconds: "8 sec", "2 min 10 sec", "1 hr 5 min"."""
    seconds = max(1, round(seconds))
    if seconds < 3600:
        parts = ((seconds // 60, "minute"), (seconds % 60, "second"))
    else:
        parts = ((seconds // 3600, "hour"), (seconds % 3600 // 60, "minute"))
    return " ".join(format_unit(number, unit, "short", locale=current()) for number, unit in parts if number)


def short_moment(when: datetime) -> str:
    """A date of this year with its time: "11/26 14:05:10"."""
    return f"{format_skeleton('Md', when, locale=current())} {when:%H:%M:%S}"


def listed(words: list[str]) -> str:
    """Several things in one sentence: "a, b, and c"."""
    return format_list(words, locale=current())
