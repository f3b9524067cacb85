"""What ten seeds make of each step of the tuning tutorial: how far a single run depends on chance.

seeds.json is written by benchmarks/seeds.py, and holds for each recipe one list a seed, one value an epoch:

    {"command": "…", "date": "…", "recipes": {"tuning-a": {"val_accuracy": [[0.67, …], …], "val_loss": …}}}
"""

import json
import statistics
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PATH = Path(__file__).with_name("seeds.json")
NUM_SEEDS = 10
MEASURES = ("val_accuracy", "val_loss")


@dataclass(frozen=True)
class Spread:
    """A measure after one epoch, over all seeds."""

    epoch: int
    lowest: float
    median: float
    highest: float


def spread(name: str, measure: str) -> list[Spread]:
    """The spread of `measure` after each epoch of this recipe; empty if it was not measured."""
    seeds = _read()["recipes"].get(name, {}).get(measure, [])
    by_epoch = enumerate(zip(*seeds), 1)
    return [Spread(epoch, min(of), statistics.median(of), max(of)) for epoch, of in by_epoch]


def num_better(name: str, other: str) -> int:
    """With how many of the seeds `name` ends at a higher val_accuracy than `other` with the same seed."""
    first, second = (_read()["recipes"][recipe]["val_accuracy"] for recipe in (name, other))
    return sum(one[-1] > two[-1] for one, two in zip(first, second))


def measured_on() -> str:
    """The date of the measurement, as in ISO 8601."""
    return _read()["date"]


@cache
def _read() -> dict:
    return json.loads(PATH.read_text("utf-8"))
