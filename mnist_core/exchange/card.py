"""A model card in Markdown (Mitchell et al. 2019), as model hubs show it: what a model is, and where it fails.

It begins with the hubs' YAML header (https://huggingface.co/docs/hub/model-cards). Pictures are data URIs, so
that the card is one file.
"""

import json
from collections.abc import Iterator

import numpy as np

from mnist_core.data.mnist import Dataset
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.exchange import card_results, card_training
from mnist_core.exchange.markdown import escaped, heading
from mnist_core.exchange.scripts import reading_script
from mnist_core.language.messages import _, message
from mnist_core.recipes.words import shows, title
from mnist_core.runs.origin import was_tested_on_mnist, was_trained_on_mnist
from mnist_core.runs.run import Run, RunError

MODEL_FILE = "model.keras"  # the name that the script on the card reads


def markdown(run: Run, dataset: Dataset) -> str:
    """The card with its header, in the reader's language. RunError if the run is not complete."""
    return f"{_header(run)}\n{body(run, dataset)}"


def body(run: Run, dataset: Dataset) -> str:
    """The card without the header. `dataset` is for the pictures of test images; it need not be the run's."""
    answers = evaluation_of(run)
    test = dataset.test if np.array_equal(dataset.test.labels, answers.labels) else None
    sections = (
        [f"# {escaped(title(run.recipe))}"],
        _description(run, answers),
        _uses(run),
        _use(),
        card_training.section(run),
        card_results.section(run, answers, test),
        _licence(run),
    )
    return "\n\n".join(part for section in sections for part in section if part) + "\n"


def evaluation_of(run: Run) -> Evaluation:
    """The run's answers on the test set. RunError if it is not complete."""
    if run.result is None:
        raise RunError(
            message("Run {run} is not complete: a card needs its results on the test set.", run=run.id)
        )
    try:
        return Evaluation.load(run.intact(run.evaluation_path))
    except ValueError as error:
        raise RunError(*error.args) from error


def _header(run: Run) -> str:
    """The YAML header; strings are written as in JSON, which is YAML, too."""
    is_mnist = was_tested_on_mnist(run)
    name = json.dumps(title(run.recipe), ensure_ascii=False)
    data = (
        "type: ylecun/mnist, name: MNIST, split: test" if is_mnist else "type: stand-in, name: stand-in digits"
    )
    lines = [
        "---",
        "license: mit",
        "library_name: keras",
        "pipeline_tag: image-classification",
        "tags: [image-classification, mnist, handwritten-digits, keras]",
        *(["datasets: [ylecun/mnist]"] if was_trained_on_mnist(run) else []),
        "metrics: [accuracy]",
        "model-index:",
        f"  - name: {name}",
        "    results:",
        "      - task: {type: image-classification, name: Image Classification}",
        f"        dataset: {{{data}}}",
        f"        metrics: [{{type: accuracy, value: {evaluation_of(run).accuracy:.4f}, name: Test accuracy}}]",
        "---",
        "",
    ]
    return "\n".join(lines)


def _description(run: Run, answers: Evaluation) -> Iterator[str]:
    yield escaped(shows(run.recipe))
    low, high = answers.interval
    yield _(
        "A neural network that reads one handwritten digit, an image of 28 × 28 grey levels, and gives a "
        "probability for each of the ten digits. On {number:,} test images its accuracy is **{accuracy:.2%}** "
        "(95% interval {low:.2%} to {high:.2%}).",
        number=len(answers.labels),
        accuracy=answers.accuracy,
        low=low,
        high=high,
    )
    if not was_tested_on_mnist(run):
        yield (
            _(
                "**It was trained and tested on stand-in digits that a program drew, not on MNIST.** Its "
                "figures say nothing about handwriting."
            )
            if was_trained_on_mnist(run) is False
            else _(
                "**It was tested on stand-in digits that a program drew, not on MNIST.** Its figures say "
                "nothing about handwriting."
            )
        )


def _uses(run: Run) -> Iterator[str]:
    yield heading(2, _("Intended uses and limitations"))
    yield _(
        "It is for learning and trying: to see how a network reads digits, to compare networks, to draw a "
        "digit and watch the answer."
    )
    known = (
        _("It also knows some images that are not digits, and gives them low probabilities.")
        if run.recipe.other_handwriting
        else _("It has only seen digits: whatever it is shown, it answers with one.")
    )
    limits = (
        _("It is not for decisions about people, money or mail: nobody has tested it for that."),
        _("It reads one digit at a time: no letters, no numbers of several digits, no signs."),
        known,
        _(
            "MNIST's digits were written in the United States around 1990. Other ways of writing, such as a 7 "
            "with a bar or a 1 with a long upstroke, are read less well."
        ),
    )
    yield "\n".join(f"- {limit}" for limit in limits)


def _use() -> Iterator[str]:
    yield heading(2, _("How to use"))
    yield _(
        "Save this script beside `{file}`. It prepares an image as MNIST's were, and prints the digit and its "
        "probability.",
        file=MODEL_FILE,
    )
    yield f"```python\n{reading_script('keras', MODEL_FILE)}```"


def _licence(run: Run) -> Iterator[str]:
    yield heading(2, _("Licence"))
    yield _(
        "The program that trained this model, MNIST Studio, is under the MIT licence, and this card proposes "
        "the same for the model; whoever publishes it decides."
    )
    if was_tested_on_mnist(run) or was_trained_on_mnist(run):
        yield _(
            "MNIST: copyright Yann LeCun and Corinna Cortes, a derivative work of NIST's databases, under "
            "[CC BY-SA 3.0](https://creativecommons.org/licenses/by-sa/3.0/), as Keras's documentation states."
        )
