"""What a bundle holds."""

import hashlib
import io
import json
import re
import zipfile

import numpy as np
import pytest

from mnist_core.exchange import bundle
from mnist_core.exchange.keras_code import script
from mnist_core.recipes.table import RECIPES
from mnist_core.runs import weights
from mnist_core.runs.run import RunError


@pytest.fixture
def trained(store):
    return store.get("starter")


def members_of(run, dataset) -> dict[str, bytes]:
    file = io.BytesIO()
    bundle.write(run, dataset, file)
    with zipfile.ZipFile(file) as archive:
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        return {info.filename: archive.read(info) for info in archive.infolist()}


def test_a_bundle_holds_the_run_with_a_checksum_of_each_member(trained, small):
    members = members_of(trained, small)
    manifest = json.loads(members.pop("manifest.json"))
    assert (manifest["format"], manifest["version"]) == ("mnist-studio bundle", 1)
    assert manifest["data"]["name"] == "stand-in" and manifest["versions"]["keras"]
    assert manifest["members"] == {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in members.items()
    }
    assert {"card.html", "read_keras.py", "read_tflite.py", "evaluation.npz"} <= members.keys()
    for name in ("recipe.json", "result.json", "metrics.jsonl", "model.keras", "model.tflite"):
        assert members[name] == (trained.folder / name).read_bytes()
    assert members["script.py"].decode() == script(trained.recipe)


def test_its_weights_are_plain_arrays_in_kerass_order(trained, small):
    members = members_of(trained, small)
    found = [np.load(io.BytesIO(members[name])) for name in sorted(members) if name.startswith("weights/")]
    expected = weights.final(trained.model_path, trained.recipe.layers)
    assert len(found) == len(expected) and all(map(np.array_equal, found, expected))
    for epoch, copy in weights.load(trained.weights_path).items():
        names = sorted(name for name in members if name.startswith(f"epochs/{epoch:04}/"))
        assert all(map(np.array_equal, (np.load(io.BytesIO(members[name])) for name in names), copy))


def test_model_files_are_left_out_of_a_bundle_that_would_become_too_large(trained, small, monkeypatch):
    whole = members_of(trained, small)
    is_needed = re.compile(r"(recipe|result)\.json|metrics\.jsonl|(weights|epochs)/.*")
    needed = [len(content) + bundle._RECORDS for name, content in whole.items() if is_needed.fullmatch(name)]
    monkeypatch.setattr(bundle, "MOST_BYTES", sum(needed) + bundle._FRAME)
    members = members_of(trained, small)
    assert "weights/00.npy" in members and "model.keras" not in members and "script.py" not in members


def test_a_run_without_a_model_has_no_bundle(store, small):
    with pytest.raises(RunError, match="has no model"):
        bundle.write(store.create(RECIPES["softmax"]), small, io.BytesIO())
