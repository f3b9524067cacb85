"""Each file of a trained run damaged in each way: said in words, never a traceback, and other runs go on."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnist_core.__main__ import main
from mnist_core.data.mnist import Dataset
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.exchange import formats
from mnist_core.explain.map import load_map
from mnist_core.runs import weights
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.run import Run, RunError
from mnist_core.runs.snapshot import snapshot_of
from mnist_core.runs.store import RunStore
from mnist_core.training.fill import train_run
from tests.conftest import small_standin, write_small_standin
from tests.faults.scenarios import SHORT, assert_whole

FILES = (
    "recipe.json",
    "metrics.jsonl",
    "checkpoint.npz",
    "weights/0001.npz",
    "model.keras",
    "model.tflite",
    "evaluation.npz",
    "manifest.json",
    "result.json",
    "log.txt",
    "map.npz",
)
FORMATS = ("keras", "tflite", "bundle", "csv")
UNSEALED = ("log.txt", "map.npz")


def flip(path: Path, other: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES: dict[str, Callable[[Path, Path], object]] = {
    "missing": lambda path, other: path.unlink(),
    "empty": lambda path, other: path.write_bytes(b""),
    "halved": lambda path, other: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "one bit flipped": flip,
    "zeros": lambda path, other: path.write_bytes(bytes(path.stat().st_size)),
    "another run's": lambda path, other: shutil.copy(other, path),
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run, Dataset]:
    """Two trained runs, with maps, in a home of their own: no test changes them."""
    home, dataset = tmp_path_factory.mktemp("trained"), small_standin()
    runs = [RunStore(home).create(replace(SHORT, seed=seed)) for seed in range(2)]
    for seed, run in enumerate(runs):
        train_run(run, dataset)
        np.savez(run.map_path, points=np.full((300, 2), seed / 2), model=np.array(""))
    return (*runs, dataset)


def use(run: Run, dataset: Dataset) -> None:
    """Open all that pages and terminal open."""
    uses = (
        lambda: Classifier.load(run).probabilities(dataset.test.images[:3]),
        lambda: Evaluation.load(run.intact(run.evaluation_path)),
        lambda: weights.final(run.intact(run.model_path), run.recipe.layers),
        *(lambda name=name: formats.content(name, run, dataset) for name in FORMATS),
        lambda: run.rename("Another"),
        lambda: run.resume(2),
    )
    weights.load(run.weights_path), load_map(run), run.metrics(), run.log_tail(), snapshot_of(run)
    for of in uses:
        with suppress(RunError, ValueError):  # a sentence; anything else is a fault
            of()


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_named_and_never_a_traceback(trained, home, name, damage, capsys):
    whole, other, dataset = trained
    write_small_standin(home)
    store = RunStore(home)
    for run in (whole, other):
        shutil.copytree(run.folder, store.folder / run.id)
    DAMAGES[damage](store.folder / whole.id / name, other.folder / name)
    run = Run(store.folder / whole.id)
    if name not in UNSEALED:
        assert name in str(run.damage[0]) or "holds the files of run" in str(run.damage[0])
        assert main(["runs"]) == 0 and run.id in capsys.readouterr().err
    use(run, dataset)
    assert other.id in [run.id for run in store.list()]
    assert_whole(store.get(other.id))
