"""Backwards, once: one step of plain gradient descent with one image, and one weight of it worked out."""

import html
from collections.abc import Sequence
from zlib import crc32

import numpy as np
import streamlit as st

from mnist_core.explain.backward import Backward, Weight, backward, can_go_backward, step, usual_rate
from mnist_core.explain.templates import planes, strength
from mnist_core.language.figures import share
from mnist_core.language.messages import _
from mnist_core.recipes.layers import Dense
from mnist_core.recipes.network import summary
from mnist_core.runs.run import Run
from pages.components.charts.bars import show_bars
from pages.components.images.plates import Plate, show_plates, show_scale
from pages.components.network.rounding import number_words

SIDE = 28
RATES = (0.0001, 0.001, 0.01, 0.1, 0.5, 1.0, 10.0)
_STYLE = """<style>
.worked-out, .worked-out td { border: none; padding: 0.2rem 0 }
.worked-out td:first-child { padding-right: 1.5rem; opacity: 0.75 }
.worked-out td:last-child { font-variant-numeric: tabular-nums }
@media (max-width: 640px) { .worked-out td { display: block; padding: 0 } .worked-out tr { display: block;
    margin-bottom: 0.5rem } }
</style>"""


def show_backward(run: Run, weights: Sequence[np.ndarray], image: np.ndarray, label: int | None = None) -> None:
    """One step of training, from the run's `weights`, with the `image` uint8 (28, 28) alone.

    `label` is the true digit, if known.
    """
    recipe = run.recipe
    if not can_go_backward(recipe):
        words = _(
            "A step backward is worked out for networks of dense layers only, such as Softmax regression and "
            "Three-layer perceptron. This network has other layers, too."
        )
        st.info(words, icon=":material/info:")
        return
    st.markdown(
        _(
            "What one step of training with this image alone would change: the error goes back from the "
            "output to every weight, and each weight moves a little against its gradient."
        )
    )
    digit, rate = _choose(run, image, label, backward(recipe, weights, image, 0).probabilities)
    before = backward(recipe, weights, image, digit)
    gradients = before.gradients()
    after = backward(recipe, step(weights, gradients, rate), image, digit)
    left, right = st.columns(2, gap="large")
    with left:
        _show_answers(before, after)
    with right:
        _show_step(run, before, gradients[0], rate)
    _show_one_weight(run, image, before, weights, rate)


def _choose(run: Run, image: np.ndarray, label: int | None, read: np.ndarray) -> tuple[int, float]:
    """The true digit and the learning rate."""
    usual = usual_rate(run.recipe)
    rates = sorted({*RATES, usual})
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        digit = st.segmented_control(
            _("True digit"),
            range(10),
            default=int(read.argmax()) if label is None else label,
            required=True,
            key=f"backward-digit-{run.id}-{crc32(image)}",
            wrap=True,
        )
        rate = st.selectbox(
            _("Learning rate"),
            rates,
            index=rates.index(usual),
            format_func=lambda rate: f"{rate:g}",
            key=f"backward-rate-{run.id}",
            width=150,
        )
    return digit, rate


def _show_answers(before: Backward, after: Backward) -> None:
    digit = before.digit
    figures = {
        "before": share(float(before.probabilities[digit])),
        "after": share(float(after.probabilities[digit])),
    }
    losses = {"before": number_words(before.loss), "after": number_words(after.loss)}
    st.markdown(_("Probability of {digit}: {before} → **{after}**", digit=digit, **figures))
    st.markdown(_("Loss, minus its logarithm: {before} → **{after}**", **losses))
    show_bars([_("before the step"), _("after the step")], [before.probabilities, after.probabilities])


def _show_step(run: Run, before: Backward, gradient: np.ndarray, rate: float) -> None:
    """What the step adds to the first dense layer's weights, for ten of its units at most."""
    rows = summary(run.recipe.layers)
    number = _dense_layers(run)[0]
    is_last = number == len(rows)
    added, units = planes(rows, number, -rate * gradient)[:, 0], before.most_moved(10)
    largest = strength([added])
    st.markdown(_("**What the step adds to the weights**"))
    plates = [_plate(unit, added[unit], is_last) for unit in units]
    show_plates(plates, largest, "ten")
    show_scale(largest)
    if is_last:
        words = _(
            "Minus learning rate × gradient. :blue[Blue]: the weight grows. :red[Red]: it shrinks. The true "
            "digit's template takes on the ink of this image; each other template loses some of it, the more "
            "the likelier its digit was."
        )
    else:
        words = _(
            "Minus learning rate × gradient, for the units of the first dense layer that change most. "
            ":blue[Blue]: the weight grows. :red[Red]: it shrinks. Where the image has no ink, nothing changes."
        )
    st.caption(words)


