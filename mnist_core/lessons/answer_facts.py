"""The facts of a run's answers on the test set: its errors, and examples among the images and digits."""

import numpy as np

from mnist_core.evaluation.calibration import calibration_error
from mnist_core.evaluation.evaluation import Evaluation

Facts = dict[str, float | int]


def of_answers(answers: Evaluation) -> Facts:
    """The facts by the names in facts.FACTS; none if the training diverged, so that there are no answers."""
    if not np.isfinite(answers.probabilities).all():
        return {}
    low, high = answers.interval
    return {
        "num_test_images": len(answers.labels),
        "num_errors": answers.num_errors,
        "interval_low": low,
        "interval_high": high,
        "mean_confidence": float(answers.confidences.mean()),
        "calibration_error": calibration_error(answers),
        **_confused(answers),
        **_sure_error(answers),
        **_doubtful(answers),
        **_hard_digit(answers),
    }


def _confused(answers: Evaluation) -> Facts:
    pairs = answers.confused_pairs()
    return dict(zip(("confused_digit", "confused_answer", "confused_count"), pairs[0])) if pairs else {}


def _sure_error(answers: Evaluation) -> Facts:
    errors = answers.select(order="confidence")
    if not len(errors):
        return {}
    index = int(errors[0])
    return {
        "sure_error": index,
        "sure_error_label": int(answers.labels[index]),
        "sure_error_answer": int(answers.predictions[index]),
        "sure_error_confidence": float(answers.confidences[index]),
    }


def _doubtful(answers: Evaluation) -> Facts:
    index = int(answers.margins.argmin())
    label, probabilities = int(answers.labels[index]), answers.probabilities[index]
    second, first = (int(digit) for digit in np.argsort(probabilities)[-2:])
    return {
        "doubtful": index,
        "doubtful_label": label,
        "doubtful_label_probability": float(probabilities[label]),
        "doubtful_loss": float(answers.losses[index]),
        "doubtful_first": first,
        "doubtful_first_probability": float(probabilities[first]),
        "doubtful_second": second,
        "doubtful_second_probability": float(probabilities[second]),
    }


def _hard_digit(answers: Evaluation) -> Facts:
    rows = answers.per_digit()
    digit = int(rows.f1[rows.support > 0].idxmin())
    measures = {f"hard_{name}": float(rows[name][digit]) for name in ("precision", "recall", "f1")}
    counts = ("true_positives", "false_positives", "false_negatives")
    return {"hard_digit": digit, **measures, **{f"hard_{name}": int(rows[name][digit]) for name in counts}}
