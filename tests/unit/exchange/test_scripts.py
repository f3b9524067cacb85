"""The scripts that read an image with an exported model: each is run, with nothing of ours importable."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from mnist_core import api, export
from mnist_core.exchange.scripts import reading_script, script_name
from mnist_core.language.catalogues import languages, using
from mnist_core.runs.store import STARTER, RunStore
from tests.pictures import paper, write

# tf2onnx 1.17 asks NumPy for a name that it no longer has.
pytestmark = pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")

FORMATS = {
    "keras": "model.keras",
    "tflite": "model.tflite",
    "tflite-int8": "small.tflite",
    "onnx": "model.onnx",
}
PRINTED = re.compile(r"(\d) ([\d.]+)%\n")


def off_centre(digit: str, path: Path) -> Path:
    """A picture file of one digit, dark on light, in a corner of the paper."""
    write(paper(300, 260, shade=255), digit, x=190, y=20, scale=0.8, pen=9).save(path)
    return path


def model_beside_its_script(format_name: str, folder: Path, run) -> Path:
    """The script, in `folder` with the run's model."""
    file = folder / FORMATS[format_name]
    made = export.MAKERS.get(format_name)
    own = run.model_path if format_name == "keras" else run.lite_path
    file.write_bytes(made(run, lambda share: None) if made else own.read_bytes())
    script = folder / script_name(file.name)
    script.write_text(reading_script(format_name, file.name), "utf-8")
    return script


@pytest.mark.parametrize(("format_name", "digit"), zip(FORMATS, "7253"))
def test_a_script_reads_a_picture_alone_as_the_app_does(format_name, digit, store, tmp_path):
    picture = off_centre(digit, tmp_path / "picture.png")
    script = model_beside_its_script(format_name, tmp_path, store.get(STARTER))
    command = [sys.executable, "-I", str(script), str(picture)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    read, sure = PRINTED.fullmatch(done.stdout).groups()
    (app,) = api.probabilities(STARTER, api.from_image(picture))
    assert (read, app.argmax()) == (digit, int(digit))
    assert float(sure) / 100 == pytest.approx(app.max(), abs=0.1)


def test_digits_of_all_forms_are_prepared_as_the_app_would(store, tmp_path, monkeypatch, capsys):
    script = model_beside_its_script("tflite", tmp_path, RunStore(store.home).get(STARTER))
    for digit in "012345678":
        picture = off_centre(digit, tmp_path / f"{digit}.png")
        monkeypatch.setattr(sys, "argv", [str(script), str(picture)])
        image = runpy.run_path(str(script))["image"][0]
        (ours,) = api.from_image(picture)
        assert PRINTED.fullmatch(capsys.readouterr().out)[1] == digit
        assert abs(image.mean() - ours.mean()) < 25  # the app also brings the pen to MNIST's width
        rows, columns = (image > 100).any(1).nonzero()[0], (image > 100).any(0).nonzero()[0]
        assert max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1 == pytest.approx(20, abs=1)


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_script_is_short_and_imports_only_its_runtime(format_name):
    for language in languages():
        with using(language):
            source = reading_script(format_name, FORMATS[format_name])
        body = source.split('"""\n', 1)[1]
        lines = [line for line in body.splitlines() if line and not re.match(r"import|from", line)]
        assert 10 <= len(lines) <= 15
        assert "mnist_core" not in body
        assert max(map(len, source.splitlines())) <= 112


def test_a_strange_file_name_stays_a_name(tmp_path):
    name = 'my """model\\".keras'
    source = reading_script("keras", name)
    compile(source, "script", "exec")
    assert Path(script_name(name)).name == "my____model___keras.py"


def test_a_picture_may_be_in_colour(store, tmp_path, monkeypatch, capsys):
    script = model_beside_its_script("tflite", tmp_path, store.get(STARTER))
    Image.open(off_centre("4", tmp_path / "grey.png")).convert("RGB").save(tmp_path / "colour.jpg")
    monkeypatch.setattr(sys, "argv", [str(script), str(tmp_path / "colour.jpg")])
    runpy.run_path(str(script))
    assert capsys.readouterr().out.startswith("4 ")
