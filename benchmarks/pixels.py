"""Which pixels a model was trained on, found out from its answers: how often each of four rules is right.

    python benchmarks/pixels.py

Small networks are trained in plain Keras, each once on pixels from 0 to 1 and once from 0 to 255. Then both are
tried on the test set, as when a model is brought in, and the rules say which of the two it was. Some of the
networks are hardly trained.
"""

import os
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from mnist_core.bring_in import WAYS, best_way
from mnist_core.data import sources
from mnist_core.evaluation.evaluation import Evaluation

L = keras.layers
CONVNET = (16, 32)  # filters
# Units of the hidden layers, activation function, optimizer, epochs, training images.
NETWORKS = (
    ((), "relu", "rmsprop", 5, 60_000),
    ((), "relu", "sgd", 3, 60_000),
    ((), "relu", "adam", 1, 60_000),
    ((64, 64), "relu", "adam", 1, 20_000),
    ((64, 64), "relu", "adam", 6, 60_000),
    ((512,), "relu", "rmsprop", 3, 60_000),
    ((64, 64), "relu", "sgd", 3, 60_000),
    (CONVNET, "relu", "adam", 1, 20_000),
    (CONVNET, "relu", "rmsprop", 1, 6_000),
    ((30, 30, 30), "sigmoid", "sgd", 5, 60_000),
    ((64,), "sigmoid", "adam", 3, 60_000),
    ((64,), "tanh", "adam", 2, 60_000),
)


def surest(found: dict[str, Evaluation]) -> str:
    """The way whose confidence is closest to its accuracy."""
    return min(found, key=lambda way: abs(found[way].confidences.mean() - found[way].accuracy))


RULES = {
    "accuracy": lambda found: max(found, key=lambda way: found[way].accuracy),
    "loss": lambda found: min(found, key=lambda way: found[way].loss),
    "confidence": surest,
    "ours": best_way,
}


def layers(units: tuple[int, ...], function: str) -> list[keras.Layer]:
    if units == CONVNET:
        pairs = [(L.Conv2D(filters, 3, activation=function), L.MaxPooling2D(2)) for filters in units]
        return [*(layer for pair in pairs for layer in pair), L.Flatten()]
    return [L.Flatten(), *(L.Dense(number, activation=function) for number in units)]


def main() -> None:
    train, test = sources.load()
    right, number = Counter(), 0
    for units, function, optimizer, epochs, num_images in NETWORKS:
        for way, is_scaled in WAYS.items():
            keras.utils.set_random_seed(0)
            head = L.Dense(10, activation="softmax")
            model = keras.Sequential([keras.Input((28, 28, 1)), *layers(units, function), head])
            model.compile(optimizer, "sparse_categorical_crossentropy")
            model.fit(
                pixels(train.images[:num_images], is_scaled),
                train.labels[:num_images],
                batch_size=128,
                epochs=epochs,
                verbose=0,
            )
            found = {
                other: Evaluation(
                    model.predict(pixels(test.images, of), batch_size=1000, verbose=0), test.labels
                )
                for other, of in WAYS.items()
            }
            said = {rule: decide(found) for rule, decide in RULES.items()}
            right.update(rule for rule, answer in said.items() if answer == way)
            number += 1
            figures = "  ".join(f"{name} {of.accuracy:.4f} {of.loss:.3f}" for name, of in found.items())
            wrong = ", ".join(rule for rule, answer in said.items() if answer != way)
            name = f"{units} {function} {optimizer} {epochs}"
            print(f"{name:32} {way:6}  {figures}  {f'wrong: {wrong}' if wrong else ''}".rstrip(), flush=True)
    for rule in RULES:
        print(f"{rule:10} right for {right[rule]} of {number}")


def pixels(images: np.ndarray, is_scaled: bool) -> np.ndarray:
    return images[..., None].astype("float32") / (255 if is_scaled else 1)


if __name__ == "__main__":
    main()
