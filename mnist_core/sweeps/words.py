"""A sweep's settings in words, in the reader's language."""

from mnist_core.language.messages import _
from mnist_core.sweeps.sweep import AXES, Values, value_words


def axis_word(name: str) -> str:
    """What a setting is called."""
    return _(AXES[name].word)


def setting_words(values: Values) -> str:
    """Several settings with their values."""
    named = [
        _("{setting} {value}", setting=axis_word(name), value=value_words(values[name])) for name in values
    ]
    return " · ".join(named)
