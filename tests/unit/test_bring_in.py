"""A file from outside becomes a run, by the program that the app starts."""

import io
import json
import os
import shutil
from dataclasses import replace

import keras
import numpy as np
import pytest

from mnist_core.bring_in import best_way, bring
from mnist_core.data.mnist import Dataset
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.exchange import bundle as bundles
from mnist_core.exchange import card
from mnist_core.exchange.refusals import from_json
from mnist_core.exchange.vetting import new_folder, vet
from mnist_core.explain.forward import probabilities
from mnist_core.jobs.tasks import Task, do
from mnist_core.recipes.table import RECIPES
from mnist_core.runs import weights
from mnist_core.runs.classifier import Classifier
from mnist_core.runs.origin import data_words, is_training_known, was_tested_on_mnist, was_trained_on_mnist
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import snapshot_of
from mnist_core.runs.teaching import lesson
from mnist_core.training.fill import train_run
from tests.unit.exchange.files import small_model
from tests.unit.exchange.small import small_bundle

L = keras.layers


def brought(store, file, like=None) -> tuple[dict, Run]:
    """What the program answers, and the run that it made."""
    folder, shares = new_folder(store.home), []
    vet(file, like, folder)
    answer = do(Task.of("bring_in", folder=str(folder)), shares.append)
    assert shares == sorted(shares) and shares[-1] == 1 and not folder.exists()
    return answer, store.get(answer["run"])


def as_in_the_tutorial(images: np.ndarray, scale: float = 255) -> np.ndarray:
    return images.reshape(-1, 28, 28, 1).astype("float32") / scale


def trained(dataset: Dataset, layers: list, scale: float = 255, epochs: int = 1, **how) -> keras.Sequential:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((28, 28, 1)), *layers])
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
    labels = keras.utils.to_categorical(dataset.train.labels, 10)
    model.fit(as_in_the_tutorial(dataset.train.images, scale), labels, epochs=epochs, verbose=0, **how)
    return model


def test_a_convnet_trained_in_plain_keras_makes_the_same_errors_here(store, small, tmp_path):
    """The network of the fourth tutorial, from Chollet's book."""
    model = trained(
        small,
        [
            L.Conv2D(32, (3, 3), activation="relu"),
            L.MaxPooling2D((2, 2)),
            L.Conv2D(64, (3, 3), activation="relu"),
            L.MaxPooling2D((2, 2)),
            L.Conv2D(64, (3, 3), activation="relu"),
            L.Flatten(),
            L.Dense(64, activation="relu"),
            L.Dense(10, activation="softmax"),
        ],
        batch_size=64,
    )
    model.save(tmp_path / "chollet.keras")
    answer, run = brought(store, tmp_path / "chollet.keras")

    images = small.train.images[:1000]
    theirs = model.predict(as_in_the_tutorial(images), verbose=0)
    ours = Classifier.load(run).probabilities(images)
    assert ours == pytest.approx(theirs, abs=1e-4)
    evaluation = Evaluation.load(run.evaluation_path)
    of_test = model.predict(as_in_the_tutorial(small.test.images), verbose=0)
    assert evaluation.probabilities == pytest.approx(of_test, abs=1e-4)
    wrong = [of.argmax(1) != small.test.labels for of in (evaluation.probabilities, of_test)]
    assert wrong[0].any() and np.array_equal(*wrong)

    assert answer["accuracy"] == answer["scaled"] == evaluation.accuracy and answer["raw"] is not None
    assert run.recipe.scaling and run.recipe.title == "chollet" and run.recipe.optimizer == "rmsprop"
    snapshot = snapshot_of(run)
    assert snapshot.status == "finished" and not snapshot.can_resume and not snapshot.can_take_more_epochs
    assert snapshot.rows == [] and snapshot.result["parameters"] == 93_322
    arrays = weights.final(run.model_path, run.recipe.layers)
    assert probabilities(run.recipe, arrays, images[7]) == pytest.approx(theirs[7], abs=1e-4)
    origin = json.loads((run.folder / "origin.json").read_text())
    assert (origin["kind"], origin["file"], origin["pixels"]) == ("keras", "chollet.keras", "scaled")
    assert lesson(run, small.train[:20])[0].layers == run.recipe.layers, "it can be taught"


