import csv
import io
import zipfile

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image

from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.exchange import take_away


@pytest.fixture
def answers(small) -> Evaluation:
    probabilities = np.full((300, 10), 0.01, np.float32)
    probabilities[np.arange(300), (small.test.labels + (np.arange(300) % 3 == 0)) % 10] = 0.91
    return Evaluation(probabilities, small.test.labels)


def test_the_table_has_a_row_for_each_image_with_what_was_said_of_it(answers):
    rows = list(csv.DictReader(io.StringIO(take_away.as_csv(answers, np.array([3, 4]), {4: "label"}))))
    assert [row["index"] for row in rows] == ["3", "4"] and [row["judgement"] for row in rows] == ["", "label"]
    assert rows[0]["true"] == f"{answers.labels[3]}" != rows[0]["predicted"]
    assert float(rows[0]["confidence"]) == pytest.approx(0.91)
    assert sum(float(rows[1][f"probability_{digit}"]) for digit in range(10)) == pytest.approx(1, abs=1e-4)


def test_the_pictures_are_the_images_under_names_that_tell(small, answers):
    with zipfile.ZipFile(io.BytesIO(take_away.as_zip(small.test, answers, np.array([3, 4])))) as archive:
        true, predicted = answers.labels[3], answers.predictions[3]
        name = f"00003-true-{true}-read-as-{predicted}.png"
        assert archive.namelist()[0] == name and len(archive.namelist()) == 2
        picture = np.asarray(Image.open(io.BytesIO(archive.read(name))))
    assert np.array_equal(picture, small.test.images[3])


@pytest.mark.parametrize("number", [1, 2, 37])
def test_the_contact_sheet_holds_every_image(small, answers, number):
    sheet = Image.open(io.BytesIO(take_away.contact_sheet(small.test, answers, range(number))))
    pixels = np.asarray(sheet)
    for index in (0, number - 1):
        large = small.test.images[index].repeat(3, 0).repeat(3, 1)
        windows = sliding_window_view(pixels[..., 0], (84, 84))[6::104, 6::90]
        assert (windows == large).all((2, 3)).any()
