import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from mnist_core.data import my_digits
from mnist_core.data.my_digits import EverybodysDigits, MyDigits
from mnist_core.preprocessing.preprocess import from_strokes

SEVEN = [[(0.0, 0.0), (60.0, 0.0), (20.0, 100.0)]]
ONE = [[(0.0, 0.0), (0.0, 100.0)]]


@pytest.fixture
def mine(tmp_path):
    kept = MyDigits(tmp_path)
    kept.add(7, from_strokes(SEVEN), SEVEN)
    kept.add(1, from_strokes(ONE))
    return kept


def test_a_digit_is_kept_with_its_strokes_and_can_be_deleted(mine):
    seven, one = mine.list()
    assert seven.label == 7 and [list(map(tuple, stroke)) for stroke in seven.strokes] == SEVEN
    assert np.array_equal(seven.image, from_strokes(SEVEN)) and one.strokes is None
    assert mine.split().labels.tolist() == [7, 1] and mine.split().images.shape == (2, 28, 28)
    mine.delete(seven.id)
    mine.delete(seven.id)
    mine.delete("../../app")
    assert [digit.label for digit in mine.list()] == [1]


def test_a_second_click_does_not_keep_it_twice(mine):
    assert mine.add(1, from_strokes(ONE)).id == mine.ids()[1]
    mine.add(2, from_strokes(ONE))
    assert mine.split().labels.tolist() == [7, 1, 2]


def test_no_digits_give_an_empty_split(tmp_path):
    assert MyDigits(tmp_path).split().images.shape == (0, 28, 28) and MyDigits(tmp_path).list() == []


@pytest.mark.parametrize("form", ["as_npz", "as_zip"])
def test_what_is_exported_can_be_imported_elsewhere_and_is_not_doubled(mine, tmp_path, form):
    other = MyDigits(tmp_path / "other")
    content = getattr(mine, form)()
    assert other.bring(content) == 2 and other.bring(content) == 0
    assert sorted(other.split().labels) == [1, 7]
    known = {digit.image.tobytes() for digit in mine.list()}
    assert {digit.image.tobytes() for digit in other.list()} == known


def zipped(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


def png(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return file.getvalue()


def npz(**arrays) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


GREY = np.full((2, 28, 28), 128, np.uint8)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK garbage",
        zipped(),
        zipped(**{"x__a.png": b"no picture"}),
        zipped(**{f"1__{i}.png": png(6000, 6000) for i in range(50)}),
        zipped(**{f"1__{i}.png": png(28, 28) for i in range(2001)}),
        zipped(bomb=bytes(6_000_000)),
        npz(images=GREY, labels=np.array([1, 12])),
        npz(images=GREY, labels=np.array([1])),
        npz(images=GREY, labels=np.array([True, False])),
        npz(images=0 * GREY, labels=np.array([1, 2])),
        npz(images=GREY.astype(float), labels=np.array([1, 2])),
        npz(images=np.array([{}], object), labels=np.array([1])),
    ],
)
def test_a_file_that_holds_no_digits_adds_nothing_and_says_so(mine, content):
    with pytest.raises(ValueError, match=r"not a file of digits|more than|without any ink"):
        mine.bring(content)
    assert len(mine.list()) == 2


def test_the_number_of_saved_digits_is_limited(mine, monkeypatch):
    monkeypatch.setattr(my_digits, "MOST", 2)
    with pytest.raises(ValueError, match="delete some"):
        mine.add(3, GREY[0])
    with pytest.raises(ValueError, match="delete some"):
        mine.bring(npz(images=GREY[:1], labels=np.array([3])))


def test_a_file_edited_by_hand_is_left_out(mine):
    (mine.folder / f"{mine.ids()[0]}.json").write_text('{"label": 7}')
    assert [digit.label for digit in mine.list()] == [1]


def test_each_owner_sees_their_own_digits_and_all_can_be_looked_at_together(mine, tmp_path):
    ada, bo = MyDigits(tmp_path, "0123456789abcdef"), MyDigits(tmp_path, "fedcba9876543210")
    ada.add(3, from_strokes(ONE))
    assert mine.split().labels.tolist() == [7, 1] and ada.split().labels.tolist() == [3] and bo.ids() == []
    everybodys = EverybodysDigits(tmp_path)
    assert everybodys.split().labels.tolist() == [7, 1, 3] and everybodys.owners() == [mine, ada]
    last = everybodys.ids()[-1]
    assert last == f"{ada.owner}/{ada.ids()[0]}" and everybodys.get(last).id == last
    assert bo.bring(everybodys.as_zip()) == 3
    assert EverybodysDigits(tmp_path / "nothing").ids() == []
