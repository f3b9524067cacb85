"""The rules by which the house stands: who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = sorted((ROOT / "mnist_core").glob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))
COMPONENTS = sorted((ROOT / "pages" / "components").rglob("*.py"))
WITH_TENSORFLOW = {"models", "patches", "augment", "inference", "loop", "train", "projection"}


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_the_core_never_imports_streamlit_or_the_pages(path):
    assert not {name for name in imports(path) if name.split(".")[0] in ("streamlit", "pages", "app")}


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_components_import_components_and_the_core_only(path):
    ours = {name for name in imports(path) if name.split(".")[0] in ("pages", "app", "mnist_core")}
    assert not {n for n in ours if not n.startswith(("pages.components", "mnist_core"))}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_pages_do_not_import_each_other(path):
    ours = {name for name in imports(path) if name.split(".")[0] in ("pages", "app")}
    assert ours and not {n for n in ours if not n.startswith("pages.components")}


@pytest.mark.parametrize("path", [*PAGES, *COMPONENTS], ids=lambda path: path.stem)
def test_pages_do_not_import_what_needs_tensorflow(path):
    assert not imports(path) & {"tensorflow", "keras", *(f"mnist_core.{name}" for name in WITH_TENSORFLOW)}


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_tensorflow_is_imported_only_where_training_happens(path):
    uses = {name.split(".")[0] for name in imports(path)} & {"tensorflow", "keras"}
    assert not uses or path.stem in WITH_TENSORFLOW


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_only_the_program_and_the_terminal_import_what_needs_tensorflow(path):
    if path.stem not in WITH_TENSORFLOW | {"__main__"}:
        assert not imports(path) & {f"mnist_core.{name}" for name in WITH_TENSORFLOW}


@pytest.mark.parametrize(
    "name", ["home", "machine", "layers", "checkpoint", "preprocess", "files", "standin", "leash", "address"]
)
def test_what_stands_on_the_ground_imports_nothing_of_ours(name):
    assert not {i for i in imports(ROOT / "mnist_core" / f"{name}.py") if i.startswith("mnist_core")}


def test_everything_the_server_imports_leaves_tensorflow_and_scikit_learn_out():
    program = (
        "import sys; from mnist_core import classifier, curves, data, download, estimate, evaluation, "
        "loader, preprocess, projector, recipes, runs, worker; import numpy; "
        "run = runs.RunStore(sys.argv[1]).get('starter'); "
        "classifier.Classifier.load(run).probabilities(numpy.zeros((1, 28, 28), 'uint8')); "
        "sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras', 'sklearn')))"
    )
    assert subprocess.run([sys.executable, "-c", program, "."], cwd=ROOT, check=False).returncode == 0
