"""Numbers and words in readable form."""

import math


def share(probability: float) -> str:
    """A probability in percent, "under 0.1%" and "over 99.9%" near the ends; "–" if it is not a number."""
    if math.isnan(probability):
        return "–"
    if 0 < probability < 0.0005:
        return "under 0.1%"
    return f"{probability:.1%}" if probability < 0.9995 else "over 99.9%"


def article(digit: int) -> str:
    """The digit's article: "a" 7, "an" 8."""
    return "an" if digit == 8 else "a"


def sentence(words: str) -> str:
    """An error message with a capital letter and a full stop."""
    return f"{words[:1].upper()}{words[1:]}."


def duration(seconds: float) -> str:
    """Seconds in words: "8 s", "2 min 10 s", "1 h 5 min"."""
    seconds = max(1, round(seconds))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s" if seconds % 60 else f"{seconds // 60} min"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"


def plain(text: str) -> str:
    """Text from outside, such as a file's name, escaped for Markdown."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+!|<>$:~" else c for c in text)
