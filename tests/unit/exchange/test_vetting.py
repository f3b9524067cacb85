"""The process that reads a file from outside is limited, and is not trusted with what it tells."""

import errno
import json
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import psutil
import pytest

from mnist_core import vet
from mnist_core.exchange import vetting
from mnist_core.exchange.refusals import from_json, to_json
from mnist_core.exchange.vetted import Vetted
from mnist_core.language.catalogues import using
from mnist_core.language.messages import message, message_n
from mnist_core.recipes.table import RECIPES
from tests.unit.exchange.files import good_arrays, good_keras

SIZE = 784 * 10 * 4 + 10 * 4
HEADER = {
    "kind": "keras",
    "recipe": replace(RECIPES["softmax"], name="brought-in", published=None).to_json(),
    "scaling": None,
    "result": None,
    "rows": 0,
    "epochs": [],
    "remarks": [],
}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "good.keras"
    path.write_bytes(good_keras())
    return path


@pytest.fixture
def into(tmp_path):
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def instead(monkeypatch, program: str) -> None:
    """Start this program instead of the one that reads the file."""
    popen = subprocess.Popen
    monkeypatch.setattr(
        vetting.subprocess,
        "Popen",
        lambda command, **how: popen([sys.executable, "-c", f"import sys, os, time\n{program}"], **how),
    )


def telling(monkeypatch, header: object, num_bytes: int = SIZE, status: int = 0) -> None:
    line = header if isinstance(header, str) else json.dumps(header)
    write = f"sys.stdout.buffer.write({line!r}.encode() + b'\\n' + bytes({num_bytes}))"
    instead(monkeypatch, f"{write}\nsys.stdout.flush()\nos._exit({status})")


def refused(file, into) -> str:
    with pytest.raises(ValueError) as error:
        vetting.vet(file, None, into)
    assert list(into.iterdir()) == [] and psutil.Process().children() == []
    return str(error.value)


def test_a_good_file_is_kept_with_its_name_and_checksum_and_read_again(file, into):
    found = vetting.vet(file, None, into, "mine.keras")
    again = Vetted.load(into)
    assert again.recipe == found.recipe and again.recipe.title == "mine" and again.file_name == "mine.keras"
    assert len(again.sha256) == 64 and again.scaling is None and again.rows() == b""
    assert all(map(np.array_equal, again.arrays(), good_arrays()))
    with (into / "arrays.bin").open("ab") as more:
        more.write(b"x")
    with pytest.raises(ValueError, match="not whole"):
        Vetted.load(into)


def test_a_bundle_keeps_its_curves_and_the_copies_of_its_weights(bundle, small_run, tmp_path, into):
    (tmp_path / "run.zip").write_bytes(bundle)
    found = vetting.vet(tmp_path / "run.zip", None, into)
    assert found.recipe == small_run.recipe and found.result == small_run.result
    assert [json.loads(line) for line in found.rows().splitlines()] == small_run.metrics()
    assert [epoch for epoch, _ in found.copies()] == [1, 2]
    assert all(array.dtype == np.float16 for _, copy in found.copies() for array in copy)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("sys.exit(1)", "damaged"),
        ("print('x' * 300_000)", "damaged"),
        ("os.abort()", "damaged"),
        ("import signal; os.kill(os.getpid(), signal.SIGXCPU)", "took too long"),
        ("time.sleep(60)", "took too long"),
        ("print('{', end='', flush=True); time.sleep(60)", "took too long"),
    ],
)
def test_a_process_that_gives_no_answer_is_ended_and_said_in_words(program, words, file, into, monkeypatch):
    monkeypatch.setattr(vetting, "SECONDS", 2.0)
    instead(monkeypatch, program)
    assert words in refused(file, into)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "other"},
        {"scaling": "yes"},
        {"rows": -1},
        {"rows": 10**12},
        {"rows": 2.5},
        {"epochs": [1, 1]},
        {"epochs": [10**9]},
        {"epochs": list(range(1, 100))},
        {"epochs": {"a": 1}},
        {"result": {"status": "finished"}},
        {"kind": "bundle"},
        {"remarks": ["text"]},
        {"remarks": [to_json(message("x"))] * 99},
        {"remarks": [to_json(message("x")) | {"text": "{a.__class__}", "values": {"a": 1}}]},
        {"recipe": None},
        {"recipe": {**HEADER["recipe"], "title": "a\u202eb"}},
        {"recipe": {**HEADER["recipe"], "evil": 1}},
    ],
)
def test_a_process_that_tells_nonsense_is_not_believed(changes, file, into, monkeypatch):
    telling(monkeypatch, HEADER | changes)
    assert refused(file, into) == "The file is damaged: it cannot be read."


@pytest.mark.parametrize("num_bytes", [0, SIZE - 1, SIZE + 1, SIZE + 5_000_000])
def test_a_process_that_sends_more_or_fewer_bytes_than_the_layers_need_is_not_believed(
    num_bytes, file, into, monkeypatch
):
    telling(monkeypatch, HEADER, num_bytes)
    assert "damaged" in refused(file, into)


@pytest.mark.parametrize("line", ["[]", "{", "null", '{"refused": 3}', '{"refused": {"text": "{x}"}}', "{}"])
def test_a_process_that_sends_no_header_is_not_believed(line, file, into, monkeypatch):
    telling(monkeypatch, line, 0)
    assert "damaged" in refused(file, into)


def test_bytes_are_taken_only_from_a_process_that_ended_well(file, into, monkeypatch):
    telling(monkeypatch, HEADER, status=1)
    assert "damaged" in refused(file, into)


