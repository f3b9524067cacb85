"""What the app writes itself it also reads: titles, sizes, and what the reading process needs for it."""

import io
import json
import random
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnist_core.exchange import archive, bundle, card_pictures, foreign, layout, unbundle
from mnist_core.exchange.records import checked_recipe, checked_rows
from mnist_core.exchange.refusals import from_json, to_json
from mnist_core.files import write_json
from mnist_core.language.messages import message
from mnist_core.recipes.layers import BatchNormalization, Dense, Flatten
from mnist_core.recipes.network import MAX_LAYERS
from mnist_core.recipes.table import RECIPES
from mnist_core.runs import curves, weights
from mnist_core.runs.axes import limits
from mnist_core.runs.diagnosis import diagnose
from mnist_core.runs.run import RunError
from mnist_core.training.fill import save_model
from mnist_core.training.models import as_saved, build

ROOT = Path(__file__).parents[3]
TITLES = ["私の　モデル", "a\u00a0b", "नेटवर्क\u200dx", "می\u200cخواهم", "Ünïcode ✓ 🦊"]


@pytest.mark.parametrize("title", TITLES)
def test_a_title_in_any_writing_is_read_again(title):
    recipe = replace(RECIPES["softmax"], title=title)
    assert checked_recipe(json.loads(json.dumps(recipe.to_json()))) == recipe


@pytest.mark.parametrize(
    "letter", ["\0", "\t", "\x7f", "\x85", "\u2028", "\u202e", "\u2067", "\u200f", "\ud800"]
)
def test_controls_and_what_turns_the_writing_round_are_refused(letter):
    with pytest.raises(ValueError, match="single lines"):
        checked_recipe(RECIPES["softmax"].to_json() | {"title": f"a{letter}b"})


@pytest.mark.parametrize(
    ("name", "title"), [("私の　モデル.keras", "私の モデル"), ("a\u00a0b\tc.zip", "a b c")]
)
def test_other_spaces_in_a_files_name_stay_spaces(name, title):
    assert foreign._title(name) == title


def test_the_most_members_of_a_bundle_are_read(tmp_path):
    deep = (Flatten(), *[BatchNormalization()] * (MAX_LAYERS - 2), Dense(10, "softmax"))
    num_arrays = 4 * (MAX_LAYERS - 2) + 2
    number = (1 + weights.MOST_EPOCHS) * num_arrays
    assert number > 1000 and len(replace(RECIPES["softmax"], layers=deep).layers) == MAX_LAYERS
    folders = ("weights", *(f"epochs/{epoch:04}" for epoch in range(1, weights.MOST_EPOCHS + 1)))
    with zipfile.ZipFile(tmp_path / "run.zip", "w") as file:
        for name in (f"{folder}/{place:02}.npy" for folder in folders for place in range(num_arrays)):
            file.writestr(zipfile.ZipInfo(name), b"")
    with (tmp_path / "run.zip").open("rb") as file:
        assert len(archive.Archive(file, lambda name: bool(unbundle.KNOWN.fullmatch(name))).names) == number
    assert number + 20 < layout.MOST_MEMBERS < 2**16


@pytest.mark.parametrize("left", [0, 500, 100_000])
def test_a_bundle_is_never_larger_than_what_is_read(left, small_run, small, monkeypatch):
    needed = len(made(small_run, small))
    most = next(size for size in range(5000, needed + 5000, 500) if fits(small_run, small, size, monkeypatch))
    monkeypatch.setattr(bundle, "MOST_BYTES", most + left)
    assert len(made(small_run, small)) <= most + left


def fits(run, dataset, most, monkeypatch) -> bool:
    monkeypatch.setattr(bundle, "MOST_BYTES", most)
    try:
        return len(made(run, dataset)) <= most
    except RunError as error:
        assert "too large for a bundle" in str(error)
        return False


def made(run, dataset) -> bytes:
    file = io.BytesIO()
    bundle.write(run, dataset, file)
    return file.getvalue()


def test_a_run_that_diverged_says_that_it_can_be_no_bundle(store, small):
    run = store.create(RECIPES["softmax"])
    network = build(run.recipe)
    network.set_weights([np.full(of.shape, np.nan, np.float32) for of in network.get_weights()])
    save_model(as_saved(network, run.recipe), run)
    write_json(run.folder / "result.json", {"status": "finished"})
    with pytest.raises(RunError, match="its training diverged"):
        made(run, small)


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "{a:d}"},
        {"text": "{a:.1%}"},
        {"text": "a\u202eb"},
        {"text": "a\nb"},
        {"text": "x", "many": "\u2028"},
        {"text": "{a}" * 100, "values": {"a": "x" * 120}},
    ],
)
def test_a_message_that_could_not_be_shown_is_not_taken(changes):
    with pytest.raises(ValueError):
        from_json(to_json(message("{a}", a="x")) | changes)


def test_the_process_that_reads_a_file_imports_nothing_that_draws_or_writes_pages():
    names = ("pandas", "PIL", "markdown_it", "mnist_core.exchange.bundle", "mnist_core.exchange.card")
    program = f"import sys, mnist_core.vet; print([name for name in {names} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"


def test_rows_that_are_accepted_can_be_drawn_and_judged(small_run):
    rng, good, accepted = random.Random(1), small_run.metrics(), 0
    keys, values = (
        sorted({key for row in good for key in row} | {"note", "stopped", "last"}),
        [0, 1, None, 1e30],
    )
    for _trial in range(500):
        rows = [dict(row) for row in good]
        for _ in range(rng.randint(1, 3)):
            row, key = rng.choice(rows), rng.choice(keys)
            row.update({key: rng.choice(values)}) if rng.random() < 0.7 else row.pop(key, None)
        try:
            found = list(checked_rows(b"".join(json.dumps(row).encode() + b"\n" for row in rows)))
        except ValueError:
            continue
        accepted += 1
        limits(None, curves.points(found))
        curves.progress(found, 5, 128)
        diagnose(small_run.recipe, found)
        card_pictures.curves(found)
    assert 50 < accepted < 450
