"""Figures that are said in words."""

import math
from functools import lru_cache

from mnist_core.language.catalogues import current
from mnist_core.language.messages import _
from mnist_core.language.numbers import figure


def share(probability: float) -> str:
    """A probability: never "0%" or "100%", which no network can know; "–" where it is no number."""
    return _share(float(probability), current())


@lru_cache(maxsize=1024)  # an answer says the same probabilities several times
def _share(probability: float, language: str) -> str:
    if math.isnan(probability):
        return "–"
    if 0 < probability < 0.0005:
        return _("under {share:.1%}", share=0.001)
    if probability >= 0.9995:
        return _("over {share:.1%}", share=0.999)
    return figure(probability, ".1%")
