"""The part of a model card about the training: data, layers, settings, versions and curves."""

from collections.abc import Iterator

from mnist_core.exchange.card_pictures import curves
from mnist_core.exchange.layout import BROUGHT_IN
from mnist_core.exchange.markdown import SVG, escaped, heading, inside, table
from mnist_core.language.messages import N_, _, ngettext
from mnist_core.language.numbers import duration, figure
from mnist_core.recipes.network import summary
from mnist_core.runs.curves import loss_key
from mnist_core.runs.history import settings
from mnist_core.runs.origin import was_trained_on_mnist
from mnist_core.runs.run import Run
from mnist_core.runs.words import setting_word

_CURVE = N_("{measure} over the epochs")
_LEFT_OUT = ("name", "layers")  # settings that stand elsewhere on the card


def section(run: Run) -> Iterator[str]:
    yield heading(2, _("How it was trained"))
    if run.recipe.name == BROUGHT_IN:
        yield _("It was trained elsewhere and brought in as a file: how it was trained is not known here.")
        yield heading(3, _("Layers"))
        yield _layers(run)
        return
    yield heading(3, _("Data"))
    yield from _data(run)
    yield heading(3, _("Layers"))
    yield _layers(run)
    yield heading(3, _("Settings"))
    yield _settings(run)
    yield heading(3, _("Training procedure"))
    yield from _procedure(run)
    rows = run.metrics()
    if run.recipe.label_smoothing and loss_key(rows) == "loss":
        yield _("The training loss is that with label smoothing, and so higher than in validation.")
    if drawn := curves(rows):
        yield " ".join(inside(of.encode(), SVG, _(_CURVE, measure=name)) for name, of in drawn.items())


def _data(run: Run) -> Iterator[str]:
    result = run.result
    yield _images(run)
    if run.recipe.shuffled_labels:
        yield _("Their labels were shuffled at random, so nothing general could be learnt.")
    if run.recipe.other_handwriting:
        yield _("Some zeros were slashed, and images that are not digits were added.")
    if result.get("pen_digits"):
        yield ngettext(
            "It was also trained on one digit drawn with a pen.",
            "It was also trained on {number:,} digits drawn with a pen.",
            result["pen_digits"],
        )
    if result.get("held_back_after") is not None:  # a lesson, here or where it was brought in from
        yield _("It began with a trained network, and went on with somebody's own digits mixed into MNIST.")


def _images(run: Run) -> str:
    is_mnist = was_trained_on_mnist(run)
    if is_mnist is None:
        return _("It was trained elsewhere, and on which images is not known here.")
    if not is_mnist:
        return _("Stand-in digits that a program drew because MNIST was not there.")
    return _(
        "The training images of MNIST (LeCun, Bottou, Bengio and Haffner 1998), at most {number:,} of them. "
        "The grey levels go in as they are, 0 to 255, white ink on black.",
        number=run.recipe.num_images,
    )


def _layers(run: Run) -> str:
    rows = summary(run.recipe.layers)
    lines = [
        (f"`{row.layer.code()}`", " × ".join(map(str, row.output_shape)), figure(row.num_parameters, ",d"))
        for row in rows
    ]
    total = sum(row.num_parameters for row in rows)
    lines.append((_("together"), "", figure(total, ",d")))
    return table((_("Layer"), _("Output"), _("Parameters")), lines, right=1)


def _settings(run: Run) -> str:
    told = settings(run.recipe)
    left_out = {setting_word(name) for name in _LEFT_OUT}
    rows = [(name, escaped(value)) for name, value in told.items() if name not in left_out]
    return table((_("Setting"), _("Value")), rows)


def _procedure(run: Run) -> Iterator[str]:
    result = run.result
    if result.get("epochs"):
        yield ngettext(
            "Trained for one epoch in {time}.",
            "Trained for {number} epochs in {time}.",
            result["epochs"],
            time=duration(result.get("seconds") or 0),
        )
    if result.get("temperature", 1.0) != 1.0:
        yield _(
            "Afterwards its logits were divided by {temperature:.2f}, which fits the images held out best (Guo "
            "et al. 2017). The curves are from before that.",
            temperature=result["temperature"],
        )
    if versions := result.get("versions"):
        used = ", ".join(
            escaped(f"{name.capitalize()} {of}") for name, of in versions.items() if name != "seal"
        )
        yield _("Versions: {versions}.", versions=used.replace("Tensorflow", "TensorFlow"))
