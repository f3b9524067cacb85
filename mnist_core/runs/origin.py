"""Where a run comes from: what it was trained on, which may be elsewhere, and what it was tested on here.

result.json says in `is_mnist` which data the run was tested on. For a run that was trained here these are the
data that it was trained on, too. For one that was brought in, origin.json says what is known (bring_in.py).
"""

from mnist_core.language.messages import Message, message
from mnist_core.runs.run import Run


def was_trained_on_mnist(run: Run) -> bool | None:
    """Whether the complete run was trained on MNIST, and not on stand-in digits; None where it is not known."""
    return was_tested_on_mnist(run) if run.origin is None else run.origin.get("trained_on_mnist")


def was_tested_on_mnist(run: Run) -> bool:
    """Whether the complete run was tested on MNIST's test images."""
    return (run.result or {}).get("is_mnist", True)


def is_training_known(run: Run) -> bool:
    """Whether the run's folder tells how it was trained: not if it began as a model's file."""
    origin = run.origin
    return origin is None or (origin.get("before") or origin)["kind"] == "bundle"


def data_words(run: Run) -> list[Message]:
    """What the complete run was trained and tested on, for one that was brought in."""
    trained, said = was_trained_on_mnist(run), []
    if trained is not None:
        said.append(message("Trained on MNIST.") if trained else message("Trained on stand-in digits."))
    is_mnist = was_tested_on_mnist(run)
    said.append(message("Tested here on MNIST.") if is_mnist else message("Tested here on stand-in digits."))
    if trained == is_mnist and run.origin.get("has_same_data") is False:
        said.append(
            message("The images where it was made differ from those here, so its figures may differ, too.")
        )
    return said
