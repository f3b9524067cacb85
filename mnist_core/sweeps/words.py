"""A sweep's settings in words, in the reader's language."""

from typing import Any

from mnist_core.language.messages import _
from mnist_core.sweeps.sweep import AXES, Values


def axis_word(name: str) -> str:
    """What a setting is called."""
    return _(AXES[name].word)


def value_words(value: Any) -> str:
    """A value as it is shown, and as it can be typed."""
    return f"{value:g}" if isinstance(value, float) else f"{value}"


def setting_words(values: Values) -> str:
    """Several settings with their values."""
    named = [
        _("{setting} {value}", setting=axis_word(name), value=value_words(values[name])) for name in values
    ]
    return " · ".join(named)
