"""One step of training with one image, worked out in NumPy: backpropagation and plain gradient descent.

For networks of dense layers only. The mathematics is that of Rumelhart, Hinton and Williams (1986): the error
at the output goes back layer by layer, and the gradient of a weight is its input times the error at its unit.
The loss is the cross-entropy, minus the logarithm of the true digit's probability. A test compares all this
with TensorFlow.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mnist_core.explain.forward import activations
from mnist_core.language.messages import message
from mnist_core.recipes.layers import Dense, Dropout, Flatten
from mnist_core.recipes.recipe import Recipe

Array = np.ndarray
# The slope of each activation function, from its input x and its output y. Softmax has none: there every
# output depends on every input.
SLOPES: dict[str | None, Callable[[Array, Array], Array]] = {
    None: lambda x, y: np.ones_like(x),
    "linear": lambda x, y: np.ones_like(x),
    "relu": lambda x, y: (x > 0).astype(float),
    "sigmoid": lambda x, y: y * (1 - y),
    "tanh": lambda x, y: 1 - y**2,
    "elu": lambda x, y: np.where(x > 0, 1.0, y + 1),
    "gelu": lambda x, y: (
        (1 + np.vectorize(math.erf, otypes=[np.float64])(x / math.sqrt(2))) / 2
        + x * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    ),
}


class Weight(NamedTuple):
    """One weight of a network: the number of its dense layer from 0, of its input and of its unit."""

    layer: int
    input: int
    unit: int


@dataclass(frozen=True)
class Backward:
    """What one image says about a network's weights; all lists have one element for each Dense layer.

    `probabilities` float (10,) and `loss` are those before the step, `digit` is the true one. `inputs` float
    (n,) are what a layer gets. `errors` float (units,) are the gradients of the loss with respect to a layer's
    sums before the activation function: what has arrived from the layer behind (`arrived` float (units,), the
    gradients with respect to its outputs) times the `slopes` of the activation function. A softmax layer has
    no slopes; the last layer's errors are its probabilities minus the target, and arrive as such.
    """

    digit: int
    probabilities: Array
    loss: float
    inputs: list[Array]
    arrived: list[Array]
    slopes: list[Array | None]
    errors: list[Array]

    def gradients(self) -> list[Array]:
        """The gradient of the loss for each of the network's arrays, in Keras's order: kernel, bias, ..."""
        return [
            array
            for values, error in zip(self.inputs, self.errors)
            for array in (np.outer(values, error), error)
        ]

    def gradient(self, weight: Weight) -> float:
        """That of one weight: its input times the error at its unit."""
        return float(self.inputs[weight.layer][weight.input] * self.errors[weight.layer][weight.unit])

    def most_moved(self, number: int) -> list[int]:
        """The `number` units of the first dense layer with the largest errors, in their order."""
        return sorted(np.argsort(-np.abs(self.errors[0]), kind="stable")[:number].tolist())

    def strongest(self) -> Weight:
        """The weight with the steepest gradient. Of the last layer, if no gradient differs from 0."""
        found = [
            (float(np.abs(values).max() * np.abs(error).max()), layer)
            for layer, (values, error) in enumerate(zip(self.inputs, self.errors))
        ]
        layer = max(found)[1]
        return self.strongest_of(layer)

    def strongest_of(self, layer: int, unit: int | None = None) -> Weight:
        """The weight with the steepest gradient in one dense layer, or of one of its units."""
        values = int(np.abs(self.inputs[layer]).argmax())
        return Weight(layer, values, int(np.abs(self.errors[layer]).argmax()) if unit is None else unit)


def can_go_backward(recipe: Recipe) -> bool:
    """Whether `backward` knows all layers of the recipe."""
    return all(isinstance(layer, Flatten | Dense | Dropout) for layer in recipe.layers)


def backward(recipe: Recipe, weights: Sequence[Array], image: Array, digit: int) -> Backward:
    """Backpropagation for one `image` uint8 (28, 28) with a true `digit`, without dropout.

    `weights` are those of all layers in Keras's order. A network with `test_time_shifts` gets the image as it
    is, as in training. ValueError if the weights belong to another network, or it has other layers.
    """
    if not can_go_backward(recipe):
        raise ValueError(message("A step backward is worked out here for networks of dense layers only."))
    outputs = [of[0] for of in activations(recipe, weights, image[None])]
    scaled = image.reshape(-1) / (255 if recipe.scaling else 1)
    befores = [scaled, *outputs[:-1]]
    dense = [i for i, layer in enumerate(recipe.layers) if isinstance(layer, Dense)]
    inputs = [befores[i].reshape(-1) for i in dense]
    kernels, biases = weights[::2], weights[1::2]
    sums = [values @ kernel + bias for values, kernel, bias in zip(inputs, kernels, biases)]
    errors = [outputs[-1] - np.eye(10)[digit]]  # of softmax with cross-entropy
    arrived: list[Array] = [errors[0]]
    slopes: list[Array | None] = [None]
    for number in range(len(dense) - 2, -1, -1):
        activation = recipe.layers[dense[number]].activation
        x, y = sums[number], outputs[dense[number]]
        arrived.insert(0, kernels[number + 1] @ errors[0])
        slopes.insert(0, None if activation == "softmax" else SLOPES[activation](x, y))
        errors.insert(0, _through_softmax(y, arrived[0]) if slopes[0] is None else slopes[0] * arrived[0])
    return Backward(digit, outputs[-1], loss_of(sums[-1], digit), inputs, arrived, slopes, errors)


def _through_softmax(y: Array, arrived: Array) -> Array:
    """The gradient for softmax's inputs, from its outputs `y` and the gradient that has `arrived` for these."""
    return y * (arrived - (arrived * y).sum())


def step(weights: Sequence[Array], gradients: Sequence[Array], rate: float) -> list[Array]:
    """The weights after one step of plain gradient descent: weight minus learning rate times gradient."""
    return [weight - rate * gradient for weight, gradient in zip(weights, gradients, strict=True)]


def loss_of(logits: Array, digit: int) -> float:
    """The cross-entropy of one image: minus the logarithm of the digit's probability, from the last sums."""
    highest = logits.max()
    return float(highest + np.log(np.exp(logits - highest).sum()) - logits[digit])


def usual_rate(recipe: Recipe) -> float:
    """The learning rate to begin with: the recipe's if it was meant for plain gradient descent, else 0.1."""
    return recipe.learning_rate if recipe.optimizer == "sgd" else 0.1
