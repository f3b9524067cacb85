"""Models and runs taken away, and brought in."""

import io
import json
import re
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.exchange.formats import FORMATS
from mnist_core.recipes.table import RECIPES
from tests.conftest import small_standin
from tests.e2e.steps import SEVEN, begins_with, draw, select


def opened(page: Page, part: str) -> Locator:
    """A closed part of the page, once it is open."""
    found = page.locator(f".st-key-{part}")
    found.locator("summary").first.click()
    return found


def taken(page: Page, box: Locator, name: str, folder: Path) -> Path:
    """The file of the format `name`, downloaded into `folder`."""
    select(page, "As", FORMATS[name].title)
    make, download = (box.locator(f".st-key-gallery-{what}-{name} button") for what in ("make", "download"))
    expect(make.or_(download)).to_be_visible()
    if make.is_visible():
        make.click()
    expect(download).to_be_visible(timeout=240_000)  # TensorFlow must be imported first
    with page.expect_download() as found:
        download.click()
    path = folder / found.value.suggested_filename
    found.value.save_as(path)
    return path


def bring_in(page: Page, path: Path) -> Locator:
    box = opened(page, "bring-in")
    box.locator("input[type=file]").set_input_files(path)
    return box


def test_a_model_is_taken_away_in_several_formats_and_a_bundle_comes_back_as_the_same_run(
    open_page, server, tmp_path
):
    page = open_page("/gallery")
    box = opened(page, "gallery-take-away")
    expect(box.get_by_text("keras.saving.load_model(model)")).to_be_visible()
    starter = server.store.get("starter")
    assert taken(page, box, "keras", tmp_path).read_bytes() == starter.model_path.read_bytes()
    small = taken(page, box, "tflite-int8", tmp_path)
    assert 0 < small.stat().st_size < 0.4 * starter.lite_path.stat().st_size
    expect(box.get_by_text("Test accuracy: ")).to_be_visible()
    bundle = taken(page, box, "bundle", tmp_path)
    page.goto(server.address + "/train")
    box = bring_in(page, bundle)
    expect(box.get_by_text("was brought in")).to_be_visible()
    (run,) = server.store.list()
    assert run.recipe == starter.recipe and run.metrics() == starter.metrics()
    box.get_by_role("button", name="Draw with this model").click()
    draw(page, SEVEN)
    expect(page.locator(".answer")).to_have_text(begins_with("7"))


@pytest.mark.fresh_server(mnist_dir=None)
def test_a_keras_model_made_by_following_a_tutorial_is_drawn_with_and_makes_the_errors_that_keras_makes(
    open_page, server, tmp_path
):
    model, wrong = convnet(), []
    dataset = small_standin()
    scaled = dataset.train.images[..., None] / np.float32(255)
    model.fit(scaled, keras.utils.to_categorical(dataset.train.labels), 32, epochs=2, verbose=0)
    answers = model.predict(dataset.test.images[..., None] / np.float32(255), verbose=0)
    wrong = np.flatnonzero(answers.argmax(1) != dataset.test.labels)
    model.save(tmp_path / "my convnet.keras")
    page = open_page("/train")
    box = bring_in(page, tmp_path / "my convnet.keras")
    expect(box.get_by_text("my convnet was brought in")).to_be_visible()
    expect(box.get_by_text("It is used with pixels from 0 to 1.")).to_be_visible()
    (run,) = server.store.list()
    evaluation = Evaluation.load(run.evaluation_path)
    assert np.flatnonzero(evaluation.predictions != evaluation.labels).tolist() == wrong.tolist()
    assert np.abs(evaluation.probabilities - answers).max() < 1e-4
    box.get_by_role("button", name="See this model's errors").click()
    expect(page.get_by_test_id("stMetric").filter(has_text="Errors")).to_contain_text(f"{len(wrong)}")
    page.get_by_role("link", name="Draw", exact=True).click()
    draw(page, SEVEN)
    expect(page.locator(".answer")).to_have_text(begins_with("[0-9]"))


def convnet() -> keras.Model:
    """The convnet of the fourth tutorial, as in its script."""
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(64, 3, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(64, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("rmsprop", "categorical_crossentropy", jit_compile=False)
    return model


def test_a_model_that_cannot_be_rebuilt_is_refused_in_both_languages_and_leaves_nothing_behind(
    open_page, server, tmp_path
):
    path = tmp_path / "clever.keras"
    with_a_lambda(path)
    page = open_page("/train")
    refused = bring_in(page, path).get_by_role("alert")
    expect(refused).to_contain_text("This was not brought in.")
    expect(refused).to_contain_text("Lambda")
    page.locator(".st-key-language-ja button").click()
    expect(refused).to_contain_text("取り込めませんでした")
    expect(refused).to_contain_text(re.compile("Lambda は、ここでは再現できません"))
    assert not server.store.list()
    assert not any((server.store.home / "incoming").iterdir())


@pytest.mark.fresh_server(mnist_dir=None)
def test_bare_weights_are_brought_in_for_the_network_that_was_chosen(open_page, server, tmp_path):
    layers = [keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    keras.Sequential(layers).save_weights(tmp_path / "mine.weights.h5")
    page = open_page("/train")
    box = bring_in(page, tmp_path / "mine.weights.h5")
    begin = box.get_by_role("button", name="Bring in these weights")
    begin.dblclick()  # for the first network of the list, which has other layers
    expect(box.get_by_role("alert")).to_contain_text("This was not brought in. The weights")
    select(page, "The network that these weights belong to", "Softmax regression")
    begin.dblclick()
    expect(box.get_by_text("mine was brought in")).to_be_visible()
    page.reload()
    (run,) = server.store.list()
    assert run.recipe.layers == RECIPES["softmax"].layers and run.origin["kind"] == "weights"


def with_a_lambda(path: Path) -> None:
    """A .keras file whose second layer would run code."""
    file = io.BytesIO()
    model = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")])
    model.save(path)
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(file, "w") as changed:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "config.json":
                config = json.loads(content)
                layer = config["config"]["layers"][1]
                layer["class_name"], layer["config"] = "Lambda", {"name": "clever", "function": "os.system"}
                content = json.dumps(config).encode()
            changed.writestr(name, content)
    path.write_bytes(file.getvalue())
