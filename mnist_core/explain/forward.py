"""Computes a network's output layer by layer in NumPy: slow, but it gives all intermediate values.

The pages use it for one image or a few, to show what the layers see, and what the network would have answered
with the weights of an earlier epoch. Each layer's computation is in recipes/layers.py; the mathematics is
Keras's, and a test compares the two.
"""

from collections.abc import Sequence

import numpy as np

from mnist_core.language.messages import message
from mnist_core.recipes.recipe import SHIFTS, Recipe


def probabilities(recipe: Recipe, weights: Sequence[np.ndarray], image: np.ndarray) -> np.ndarray:
    """The model's answer for one `image` uint8 (28, 28): float (10,). ValueError as for `activations`."""
    looks = shifted(image) if recipe.test_time_shifts else image[None]
    return activations(recipe, weights, looks)[-1].mean(0)


def shifted(image: np.ndarray) -> np.ndarray:
    """The copies of an `image` (28, 28) that a model with `test_time_shifts` looks at: (4, 28, 28)."""
    size, padded = len(image), np.pad(image, 1)
    return np.stack([padded[1 - down :][:size, 1 - right :][:, :size] for down, right in SHIFTS])


def activations(recipe: Recipe, weights: Sequence[np.ndarray], images: np.ndarray) -> list[np.ndarray]:
    """The output of each of the recipe's layers, float (n, height, width, channels) or (n, units).

    `images` are uint8 (n, 28, 28), `weights` those of all layers in Keras's order. The last element is the
    probabilities. ValueError if the weights belong to another network.
    """
    values = images[..., None].astype(np.float64) / (255 if recipe.scaling else 1)
    left, found = iter(weights), []
    for layer in recipe.layers:
        try:
            values = layer.forward(values, left)
        except (StopIteration, RuntimeError, ValueError) as error:
            raise ValueError(message("The saved weights belong to a different network.")) from error
        found.append(values)
    return found
