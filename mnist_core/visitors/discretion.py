"""What programs say, as visitors of a shared server may read it: without its tracebacks and folders."""

import re

_TRACEBACK = re.compile(r"^Traceback \(most recent call last\):$")
_FOLDERS = re.compile(r"(?<![\w.:/\\])(?:[A-Za-z]:)?[\\/](?:[^\\/\s'\",:;()<>]+[\\/])+(?=[^\\/\s'\",:;()<>])")


def for_visitors(text: str) -> str:
    """The text with only the last line of each traceback, and of each absolute path only the name."""
    kept, is_inside = [], False
    for line in text.split("\n"):
        is_inside = bool(_TRACEBACK.match(line)) or (is_inside and line.startswith(" "))
        if not is_inside:
            kept.append(_FOLDERS.sub("", line))
    return "\n".join(kept)
