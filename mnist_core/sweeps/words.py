"""A sweep's settings, and what must be said of its best one, in words, in the reader's language."""

from collections.abc import Sequence

from mnist_core.language.messages import _, ngettext
from mnist_core.runs.origin import was_tested_on_mnist
from mnist_core.sweeps.results import ENOUGH, Results
from mnist_core.sweeps.sweep import AXES, Values, value_words

_MOST_NAMED = 3  # settings or runs of many


def axis_word(name: str) -> str:
    """What a setting is called."""
    return _(AXES[name].word)


def setting_words(values: Values) -> str:
    """Several settings with their values."""
    named = [
        _("{setting} {value}", setting=axis_word(name), value=value_words(values[name])) for name in values
    ]
    return " · ".join(named)


def several_words(results: Results, several: Sequence[Values]) -> str:
    """The settings of some runs, at most _MOST_NAMED of them."""
    named = [setting_words(results.sweep.in_which_they_differ(values)) for values in several[:_MOST_NAMED]]
    if more := len(several) - len(named):
        named.append(ngettext("{number} more", "{number} more", more))
    return "; ".join(named)


def cautions(results: Results) -> list[str]:
    """Why the best setting may not be better than others; empty if there are no others."""
    if len(results.ranked) < 2:
        return []
    found = []
    if len({was_tested_on_mnist(trial.snapshot.run) for trial in results.trials if trial.is_finished}) > 1:
        words = _(
            "Some of these runs were trained on MNIST and others on stand-in digits: their accuracies cannot "
            "be compared."
        )
        found.append(words)
    if results.tied:
        settings = several_words(results, [setting.values for setting in results.tied])
        found.append(_("Exactly as accurate: {settings}.", settings=settings))
    if results.num_as_good:
        words = ngettext(
            "{number} other setting may be as good: its interval overlaps with the best one's.",
            "{number} other settings may be as good: their intervals overlap with the best one's.",
            results.num_as_good,
        )
        found.append(words)
    if not results.best.has_interval:
        words = _(
            "With fewer than {number} seeds for each setting, chance may decide which one is best.",
            number=ENOUGH,
        )
        found.append(words)
    return found
