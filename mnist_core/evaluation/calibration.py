"""Whether a model is as often right as it says, and what it would gain by saying "not sure"."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mnist_core.evaluation.evaluation import Evaluation

NUM_BINS = 10


def reliability(answers: Evaluation) -> pd.DataFrame:
    """The test images in NUM_BINS bins of equal width by confidence, empty bins left out.

    Each row has the mean `confidence` and the `accuracy` of its bin's images, their `number` and how many
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
    """The expected calibration error, 0..1: by how much confidence and accuracy differ in the mean over
    the images of all bins (Guo et al. 2017)."""
    rows = reliability(answers)
    return float((rows.number * (rows.accuracy - rows.confidence).abs()).sum() / rows.number.sum())


@dataclass(frozen=True)
class NotSure:
    """What happens where a model answers only from a confidence on: numbers of test images."""

    right: int  # answered, and correctly
    wrong: int  # answered, and wrongly
    spared: int  # not answered, and it would have been wrong
    lost: int  # not answered, though it would have been right

    @property
    def accuracy(self) -> float:
        """Of what is answered; 1 where nothing is."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0


def not_sure(answers: Evaluation, threshold: float) -> NotSure:
    """What happens where the model says "not sure" below `threshold` (Chow 1970)."""
    right, answered = answers.predictions == answers.labels, answers.confidences >= threshold
    return NotSure(
        right=int((right & answered).sum()),
        wrong=int((~right & answered).sum()),
        spared=int((~right & ~answered).sum()),
        lost=int((right & ~answered).sum()),
    )