@pytest.mark.parametrize("scale", [255, 1])
def test_whether_it_was_trained_on_raw_pixels_is_found_out(scale, store, small, tmp_path):
    model = trained(small, [L.Flatten(), L.Dense(32, "relu"), L.Dense(10, "softmax")], scale, 8)
    model.save(tmp_path / "model.keras")
    folder = new_folder(store.home)
    vet(tmp_path / "model.keras", None, folder)
    answer = bring(folder, small)
    run = store.get(answer["run"])
    assert run.recipe.scaling is (scale == 255) and None not in (answer["scaled"], answer["raw"])
    theirs = model.predict(as_in_the_tutorial(small.test.images, scale), verbose=0)
    assert Evaluation.load(run.evaluation_path).probabilities == pytest.approx(theirs, abs=1e-4)


def test_who_brings_a_model_in_can_say_which_pixels_it_takes(store, small, tmp_path):
    small_model(L.Flatten(), L.Dense(10, "softmax")).save(tmp_path / "model.keras")
    for pixels, is_scaled in (("scaled", True), ("raw", False)):
        folder = new_folder(store.home)
        vet(tmp_path / "model.keras", None, folder)
        answer = bring(folder, small, pixels)
        assert store.get(answer["run"]).recipe.scaling is is_scaled
        assert answer[pixels] == answer["accuracy"] and None in (answer["scaled"], answer["raw"])


def answers(num_right: int, sure: float) -> Evaluation:
    """1,000 images, of which the first are read and the others are not, all as `sure`."""
    shares = np.full((1000, 10), (1 - sure) / 9)
    shares[np.arange(1000), np.where(np.arange(1000) < num_right, 8, 1)] = sure
    return Evaluation(shares, np.full(1000, 8, np.uint8))


@pytest.mark.parametrize(
    ("scaled", "raw", "best"),
    [
        (answers(895, 0.9), answers(897, 0.9999), "scaled"),  # raw it is far too sure
        (answers(900, 0.15), answers(890, 0.95), "raw"),  # scaled it is not sure enough
        (answers(860, 0.9), answers(880, 0.93), "raw"),  # as sure, and better
        (answers(900, 0.9), answers(900, 0.9), "scaled"),
    ],
)
def test_the_lower_loss_decides_or_if_they_are_close_the_accuracy(scaled, raw, best):
    assert best_way({"scaled": scaled, "raw": raw}) == best


def test_a_bundle_goes_to_another_installation_and_back_with_every_number(store, small, tmp_path):
    run, content = small_bundle(tmp_path / "elsewhere")
    (tmp_path / "run.zip").write_bytes(content)
    _, twin = brought(store, tmp_path / "run.zip")
    assert twin.recipe == run.recipe and twin.metrics() == run.metrics()
    figures = {"seconds_per_step": None, "test_loss": pytest.approx(run.result["test_loss"], rel=1e-5)}
    assert twin.result == run.result | figures
    for ours, theirs in zip(all_weights(twin), all_weights(run), strict=True):
        assert np.array_equal(ours, theirs)
    mine, original = (Evaluation.load(of.evaluation_path).probabilities for of in (twin, run))
    assert mine == pytest.approx(original, abs=1e-6)
    answers = [Classifier.load(of).probabilities(small.test.images) for of in (twin, run)]
    assert answers[0] == pytest.approx(answers[1], abs=1e-6)

    file = io.BytesIO()
    bundles.write(twin, small, file)
    (tmp_path / "again.zip").write_bytes(file.getvalue())
    again = vet(tmp_path / "again.zip", None, new_folder(store.home))
    assert again.recipe == run.recipe
    assert all(map(np.array_equal, again.arrays(), weights.final(run.model_path, run.recipe.layers)))


def handed_on(store, run: Run, here: Dataset, there: Dataset | None = None) -> Run:
    """The run that its bundle becomes where the data are `here`; it was made where they are `there`."""
    path = store.home / "handed-on.zip"
    with path.open("wb") as file:
        bundles.write(run, there or here, file)
    folder = new_folder(store.home)
    vet(path, None, folder)
    return store.get(bring(folder, here)["run"])


def words_of(run: Run) -> str:
    return " ".join(map(str, data_words(run)))


def as_if_mnist(run: Run) -> Run:
    run.complete(run.result | {"is_mnist": True})
    return run


