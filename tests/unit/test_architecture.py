"""The rules by which the house stands: who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = sorted((ROOT / "mnist_core").rglob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))
COMPONENTS = sorted((ROOT / "pages" / "components").rglob("*.py"))
WITH_TENSORFLOW = {"training", "train", "map", "__main__"}


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
    assert not uses or path.relative_to(ROOT / "mnist_core").parts[0].removesuffix(".py") in WITH_TENSORFLOW


def test_everything_the_server_imports_leaves_tensorflow_and_scikit_learn_out():
    program = (
        "import sys; from mnist_core.data import download, loader, mnist; "
        "from mnist_core.evaluation import evaluation; "
        "from mnist_core.jobs import estimate, projector, worker; "
        "from mnist_core.preprocessing import preprocess; from mnist_core.recipes import table; "
        "from mnist_core.runs import classifier, curves, store; import numpy; "
        "run = store.RunStore(sys.argv[1]).get('starter'); "
        "classifier.Classifier.load(run).probabilities(numpy.zeros((1, 28, 28), 'uint8')); "
        "sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras', 'sklearn')))"
    )
    assert subprocess.run([sys.executable, "-c", program, "."], cwd=ROOT, check=False).returncode == 0
