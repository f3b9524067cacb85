"""With how many digits a value is shown."""

import math

from mnist_core.language.messages import _
from mnist_core.language.numbers import figure


def number_words(value: float) -> str:
    """A value with four digits, or as many as show that it is not 0 or 1."""
    value += 0.0  # −0 is 0
    size, apart = abs(value), abs(1 - abs(value))
    if 0 < size < 1e-6:
        words = figure(value, ".1e")
    elif 0 < size < 0.001:
        words = figure(value, f".{1 - math.floor(math.log10(size))}f")
    elif 0 < apart < 0.01:
        words = figure(value, f".{min(9, 1 - math.floor(math.log10(apart)))}f")
    else:
        words = figure(value, f".{max(0, 3 - max(0, math.floor(math.log10(size or 1))))}f")
    return words.replace("-", "−")


def percent(probability: float) -> str:
    if 0 < probability < 0.00005:
        return _("under {share:.2%}", share=0.0001)
    return figure(probability, ".2%")
