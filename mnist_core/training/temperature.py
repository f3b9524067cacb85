"""Corrects a trained network's confidence with one temperature, fitted on images it was not trained on.

With label smoothing a network gives even clear digits only 95 %, although it seldom errs. All logits are
divided by one number, which changes no prediction, so that the loss on held-out images is lowest
(temperature scaling: Guo, Pleiss, Sun and Weinberger 2017).
"""

import keras
import numpy as np
from scipy.optimize import minimize_scalar

from mnist_core.data.mnist import Split
from mnist_core.recipes.recipe import SHIFTS
from mnist_core.training import inference
from mnist_core.training.models import network_of

_RANGE = (0.3, 5.0)  # bounded: without any errors the loss would be lowest at a temperature of 0


def set_temperature(saved: keras.Model, held_out: Split) -> float:
    """Fit the temperature of the model `saved` (see `as_saved`), divide its last layer's weights by it,
    and return it."""
    network = network_of(saved)
    images = [held_out.images] if network is saved else list(_moved(held_out.images))
    logits = np.log(np.stack([inference.predict(network, of) for of in images]).clip(1e-37, 1))
    found = minimize_scalar(
        lambda log: _loss(logits / np.exp(log), held_out.labels), bounds=np.log(_RANGE), method="bounded"
    )
    temperature = float(np.exp(found.x))
    last = network.layers[-1]
    last.set_weights([weight / temperature for weight in last.get_weights()])
    return temperature


def _moved(images: np.ndarray):
    """The images shifted as in the saved model."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    for down, right in SHIFTS:
        yield padded[:, 1 - down : 29 - down, 1 - right : 29 - right]


def _loss(logits: np.ndarray, labels: np.ndarray) -> float:
    """The mean cross-entropy in nats, with probabilities averaged over the shifts; `logits` (shifts, n, 10)."""
    shares = np.exp(logits - logits.max(-1, keepdims=True))
    probabilities = (shares / shares.sum(-1, keepdims=True)).mean(0)
    return float(-np.log(probabilities[np.arange(len(labels)), labels].clip(1e-37)).mean())
