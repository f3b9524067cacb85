"""The drawings to click: the starter reads each as its kind promises."""

import pytest

from mnist_core.preprocessing.examples import EXAMPLES
from mnist_core.preprocessing.preprocess import from_strokes
from mnist_core.runs.answers import answer_of
from mnist_core.runs.classifier import Classifier


@pytest.fixture(scope="module")
def starter(tmp_path_factory):
    from mnist_core.runs.store import RunStore

    return Classifier.load(RunStore(tmp_path_factory.mktemp("home")).get("starter"))


CASES = [(kind, drawing) for kind, drawings in EXAMPLES.items() for drawing in drawings]


@pytest.mark.parametrize(("kind", "drawing"), CASES, ids=[f"{kind}-{i}" for i, (kind, _) in enumerate(CASES)])
def test_an_example_is_read_as_its_kind_promises(starter, kind, drawing):
    answer = answer_of(starter.probabilities(from_strokes(drawing)[None])[0], True)
    assert answer.is_digit == (kind != "none")
    if kind == "clear":
        assert answer.probability > 0.99
    if kind == "hard":
        assert answer.probability < 0.75
