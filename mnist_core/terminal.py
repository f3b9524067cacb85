"""What the program in the terminal prints: lines for people, one JSON object, notes and errors."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len  # a Japanese letter takes two columns

from mnist_core.language.messages import Message, _


class UsageError(Exception):
    """A request that cannot be carried out; the message says what would work."""


def note(problem: Message | str) -> None:
    print(_("note: {problem}", problem=problem), file=sys.stderr)


def padded(text: str, width: int) -> str:
    """With spaces after it, or before it where `width` is negative."""
    spaces = " " * (abs(width) - cell_len(text))
    return text + spaces if width > 0 else spaces + text


def console() -> Any:
    from rich.console import Console

    return Console(stderr=True)


def say(arguments: argparse.Namespace, line: str) -> None:
    if not arguments.json:
        print(line)


def say_json(arguments: argparse.Namespace, answer: dict[str, Any]) -> None:
    if arguments.json:
        print(json.dumps(answer, ensure_ascii=False))


def table(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The rows of `per_digit` as lines, with a heading."""
    headings = (_("digit"), _("precision"), _("recall"), _("F1"), _("images"))
    kinds = (("digit", ""), ("precision", ".4f"), ("recall", ".4f"), ("f1", ".4f"), ("support", ""))
    return in_columns([headings, *([format(row[name], kind) for name, kind in kinds] for row in rows)])


def in_columns(cells: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines, each column as wide as its widest cell and flush right."""
    widths = [max(map(cell_len, column)) for column in zip(*cells)]
    return ["  ".join(padded(cell, -width) for cell, width in zip(line, widths)) for line in cells]


def failed(*problems: Message | str) -> int:
    for problem in problems:
        print(_("error: {problem}", problem=problem), file=sys.stderr)
    return 1
