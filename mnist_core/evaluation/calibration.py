"""Whether a model is right as often as its confidence says, and what answering "not sure" would gain."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mnist_core.evaluation.evaluation import Evaluation

NUM_BINS = 10


def reliability(answers: Evaluation) -> pd.DataFrame:
    """The test images in NUM_BINS bins of equal width by confidence, without empty bins.

    Each row has the bin's mean `confidence`, its `accuracy`, the `number` of its images and how many of them
    are `errors` (reliability diagram: Niculescu-Mizil and Caruana 2005).
    """
    bins = np.minimum((answers.confidences * NUM_BINS).astype(int), NUM_BINS - 1)
    right = answers.predictions == answers.labels
    table = pd.DataFrame({"bin": bins, "confidence": answers.confidences.astype(float), "right": right})
    rows = table.groupby("bin").agg(
        confidence=("confidence", "mean"),
        accuracy=("right", "mean"),
        number=("right", "size"),
        errors=("right", lambda of: int((~of).sum())),
    )
    return rows.reset_index(drop=True)


def calibration_error(answers: Evaluation) -> float:
    """The expected calibration error, 0..1: the mean difference between confidence and accuracy over the bins,
    weighted by their number of images (Guo et al. 2017)."""
    rows = reliability(answers)
    return float((rows.number * (rows.accuracy - rows.confidence).abs()).sum() / rows.number.sum())


@dataclass(frozen=True)
class NotSure:
    """The result if a model answers only above a confidence threshold, as numbers of test images."""

    right: int  # answered correctly
    wrong: int  # answered wrongly
    spared: int  # not answered, but would have been wrong
    lost: int  # not answered, but would have been right

    @property
    def accuracy(self) -> float:
        """The share of answered images that are right; 1 if none is answered."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0


def not_sure(answers: Evaluation, threshold: float) -> NotSure:
    """The result if the model says "not sure" when its confidence is below `threshold` (Chow 1970)."""
    right, answered = answers.predictions == answers.labels, answers.confidences >= threshold
    return NotSure(
        right=int((right & answered).sum()),
        wrong=int((~right & answered).sum()),
        spared=int((~right & ~answered).sum()),
        lost=int((right & ~answered).sum()),
    )
