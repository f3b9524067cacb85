"""Every hostile file is refused with its own words, or accepted with exactly its weights, at no cost."""

import gc
from pathlib import Path

import psutil
import pytest

from mnist_core.runs import weights
from tests.unit.exchange import hostile
from tests.unit.exchange.files import Case, good_arrays
from tests.unit.exchange.mutations import in_a_process
from tests.unit.exchange.reading import checksum, read_all

MOST_RISE = 30_000_000  # bytes
EACH = 5  # of the other kinds, one file in so many goes the whole way


@pytest.fixture(scope="session")
def cases(bundle, tmp_path_factory) -> list[tuple[Case, Path]]:
    """All hostile files, written to a folder."""
    folder, found = tmp_path_factory.mktemp("hostile"), []
    for number, case in enumerate(hostile.corpus(bundle)):
        path = folder / f"{number}{case.suffix}"
        path.write_bytes(case.content)
        found.append((case._replace(content=b""), path))
    return found


def test_the_corpus_has_every_kind_and_no_file_twice(cases):
    assert len(cases) >= 200 and {case.kind for case, _ in cases} == {*hostile.KINDS}
    assert len({(case.kind, case.name) for case, _ in cases}) == len(cases)


def test_every_hostile_file_is_refused_in_its_own_words_or_accepted_with_exactly_its_weights(cases, small_run):
    own = {
        ".zip": checksum(weights.final(small_run.model_path, small_run.recipe.layers)),
        ".keras": checksum(good_arrays()),
    }
    wrong = []
    for (case, _), (said, found) in zip(cases, read_all([path for _, path in cases]), strict=True):
        is_right = case.says in said if case.says else found == own[case.suffix]
        if not is_right:
            wrong.append(f"{case.kind}, {case.name}: {said or found} instead of {case.says}")
    assert not wrong, "\n".join(wrong)


def test_hostile_files_cost_the_app_no_memory_and_leave_no_process(cases, tmp_path):
    chosen = [of for number, of in enumerate(cases) if of[0].kind == "bomb" or number % EACH == 0]
    gc.collect()
    process = psutil.Process()
    before = highest = process.memory_info().rss
    for case, path in chosen:
        said = hostile.told(path, tmp_path / path.name)
        assert case.says in said if case.says else not said
        highest = max(highest, process.memory_info().rss)
    assert highest - before < MOST_RISE
    assert process.children() == []


@pytest.mark.parametrize("suffix", [".keras", ".zip"])
def test_mutations_are_refused_or_have_exactly_the_same_weights(cases, suffix):
    """More of them: python -m tests.unit.exchange.mutations --number 5000."""
    (path,) = (path for case, path in cases if case.name == "untouched" and case.suffix == suffix)
    told = in_a_process(path, 200)
    assert told["exceptions"] == [] and "other weights" not in told
    assert told["refused"] + told.get("accepted", 0) == 200 and told["kinds"] >= 3
    assert in_a_process(path, 200, inside=True)["exceptions"] == []