def test_a_bundle_keeps_its_title_and_what_its_run_was_trained_on(store, small, tmp_path):
    run = as_if_mnist(small_bundle(tmp_path / "elsewhere")[0].rename("私の　モデル a\u00a0b"))
    mnist = replace(small, is_mnist=True, test=small.train)  # other images, so another checksum
    twin = handed_on(store, run, small, mnist)
    assert twin.recipe == run.recipe and twin.recipe.title == "私の　モデル a\u00a0b"
    assert words_of(twin) == "Trained on MNIST. Tested here on stand-in digits."
    assert not was_tested_on_mnist(twin) and is_training_known(twin)
    assert "The images where it was made differ from those here" in words_of(as_if_mnist(twin))
    third = handed_on(store, twin, small)
    assert was_trained_on_mnist(third) and third.origin["has_same_data"] and is_training_known(third)
    page = card.markdown(third, small)
    assert "It was tested on stand-in digits" in page and "The training images of MNIST" in page
    assert "name: stand-in digits" in page and "datasets: [ylecun/mnist]" in page and "CC BY-SA" in page


def test_a_models_file_stays_one_of_unknown_training_through_any_number_of_bundles(store, small, tmp_path):
    small_model(L.Flatten(), L.Dense(10, "softmax")).save(tmp_path / "model.keras")
    folder = new_folder(store.home)
    vet(tmp_path / "model.keras", None, folder)
    run = store.get(bring(folder, small)["run"])
    first = run.origin
    assert words_of(run) == "Tested here on stand-in digits." and "trained and tested" not in card.markdown(
        run, small
    )
    for _ in range(2):
        run = handed_on(store, run, small)
        assert run.origin["kind"] == "bundle" and run.origin["before"] == first
        assert was_trained_on_mnist(run) is None and not is_training_known(run)
        assert words_of(run) == "Tested here on stand-in digits."


def test_a_run_that_was_stopped_at_once_and_a_lesson_are_read_again(store, small, tmp_path):
    run = store.create(RECIPES["softmax"], os.getpid())
    run.ask_to_stop()
    train_run(run, small)
    lesson_figures = {f"{of}_{at}": 0.5 for of in ("test", "taught", "held_back") for at in ("before", "after")}
    run.complete(run.result | lesson_figures)
    twin = handed_on(store, run, small)
    assert (twin.result["epochs"], twin.result["status"]) == (0, "stopped") and twin.metrics() == run.metrics()
    assert "It began with a trained network" in card.markdown(twin, small)


def all_weights(run: Run) -> list[np.ndarray]:
    copies = weights.load(run.weights_path)
    assert list(copies) == [1, 2]
    return [*weights.final(run.model_path, run.recipe.layers), *copies[1], *copies[2]]


def test_a_model_whose_answers_are_not_numbers_is_refused_and_leaves_no_run(store, small, tmp_path):
    model = keras.Sequential([keras.Input((784,)), L.Dense(10, "relu"), L.Dense(10, "softmax")])
    model.set_weights([np.full(of.shape, 3e38, np.float32) for of in model.get_weights()])
    model.save(tmp_path / "model.keras")
    folder = new_folder(store.home)
    vet(tmp_path / "model.keras", None, folder)
    answer = do(Task.of("bring_in", folder=str(folder)), lambda share: None)
    assert "not numbers" in str(from_json(answer["refused"])) and store.list() == []


def test_weights_alone_become_a_run_of_the_network_that_was_chosen(store, small, tmp_path):
    model = small_model(L.Flatten(), L.Dense(10, "softmax"))
    model.save_weights(tmp_path / "mine.weights.h5")
    _, run = brought(store, tmp_path / "mine.weights.h5", RECIPES["softmax"])
    assert run.recipe.layers == RECIPES["softmax"].layers
    assert (run.recipe.title, run.origin["kind"]) == ("mine", "weights")
    kept = weights.final(run.model_path, run.recipe.layers)
    assert all(map(np.array_equal, kept, model.get_weights()))


def test_a_folder_that_is_not_whole_is_said_and_leaves_no_run(store, small, tmp_path):
    folder = new_folder(store.home)
    os.utime(folder, (0, 0))  # it has waited long
    with pytest.raises(ValueError, match="vetted"):
        do(Task.of("bring_in", folder=str(folder)), lambda share: None)
    assert store.list() == []
    new_folder(store.home)
    assert folder.exists(), "it is in use, and was not removed as one that was left behind"
    shutil.rmtree(folder)
