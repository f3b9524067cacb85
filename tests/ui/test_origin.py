"""What the Train page says of a run that was brought in."""

import numpy as np
import pytest

from mnist_core.files import write_json
from tests.ui.conftest import ended_run, open_page, words


@pytest.mark.parametrize(
    ("trained_on_mnist", "said"),
    [
        (True, "Trained on MNIST. Tested here on stand-in digits."),
        (False, "Trained on stand-in digits. Tested here on stand-in digits."),
        (None, "from the file it.zip. Tested here on stand-in digits."),
    ],
)
def test_what_it_was_tested_on_is_said_and_what_it_was_trained_on_where_it_is_known(
    trained_on_mnist, said, store, small
):
    run = ended_run(store, np.full((300, 10), 0.1), small.test.labels)
    write_json(run.folder / "attempt.json", {"pid": 1, "created": 0.0})  # so that it is the run to watch
    origin = {"kind": "bundle", "file": "it.zip", "sha256": "0" * 64, "pixels": "scaled", "remarks": []}
    write_json(run.folder / "origin.json", origin | {"trained_on_mnist": trained_on_mnist})
    shown = words(open_page("train"))
    assert said in shown
    assert "Trained and tested" not in shown
