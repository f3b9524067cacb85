"""Texts of data files, such as lessons: each holds its sentence in every language."""

from collections.abc import Mapping
from typing import Any

from mnist_core.language.catalogues import ENGLISH, current
from mnist_core.language.messages import formatted


class Text:
    """A text in several languages: `{"en": "…", "ja": "…"}`, with named placeholders as in messages.py."""

    def __init__(self, in_languages: Mapping[str, str]) -> None:
        self.in_languages = dict(in_languages)

    def say(self, **values: Any) -> str:
        """The text in the reader's language, English where it is missing."""
        text = self.in_languages.get(current()) or self.in_languages[ENGLISH]
        return formatted(text, values) if values else text

    def __str__(self) -> str:
        return self.say()
