"""The pages as scripts, without a browser: what they show and what their widgets do."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.data import sources
from pages.components import resources
from tests.ui.conftest import PATIENCE, ended_run, open_page, words


@pytest.mark.parametrize("name", ["draw", "mine", "train", "sweep", "gallery", "data"])
def test_every_page_opens_and_says_that_the_digits_are_not_mnist(name):
    app = open_page(name)
    for _ in range(2):
        resources.dataset_thread().wait(30)  # Draw itself does not wait for it
        app.run()
        assert not app.exception and "The images here are not MNIST" in words(app)
        assert "put `mnist.npz`" in words(app)
        app.button(key="retry-data").click().run()


@pytest.mark.parametrize("name", ["draw", "mine", "train", "sweep", "gallery", "data", "classroom"])
def test_every_page_works_when_its_file_is_run_alone(name):
    app = AppTest.from_file(f"../../pages/{name}.py", default_timeout=PATIENCE).run()
    assert not app.exception and app.title


def test_a_spoilt_file_is_named_on_the_page(tmp_path, monkeypatch):
    (tmp_path / "mnist.npz").write_bytes(b"spoilt")
    monkeypatch.setenv("MNIST_DIR", str(tmp_path))
    assert "mnist\\.npz is damaged" in words(open_page("train")) or "mnist.npz is damaged" in words(
        open_page("train")
    )


def test_an_empty_canvas_is_no_digit_and_says_so():
    app = open_page("draw")
    bodies = [html.proto.body for html in app.get("html")]
    assert any(">–<" in body and "Draw a digit" in body for body in bodies)


def test_the_data_page_shows_what_the_tutorials_do_with_the_numbers_of_an_image():
    app, train = open_page("data"), sources.load().train
    arrays = app.dataframe[0].value
    assert arrays["shape"].tolist() == ["(1200, 28, 28)", "(1200,)", "(300, 28, 28)", "(300,)"]
    app.slider(key="row").set_value(10).run()
    assert f"`{train.images[0, 10].tolist()}`" in words(app)
    one_hot = ", ".join("**1**" if digit == train.labels[0] else "0" for digit in range(10))
    assert f"[{one_hot}]" in words(app) and "becomes the numbers 280 to 307" in words(app)


def test_a_model_that_is_damaged_is_said_on_the_draw_page(store):
    test = sources.load().test
    run = ended_run(store, np.eye(10)[test.labels], test.labels)
    run.lite_path.write_bytes(b"damaged")
    assert "is damaged. Train it again" in words(open_page("draw", chosen_run=run.id))
