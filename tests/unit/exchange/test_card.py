"""The model card: every figure that it states is the run's, and nothing of a visitor's becomes HTML."""

import base64
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from mnist_core.evaluation.calibration import calibration_error
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.exchange import card, card_page, card_pictures
from mnist_core.exchange.markdown import escaped, picture
from mnist_core.files import write_json
from mnist_core.language.catalogues import languages, using
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.run import Run
from mnist_core.runs.store import STARTER

ODD = "<script>alert(1)</script> **x** [a](javascript:b) | `c` ![d](e) & 1. #"


@pytest.fixture
def run(store, small) -> Run:
    """A complete run on stand-in digits that reads every third image wrongly."""
    run = store.create(replace(RECIPES["mlp"], title=ODD[:60]))
    labels = small.test.labels
    probabilities = np.full((len(labels), 10), 0.02, np.float32)
    probabilities[np.arange(len(labels)), (labels + (np.arange(len(labels)) % 3 == 0)) % 10] = 0.82
    Evaluation(probabilities, labels).save(run.evaluation_path)
    rows = [
        {"epoch": epoch, "step": 9 * epoch, "epochs_done": float(epoch), "seconds": epoch, "end": True}
        | {"loss": 2 / epoch, "accuracy": 1 - 0.5 / epoch, "val_loss": 1.5, "val_accuracy": 0.5}
        for epoch in (1, 2, 3)
    ]
    (run.folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = {"status": "finished", "is_mnist": False, "epochs": 3, "seconds": 12.5, "pen_digits": 0}
    run.complete(result | {"versions": {"keras": "3.15.1"}})
    return run


class Tags(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.found.append((tag, dict(attrs)))


def test_it_states_the_runs_own_figures(run, small):
    text, answers = card.markdown(run, small), Evaluation.load(run.evaluation_path)
    low, high = answers.interval
    assert f"**{answers.accuracy:.2%}** (95% interval {low:.2%} to {high:.2%})" in text
    assert f"| Errors | {answers.num_errors} |" in text
    assert f"error is {calibration_error(answers):.4f}" in text
    true, read, count = answers.confused_pairs()[0]
    assert f"| {true} | {read} | {count} | ![" in text
    row = answers.confusion_matrix[3]
    cells = [f"**{n}**" if column == 3 else f"{n or '·'}" for column, n in enumerate(row)]
    assert f"| **3** | {' | '.join(cells)} |" in text
    recall = answers.per_digit().recall[7]
    assert re.search(rf"\| 7 \| [\d.]+% \| {recall:.2%} ", text)
    assert "Trained for 3 epochs in 13 sec" in text or "Trained for 3 epochs in 12 sec" in text
    assert "Versions: Keras 3.15.1." in text
    assert "| together |  | 55,050 |" in text


def test_stand_in_digits_are_called_so_and_have_no_licence_of_mnist(run, small, store):
    text = card.markdown(run, small)
    assert "stand-in digits" in text
    assert "CC BY-SA" not in text
    assert "datasets:" not in text
    of_mnist = card.markdown(store.get(STARTER), small)
    assert "CC BY-SA 3.0" in of_mnist
    assert "datasets: [ylecun/mnist]" in of_mnist
    assert "stand-in" not in of_mnist


def test_the_header_is_that_of_the_hubs(run, small):
    _, header, _ = card.markdown(run, small).split("---\n", 2)
    assert re.findall(r"^([\w-]+):", header, re.MULTILINE) == [
        *("license", "library_name", "pipeline_tag", "tags", "metrics", "model-index"),
    ]
    name = re.search(r"- name: (.*)", header)[1]
    assert json.loads(name) == ODD[:60]
    assert f"value: {Evaluation.load(run.evaluation_path).accuracy:.4f}" in header


def test_nothing_of_a_title_becomes_html_a_link_or_a_heading(run, small):
    page = card_page.page(run, small)
    kinds = {tag for tag, _ in Tags(page).found}
    assert not kinds & {"script", "b", "iframe"}
    assert page.count("&lt;script&gt;") >= 2  # title and heading
    addresses = [of["href"] for tag, of in Tags(page).found if tag == "a"]
    assert all(address.startswith("https://") for address in addresses)
    assert card_page.rendered(escaped(ODD)).count("<") == 2  # one paragraph
    assert card_page.rendered(f"| a |\n| --- |\n| {escaped(ODD)} |").count("<td>") == 1
    assert "<img" not in card_page.rendered("![x](javascript:alert)")
    assert "<img" not in card_page.rendered("![x](data:text/html;base64,AAAA)")


def test_every_picture_is_inside_the_page_and_says_what_it_shows(run, small):
    pictures = [of for tag, of in Tags(card_page.page(run, small)).found if tag == "img"]
    kinds = [of["src"].partition(";")[0] for of in pictures]
    assert kinds[:3] == ["data:image/svg+xml"] * 3
    assert set(kinds[3:]) == {"data:image/png"}
    assert all(of["alt"] for of in pictures)


def test_images_of_another_test_set_are_left_out(run, small):
    other = replace(small, test=small.test[:100])
    assert "data:image/png" not in card.markdown(run, other)


@pytest.mark.parametrize("language", languages())
def test_a_page_is_in_the_readers_language(run, small, language):
    with using(language):
        page = card_page.page(run, small)
    assert f'<html lang="{language}">' in page
    assert ("混同行列" in page) == (language == "ja")


def test_what_teaching_changed_is_told_of_a_run_that_was_taught(run, small):
    assert "Accuracy on" not in card.markdown(run, small)
    names = ("test", "taught", "held_back")
    shares = {name: 0.5 + place / 8 for place, name in enumerate(names)}
    told = {f"{name}_{when}": share for name, share in shares.items() for when in ("before", "after")}
    run.complete(run.result | told | {"held_back_after": 0.875})
    assert "| the digits that were held back | 75.0% | 87.5% |" in card.markdown(Run(run.folder), small)


def test_how_a_model_from_elsewhere_was_trained_is_not_told(run, small):
    write_json(run.folder / "recipe.json", replace(run.recipe, name="brought-in").to_json())
    run.complete(run.result)
    text = card.markdown(Run(run.folder), small)
    assert "trained elsewhere" in text
    assert "learning rate" not in text
    assert "| together |  | 55,050 |" in text


def test_a_model_whose_training_diverged_has_a_card_that_says_so(run, small):
    labels = small.test.labels
    Evaluation(np.full((len(labels), 10), np.nan, np.float32), labels).save(run.evaluation_path)
    run.complete(run.result)
    assert "Its answers are not numbers" in card.markdown(run, small)


def test_a_run_without_curves_has_a_card(run, small):
    (run.folder / "metrics.jsonl").unlink()
    assert "## Evaluation results" in card.markdown(run, small)
    assert card_pictures.curves([]) == {}


def test_the_points_of_a_curve_lie_in_its_panel(run):
    for drawn in card_pictures.curves(run.metrics()).values():
        points = re.findall(r'class="validation line" points="([^"]*)"', drawn)[0].split()
        assert len(points) == 3
        for x, y in (map(float, point.split(",")) for point in points):
            assert 56 <= x <= 358
            assert 34 <= y <= 238


def test_a_row_of_images_is_dark_on_light(small):
    text = picture(small.test.images[:3], "three")
    content = base64.b64decode(re.search(r"base64,([^)]*)", text)[1])
    pixels = np.asarray(Image.open(io.BytesIO(content)))
    assert pixels.shape == (60, 180)
    assert (pixels[2:58:2, 2:58:2] == 255 - small.test.images[0]).all()
