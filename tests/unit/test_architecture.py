"""The rooms of the code, and which room may import which."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Each room, and the other rooms that it may import. A new room is a new line.
CORE = {
    "ground": ("language",),
    "language": (),
    "preprocessing": ("language",),
    "recipes": ("language",),
    "data": ("ground", "language", "preprocessing"),
    "runs": ("ground", "language", "recipes", "data"),
    "evaluation": ("ground", "language", "data"),
    "explain": ("language", "recipes", "runs"),
    "jobs": ("language", "data", "recipes", "runs"),
    "sweeps": ("ground", "language", "recipes", "runs", "jobs"),
    "visitors": (
        "ground",
        "language",
        "preprocessing",
        "data",
        "recipes",
        "runs",
        "evaluation",
        "jobs",
        "sweeps",
    ),
    "exchange": ("ground", "language", "data", "recipes", "runs", "evaluation", "lessons"),
    "lessons": ("ground", "language", "data", "recipes", "runs", "evaluation"),
    "training": ("ground", "language", "data", "recipes", "runs", "evaluation"),
    "programs": (
        "ground",
        "language",
        "preprocessing",
        "recipes",
        "data",
        "runs",
        "evaluation",
        "jobs",
        "sweeps",
        "exchange",
        "training",
    ),
}
FOR_PAGES = tuple(room for room in CORE if room not in ("training", "programs"))
COMPONENTS = {
    "components/visitor": (),
    "components/resources": ("components/visitor",),
    "components/page": ("components/visitor", "components/resources"),
    "components/images": (),
    "components/canvas": ("components/images",),
    "components/charts": ("components/resources", "components/page"),
    "components/network": ("components/resources", "components/page", "components/images", "components/charts"),
    "components/exchange": ("components/resources", "components/page"),
    "components/answer": (
        "components/resources",
        "components/page",
        "components/images",
        "components/charts",
        "components/network",
    ),
    "components/training": (
        "components/visitor",
        "components/resources",
        "components/page",
        "components/images",
        "components/charts",
        "components/network",
        "components/exchange",
    ),
    "components/gallery": (
        "components/resources",
        "components/page",
        "components/images",
        "components/charts",
        "components/answer",
    ),
    "components/data": ("components/page", "components/charts"),
    "components/learn": (
        "components/resources",
        "components/page",
        "components/images",
        "components/canvas",
        "components/charts",
        "components/data",
        "components/answer",
        "components/training",
    ),
    "components/guard": (),
    "components/classroom": (
        "components/visitor",
        "components/resources",
        "components/page",
        "components/images",
        "components/charts",
        "components/training",
    ),
    "components/sweep": (
        "components/visitor",
        "components/resources",
        "components/page",
        "components/charts",
        "components/training",
    ),
    "components/server": ("components/answer", "components/training"),
}
ALLOWED = {
    **CORE,
    **{room: (*others, *FOR_PAGES) for room, others in COMPONENTS.items()},
    "pages": (*COMPONENTS, *FOR_PAGES),
    "app": ("components/guard", "components/server", "components/page", "components/visitor", "language"),
}
GROUND = ("home", "files", "address", "trash")
PROGRAMS = (
    "__main__",
    "terminal",
    "terminal_exchange",
    "terminal_sweep",
    "terminal_data",
    "terminal_train",
    "train",
    "map",
    "export",
    "vet",
    "bring_in",
    "api",
)
FILES = [
    *sorted((ROOT / "mnist_core").rglob("*.py")),
    *sorted((ROOT / "pages").rglob("*.py")),
    ROOT / "app.py",
]


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path) for path in FILES}


def room(module: str) -> str:
    """The room of one of our modules; KeyError if it is in none."""
    house, *rest = module.split(".")
    if house == "app":
        return "app"
    if house == "pages":
        return f"components/{rest[1]}" if rest[0] == "components" else "pages"
    if not rest or rest[0] in GROUND:
        return "ground"
    return "programs" if rest[0] in PROGRAMS else rest[0]


def imports(source: str) -> Iterator[tuple[str, int]]:
    """The modules that a source imports, at any place, each with its line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports name their module in full"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield (inner if inner in MODULES else node.module), node.lineno


