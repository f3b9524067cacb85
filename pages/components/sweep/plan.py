"""Planning a sweep: the recipe, the values of its settings, how many runs that makes and how long they take."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import streamlit as st

from mnist_core.language.messages import _, ngettext
from mnist_core.language.numbers import duration
from mnist_core.lessons.glossary import hint
from mnist_core.recipes.recipe import BOUNDS, OPTIMIZERS, Recipe
from mnist_core.recipes.table import RECIPES
from mnist_core.recipes.words import title
from mnist_core.runs.run import Run
from mnist_core.sweeps import networks
from mnist_core.sweeps.duration import run_seconds, total
from mnist_core.sweeps.store import LONGEST_NAME
from mnist_core.sweeps.sweep import MOST_SEEDS, Axis, Sweep, of_base, read_values, seeds_from, value_words
from pages.components.page.acts import acts, refusals
from pages.components.page.language import translated
from pages.components.page.text import plain
from pages.components.resources import dataset_thread, describe, worker
from pages.components.sweep.choice import STATE
from pages.components.training.recipe_form import IMAGE_COUNTS
from pages.components.training.start import LONGEST, count_a_click, is_counted, say_it_is_too_long
from pages.components.training.to_sweep import BASE, RECIPE

_FIRST = "mlp"  # it has all of the settings
_CHOICES = {"optimizer": OPTIMIZERS, "activation": networks.CHOICES}
_HINTS = {"layers": "hidden_layer", "units": "unit"}  # where the glossary has another name


def show_plan(past: Sequence[Run], runs: Sequence[Run]) -> None:
    """The form. `past` are runs whose recipe can be taken, `runs` those that tell how fast this machine is."""
    base, key = _base(past)
    columns = st.columns(3, gap="medium")
    texts, problems = {}, {}
    for place, (name, label) in enumerate(_labels().items()):
        with columns[place % 3]:
            try:
                texts[name] = _field(name, label, of_base(name, base), f"sweep-{name}-{key}")
            except ValueError as error:
                problems[name] = str(error)
                st.text_input(label, "–", disabled=True, key=f"sweep-no-{name}")
    st.caption(_("Several values are separated by commas. Each is combined with each of the others."))
    for problem in dict.fromkeys(problems.values()):
        st.caption(problem)
    base, seeds, name = _length(base, key)
    try:
        axes = [*(_axis(each, given) for each, given in texts.items()), seeds_from(base.seed, seeds)]
        _start(Sweep(base, tuple(axes)), name, runs)
    except ValueError as error:
        st.error(plain(str(error)), icon=":material/error:")


def _base(past: Sequence[Run]) -> tuple[Recipe, str]:
    """The recipe that is varied, and a key for the widgets of its settings."""
    by_id = {run.id: run for run in past}
    from_train, key = st.session_state.get(RECIPE), translated(BASE)
    options = [*([RECIPE] if from_train else []), *RECIPES, *by_id]
    if st.session_state.get(key) not in options:
        st.session_state[key] = _FIRST

    def words(option: str) -> str:
        if option == RECIPE:
            return _("From the Train page: {title}", title=title(from_train))
        return title(RECIPES[option]) if option in RECIPES else describe(by_id[option])

    chosen = st.selectbox(
        _("Recipe"), options, format_func=words, placeholder=_("Choose"), key=key, persist_state="session"
    )
    if chosen == RECIPE:
        return from_train, f"train-{hash(from_train)}"
    return RECIPES[chosen] if chosen in RECIPES else by_id[chosen].recipe, chosen


def _labels() -> dict[str, str]:
    return {
        "learning_rate": _("Learning rate"),
        "batch_size": _("Batch size"),
        "optimizer": _("Optimizer"),
        "layers": _("Hidden dense layers"),
        "units": _("Units"),
        "activation": _("Activation"),
    }


def _field(name: str, label: str, own: Any, key: str) -> str | list[str]:
    """The values of a setting as the visitor gives them; at first the recipe's own, or rates near it."""
    help_ = hint(_HINTS.get(name, name))
    if name in _CHOICES:
        _begin(key, [own])
        return st.pills(
            label,
            _CHOICES[name],
            selection_mode="multi",
            key=key,
            help=help_,
            wrap=True,
            persist_state="session",
        )
    _begin(key, _around(own) if name == "learning_rate" else value_words(own))
    return st.text_input(label, key=key, help=help_, persist_state="session")


