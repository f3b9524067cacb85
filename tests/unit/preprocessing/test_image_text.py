import zlib
from base64 import urlsafe_b64encode

import numpy as np
import pytest

from mnist_core.preprocessing.image_text import from_text, to_text


def test_an_image_goes_through_a_link_unchanged():
    image = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    assert np.array_equal(from_text(to_text(image)), image)
    assert len(to_text(np.zeros((28, 28), np.uint8))) < 40


@pytest.mark.parametrize(
    "text",
    ["", "abc", "字", "A" * 5000, to_text(np.zeros((28, 28), np.uint8))[:-12],
     urlsafe_b64encode(zlib.compress(bytes(10_000_000))).decode()],
)  # fmt: skip
def test_a_damaged_link_is_said_in_words(text):
    with pytest.raises(ValueError, match="damaged"):
        from_text(text)