def test_where_the_system_cannot_limit_a_process_nothing_is_read(file, into, monkeypatch):
    monkeypatch.setattr(vetting.importlib.util, "find_spec", lambda name: None)
    assert "its system cannot limit" in refused(file, into)


@pytest.mark.parametrize(
    ("shared", "bring_in", "is_allowed"),
    [(None, None, True), ("1", None, False), ("1", "1", True), ("1", "0", False)],
)
def test_on_a_shared_server_it_is_off_unless_configured(shared, bring_in, is_allowed, monkeypatch):
    for name, value in (("MNIST_SHARED", shared), ("MNIST_BRING_IN", bring_in)):
        monkeypatch.delenv(name, raising=False)
        if value:
            monkeypatch.setenv(name, value)
    assert vetting.is_allowed() is is_allowed


def test_folders_that_were_left_behind_are_removed(tmp_path, monkeypatch):
    first = vetting.new_folder(tmp_path)
    second = vetting.new_folder(tmp_path)
    assert first.exists() and first != second and first.parent == tmp_path / "incoming"
    monkeypatch.setattr(vetting, "_STALE", -1.0)
    third = vetting.new_folder(tmp_path)
    assert list((tmp_path / "incoming").iterdir()) == [third]


def test_a_refusal_travels_and_is_shown_in_the_readers_language():
    inner = message("{name} is encrypted.", name="config.json")
    said = message("recipe.json is invalid: {problem}", problem=inner)
    again = from_json(json.loads(json.dumps(to_json(said))))
    assert str(again) == "recipe.json is invalid: config.json is encrypted."
    with using("ja"):
        assert str(again) == str(said) != "recipe.json is invalid: config.json is encrypted."
    count = message_n("{number} thing", "{number} things", 2)
    assert str(from_json(to_json(count))) == "2 things"


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "{a.b}"},
        {"text": "{a[0]}"},
        {"text": "{0}"},
        {"text": "{}"},
        {"text": "{a:99999999}"},
        {"text": "{a:{b}}"},
        {"text": "{a!a}"},
        {"text": "{missing}"},
        {"text": "{"},
        {"text": "x" * 700},
        {"text": 5},
        {"number": True},
        {"values": [1]},
        {"values": {"a": [1]}},
        {"values": {"a": True}},
        {"values": {"a": {"text": "x"}}},
        {"surplus": 1},
    ],
)
def test_a_refusal_that_is_none_is_not_taken(changes):
    good = to_json(message("{a}", a="x"))
    assert str(from_json(good)) == "x"
    with pytest.raises(ValueError):
        from_json(good | changes)


def test_values_from_outside_are_short_and_on_one_line():
    said = to_json(message("{a} {b}", a="x\n\u202e" * 100, b=10**400))
    assert len(said["values"]["a"]) == 120 and "\n" not in said["values"]["a"]
    assert len(str(from_json(said))) < 300


def test_the_process_that_reads_a_file_has_nothing_that_could_load_it_as_a_model():
    names = ("keras", "tensorflow", "streamlit")
    program = f"import sys, mnist_core.vet; print([name for name in {names} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=vetting._ROOT, capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"


def reading_ends(monkeypatch, read: str, **constants: int) -> tuple[int, str]:
    """The real program's exit status and words if reading a file does this, with other constants."""
    program = f"""
from mnist_core import vet
import pathlib, resource
vet.__dict__.update({constants})
def read(path, name, like):
    {read}
vet.foreign.read = read
sys.exit(vet.main())
"""
    instead(monkeypatch, program)
    order = json.dumps({"file": "x", "name": "x", "like": None}).encode()
    with vetting._started() as process:
        try:
            told, _ = process.communicate(order, 60)
        finally:
            process.kill()
    return process.returncode, str(from_json(json.loads(told)["refused"])) if told else ""


def test_what_the_process_may_use_is_limited_before_the_file_is_read(monkeypatch):
    names = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_CORE")
    limits = f"str([resource.getrlimit(getattr(resource, name)) for name in {names}])"
    told = reading_ends(monkeypatch, f"raise ValueError(vet.message('{{found}}', found={limits}))")
    wanted = [(vet.MEMORY,) * 2, (vet.CPU_SECONDS, vet.CPU_SECONDS + 1), (0, 0), (0, 0)]
    assert told == (1, str(wanted)) and vet.MEMORY == 1_000_000_000 and vet.CPU_SECONDS == 10


@pytest.mark.parametrize("read", ["bytearray(2 * vet.MEMORY)", "vet.foreign.np.ones(vet.MEMORY // 4)"])
def test_reading_that_takes_too_much_memory_is_refused_in_words(read, monkeypatch):
    assert reading_ends(monkeypatch, read) == (1, "Reading the file would take too much memory.")


def test_reading_that_writes_a_file_fails(tmp_path, monkeypatch):
    path = tmp_path / "new"
    status, words = reading_ends(
        monkeypatch,
        f"""try:
        pathlib.Path({str(path)!r}).write_bytes(b"x")
    except OSError as error:
        raise ValueError(vet.message("{{number}}", number=error.errno))""",
    )
    assert (status, words, path.read_bytes()) == (1, str(errno.EFBIG), b"")


@pytest.mark.parametrize(
    ("read", "constant", "ended_by"),
    [
        ("while True: pass", "CPU_SECONDS", signal.SIGXCPU),
        ("time.sleep(60)", "WALL_SECONDS", signal.SIGALRM),
    ],
)
def test_reading_that_does_not_end_is_ended(read, constant, ended_by, monkeypatch):
    assert reading_ends(monkeypatch, read, **{constant: 1}) == (-ended_by, "")
    assert -ended_by in vetting._OUT_OF_TIME
