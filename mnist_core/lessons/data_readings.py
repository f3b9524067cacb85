"""Readings of the data set and of a network before it is trained."""

import numpy as np

from mnist_core.lessons.evidence import Evidence, Reading, nearest
from mnist_core.recipes.network import summary


def arrays(evidence: Evidence) -> Reading:
    """The sizes of the data set."""
    numbers = {which: len(split.labels) for which, split in zip(("train", "test"), evidence.dataset)}
    return "", numbers | {"last": numbers["train"] - 1}


def label(evidence: Evidence) -> Reading:
    """The label of a training image, and its brightest pixel."""
    image, digit = (array[evidence.image] for array in evidence.dataset.train)
    return "", {"index": evidence.image, "digit": int(digit), "brightest": int(image.max())}


def ones(evidence: Evidence) -> Reading:
    """How many of the first fifteen training images show a one."""
    first = evidence.dataset.train.labels[:15]
    count = int(np.sum(first == 1))
    return nearest(count, evidence.options), {"count": count, "digits": ", ".join(map(str, first))}


def most_frequent(evidence: Evidence) -> Reading:
    """Which digit has the most training images, and which the fewest."""
    counts = np.bincount(evidence.dataset.train.labels, minlength=10)
    most, fewest = int(counts.argmax()), int(counts.argmin())
    numbers = {"most": most, "fewest": fewest}
    return f"{most}", numbers | {"of_most": int(counts[most]), "of_fewest": int(counts[fewest])}


def parameters(evidence: Evidence) -> Reading:
    """The parameters of the lesson's first recipe: of each layer that has some, before the head, and in all."""
    rows = summary(evidence.recipe.layers)
    counts = [row.num_parameters for row in rows]
    flat = next(place for place, row in enumerate(rows) if not row.is_of_images)
    layers = {f"layer_{i}": count for i, count in enumerate((c for c in counts if c), 1)}
    return "", {"total": sum(counts), "before_head": sum(counts[:flat]), **layers}