def forbidden(module: str, source: str) -> list[str]:
    """The imports that `source` must not have if it is the source of `module`."""
    found, here = [], room(module)
    for name, line in imports(source):
        package = name.split(".")[0]
        if package in ("mnist_core", "pages", "app"):
            is_allowed = room(name) in (here, *ALLOWED[here]) and not (here == "pages" == room(name))
        elif package in ("tensorflow", "keras", "sklearn", "openTSNE"):
            is_allowed = here in ("training", "programs")
        else:
            is_allowed = package != "streamlit" or here not in CORE
        if not is_allowed:
            found.append(f"{module}:{line} imports {name}")
    return found


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_a_file_lies_in_a_room_and_imports_only_what_its_room_may(path):
    assert room(module_of(path)) in ALLOWED
    assert forbidden(module_of(path), path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("module", "planted"),
    [
        ("mnist_core.files", "from mnist_core.home import home\nimport streamlit"),
        ("mnist_core.recipes.recipe", "from mnist_core.runs.run import Run"),
        ("mnist_core.data.mnist", "def load():\n    from mnist_core.runs import store"),
        ("mnist_core.runs.run", "import keras.saving"),
        ("mnist_core.runs.run", "from mnist_core.train import main"),
        ("mnist_core.explain.forward", "from sklearn.manifold import TSNE"),
        ("mnist_core.jobs.worker", "from pages.components.resources import store"),
        ("mnist_core.evaluation.evaluation", "from mnist_core import runs"),
        ("pages.components.canvas.canvas", "from pages.components.charts.vega import DATA"),
        ("pages.components.resources", "from mnist_core.training.loop import fit"),
        ("pages.components.page.text", "import pages.draw"),
        ("pages.draw", "from pages.train import watch"),
        ("pages.draw", "import tensorflow as tf"),
        ("app", "from mnist_core.home import home"),
    ],
)
def test_a_planted_import_is_found(module, planted):
    assert module in MODULES
    assert len(forbidden(module, planted)) == 1


# What changes a home, by the name of the method; pages call these on `acts()` only (visitors/acts.py).
CHANGES = {"submit", "resume", "rename", "ask_to_stop", "go_first", "judge", "bring", "put", "put_entry"}
CHANGES_OF = {
    *(
        f"{owner}.{name}"
        for owner in ("worker()", "store()", "sweeps()")
        for name in ("stop", "delete", "create")
    ),
    *(f"{owner}.{name}" for owner in ("mine", "my_digits()") for name in ("add", "delete")),
    *(f"trash().{name}" for name in ("restore", "discard")),
}
PAGES = [path for path in FILES if path.is_relative_to(ROOT / "pages")]


def unchecked(source: str) -> list[str]:
    """The calls in a page's source that change something without asking whether the visitor may."""
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    methods = [call for call in calls if isinstance(call, ast.Attribute)]
    named = [(ast.unparse(call.value), call.attr) for call in methods]
    return [
        f"{of}.{name}"
        for of, name in named
        if of != "acts()" and (name in CHANGES or f"{of}.{name}" in CHANGES_OF)
    ]


@pytest.mark.parametrize("path", PAGES, ids=module_of)
def test_pages_change_nothing_without_asking_whether_the_visitor_may(path):
    assert unchecked(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "planted", ["worker().submit(recipe)", "store().delete(run)", "run.rename(name)", "mine.add(1, image)"]
)
def test_a_planted_change_is_found(planted):
    assert len(unchecked(f"if st.button(_('Go')):\n    {planted}\n    acts().delete(run)")) == 1


def test_imports_have_no_cycles_of_rooms_or_of_files():
    TopologicalSorter(ALLOWED).prepare()
    TopologicalSorter(
        {
            module_of(path): {name for name, _ in imports(path.read_text("utf-8")) if name in MODULES}
            for path in FILES
        }
    ).prepare()


@pytest.mark.parametrize(
    "folder", sorted({path.parent for path in FILES} - {ROOT, ROOT / "pages", ROOT / "pages" / "components"})
)
def test_a_room_says_in_one_sentence_what_it_is_for(folder):
    (sentence,) = ast.parse((folder / "__init__.py").read_text("utf-8")).body
    assert ast.literal_eval(sentence.value).count("\n") == 0


def test_the_server_imports_neither_tensorflow_nor_scikit_learn():
    program = (
        "import importlib, sys, numpy; [importlib.import_module(name) for name in sys.argv[1:]]; "
        "from mnist_core.runs import classifier, store; run = store.RunStore('.').get('starter'); "
        "classifier.Classifier.load(run).probabilities(numpy.zeros((1, 28, 28), 'uint8')); "
        "sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras', 'sklearn', 'openTSNE')))"
    )
    served = sorted(name for name in MODULES if name.startswith("mnist_core.") and room(name) in FOR_PAGES)
    assert len(served) > 40
    assert subprocess.run([sys.executable, "-c", program, *served], cwd=ROOT, check=False).returncode == 0
