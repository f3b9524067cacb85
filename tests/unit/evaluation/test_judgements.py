import threading

import numpy as np
import pytest

from mnist_core.data.mnist import Split
from mnist_core.evaluation.judgements import JUDGEMENTS, Judgements


def split(seed: int = 0) -> Split:
    rng = np.random.default_rng(seed)
    return Split(rng.integers(0, 255, (50, 28, 28), np.uint8), rng.integers(0, 10, 50).astype(np.uint8))


def test_a_judgement_is_kept_changed_and_taken_back(tmp_path):
    judgements = Judgements(tmp_path, split())
    assert judgements.all() == {}
    for judgement in JUDGEMENTS:
        judgements.judge(7, judgement)
        assert Judgements(tmp_path, split()).all() == {7: judgement}
    judgements.judge(3, "model")
    judgements.judge(7, None)
    assert judgements.all() == {3: "model"}


def test_another_test_set_has_judgements_of_its_own(tmp_path):
    Judgements(tmp_path, split()).judge(7, "label")
    assert Judgements(tmp_path, split(1)).all() == {}


@pytest.mark.parametrize(("index", "judgement"), [(50, "model"), (-1, "model"), (1, "nonsense")])
def test_an_invalid_judgement_is_refused(tmp_path, index, judgement):
    with pytest.raises(ValueError, match="no judgement"):
        Judgements(tmp_path, split()).judge(index, judgement)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": "model"}', '{"900": "model", "2": "nonsense"}'])
def test_a_file_damaged_by_hand_causes_no_error(tmp_path, content):
    judgements = Judgements(tmp_path, split())
    judgements.path.parent.mkdir()
    judgements.path.write_text(content)
    assert judgements.all() == {}
    judgements.judge(4, "nobody")
    assert judgements.all() == {4: "nobody"}


def test_judgements_of_many_visitors_at_once_are_all_kept(tmp_path):
    judgements = Judgements(tmp_path, split())
    threads = [threading.Thread(target=judgements.judge, args=(i, "model")) for i in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(judgements.all()) == set(range(30))


def test_each_owner_judges_for_themselves(tmp_path):
    ada, bo = (Judgements(tmp_path, split(), owner) for owner in ("0123456789abcdef", "fedcba9876543210"))
    ada.judge(7, "label")
    assert ada.all() == {7: "label"} and bo.all() == {} and Judgements(tmp_path, split()).all() == {}