def _begin(key: str, value: Any) -> None:
    """Give a widget its first value: with a default beside it, it would have two."""
    st.session_state[key] = st.session_state.get(key, value)


def _around(rate: float) -> str:
    low, high = BOUNDS["learning_rate"]
    rates = (float(f"{rate * factor:.1g}") for factor in (0.3, 1, 3))
    return ", ".join(value_words(rate) for rate in dict.fromkeys(rates) if low <= rate <= high)


def _axis(name: str, given: str | list[str]) -> Axis:
    if isinstance(given, str):
        return read_values(name, given)
    return read_values(name, ",".join(choice for choice in _CHOICES[name] if choice in given))


def _length(base: Recipe, key: str) -> tuple[Recipe, int, str]:
    """The base with the visitor's epochs and training images, the number of seeds, and the sweep's name."""

    def begin(name: str, value: Any) -> dict[str, Any]:
        _begin(f"sweep-{name}-{key}", value)
        return {"key": f"sweep-{name}-{key}", "persist_state": "session"}

    first, second, third, fourth = st.columns([1, 1, 2, 2], gap="medium")
    seeds = first.number_input(_("Seeds"), 1, MOST_SEEDS, help=hint("seed"), **begin("seeds", 3))
    epochs = second.number_input(
        _("Epochs"), *BOUNDS["epochs"], help=hint("epoch"), **begin("epochs", base.epochs)
    )
    counts = sorted({*IMAGE_COUNTS, base.num_images})
    images = third.select_slider(
        _("Training images"), counts, help=hint("training_data"), **begin("images", base.num_images)
    )
    name = fourth.text_input(_("Name"), max_chars=LONGEST_NAME, **begin("name", title(base)))
    return dataclasses.replace(base, epochs=epochs, num_images=images), seeds, name


def _start(sweep: Sweep, name: str, runs: Sequence[Run]) -> None:
    """What the sweep will do, and the button that starts it."""
    dataset = dataset_thread().dataset
    seconds = run_seconds(sweep.recipes, len(dataset.train.labels) if dataset else 60_000, runs)
    is_ready = dataset is not None and max(seconds) <= LONGEST
    with st.container(horizontal=True, vertical_alignment="center"):
        words = _("Start the sweep")
        start = st.button(
            words, type="primary", icon=":material/play_arrow:", key="start-sweep", disabled=not is_ready
        )
        st.markdown(_what(sweep, seconds) if dataset else _("waiting for the data"), width="content")
    if max(seconds) > LONGEST:
        say_it_is_too_long()
    st.caption(
        _(
            "Settings are compared by the accuracy on {share:.0%} of the training images, on which no run is "
            "trained. Who chooses by the test set gets a figure that is too good.",
            share=sweep.recipes[0].validation,
        )
    )
    if start and is_counted():
        with refusals():
            saved = acts().start_sweep(sweep, name.strip() or title(sweep.base), max(seconds))
            STATE.change(sweep=saved.id, across=None, down=None)
            st.session_state.pop(RECIPE, None)
            count_a_click()
            st.rerun()


def _what(sweep: Sweep, seconds: Sequence[float]) -> str:
    """The number of runs, and how long they take together."""
    places = max(1, worker().places)
    sizes = " × ".join(f"{len(axis.values)}" for axis in sweep.varied)
    number = ngettext("**{number} run** ({sizes})", "**{number} runs** ({sizes})", sweep.num_runs, sizes=sizes)
    time = duration(total(seconds, places))
    if places > 1:
        return " · ".join([number, _("about {time}, {places} at a time", time=time, places=places)])
    return " · ".join([number, _("about {time} one after another", time=time)])