def _plate(unit: int, added: np.ndarray, is_last: bool) -> Plate:
    if is_last:
        return Plate(added, f"{unit}", _("the step of the weights of digit {digit}", digit=unit))
    return Plate(added, f"{unit}", _("the step of the weights of unit {number}", number=unit))


def _show_one_weight(
    run: Run, image: np.ndarray, before: Backward, weights: Sequence[np.ndarray], rate: float
) -> None:
    """The gradient of a weight that the visitor chooses, and its step, in numbers."""
    st.markdown(_("**One weight, worked out**"))
    chosen = _choose_weight(run, before, f"backward-{run.id}-{crc32(image)}-{before.digit}")
    value = float(weights[2 * chosen.layer][chosen.input, chosen.unit])
    gradient, entered = before.gradient(chosen), float(before.inputs[chosen.layer][chosen.input])
    error = float(before.errors[chosen.layer][chosen.unit])
    moved = number_words(value - rate * gradient)
    lines = [
        _error(before, chosen),
        (
            _("gradient = input × error"),
            f"{number_words(entered)} × {_operand(error)} = <b>{number_words(gradient)}</b>",
        ),
        (
            _("new weight = weight − learning rate × gradient"),
            f"{number_words(value)} − {rate:g} × {_operand(gradient)} = <b>{moved}</b>",
        ),
    ]
    st.html(_STYLE)
    rows = "".join(f"<tr><td>{html.escape(words)}</td><td>{sum_}</td></tr>" for words, sum_ in lines)
    st.html(f'<table class="worked-out">{rows}</table>')
    st.caption(
        _(
            "At first this is the weight with the steepest gradient. An input of 0, such as a pixel without "
            "ink, gives a gradient of 0: such a weight does not move."
        )
    )


def _error(before: Backward, chosen: Weight) -> tuple[str, str]:
    """How the error at a unit comes about."""
    layer, _input, unit = chosen
    error, slopes = float(before.errors[layer][unit]), before.slopes[layer]
    if layer == len(before.errors) - 1:
        target = int(unit == before.digit)
        return (
            _("error at digit {digit} = probability − target", digit=unit),
            f"{number_words(float(before.probabilities[unit]))} − {target} = {number_words(error)}",
        )
    if slopes is None:
        words = _("error at unit {number}, from those of the next layer through softmax", number=unit)
        return words, number_words(error)
    words = _(
        "error at unit {number} = what comes back from the next layer × slope of the activation",
        number=unit,
    )
    arrived, slope = float(before.arrived[layer][unit]), float(slopes[unit])
    return words, f"{number_words(arrived)} × {_operand(slope)} = {number_words(error)}"


def _choose_weight(run: Run, before: Backward, key: str) -> Weight:
    """A weight by its layer, input and unit; at first the one with the steepest gradient."""
    numbers, strongest = _dense_layers(run), before.strongest()
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        layer = strongest.layer
        if len(numbers) > 1:
            layer = st.segmented_control(
                _("Layer"),
                range(len(numbers)),
                default=layer,
                required=True,
                format_func=lambda place: f"{numbers[place]} · Dense",
                key=f"{key}-layer",
                wrap=True,
            )
        first, key = before.strongest_of(layer), f"{key}-{layer}"
        if layer == 0:
            label, row, column = _("Pixel's row, 0 to {last}", last=SIDE - 1), *divmod(first.input, SIDE)
            row = st.number_input(label, 0, SIDE - 1, row, key=f"{key}-row", width=150)
            label = _("Pixel's column, 0 to {last}", last=SIDE - 1)
            column = st.number_input(label, 0, SIDE - 1, column, key=f"{key}-column", width=170)
            place = row * SIDE + column
        else:
            last = len(before.inputs[layer]) - 1
            label = _("Input, 0 to {last}", last=last)
            place = st.number_input(label, 0, last, first.input, key=f"{key}-input", width=150)
        last = len(before.errors[layer]) - 1
        label = _("Unit, 0 to {last}", last=last)
        if layer == len(numbers) - 1:
            label = _("Digit, 0 to {last}", last=last)
        unit = st.number_input(label, 0, last, first.unit, key=f"{key}-unit", width=150)
    return Weight(layer, place, unit)


def _dense_layers(run: Run) -> list[int]:
    """The numbers, from 1, of the run's Dense layers."""
    return [number for number, layer in enumerate(run.recipe.layers, 1) if isinstance(layer, Dense)]


def _operand(value: float) -> str:
    """A figure behind a sign: in brackets if it has one itself."""
    return f"({number_words(value)})" if value < 0 else number_words(value)
