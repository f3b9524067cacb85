"""From a recipe to Keras: the model and its optimizer. No other module translates a recipe."""

import math
from dataclasses import asdict
from typing import Any

import keras
from keras import ops

from mnist_core.recipes.layers import Flatten
from mnist_core.recipes.precision import precision
from mnist_core.recipes.recipe import SHIFTS, Recipe
from mnist_core.training import patches


def build(recipe: Recipe, in_patches: bool = False) -> keras.Sequential:
    """The recipe's model, initialised with keras.utils.set_random_seed(recipe.seed).

    Its input is images (n, 28, 28) of grey levels 0..255, its output probabilities float32 (n, 10). It has
    only standard layers, so that `keras.saving.load_model` needs no custom code. `in_patches` uses the
    convolution and pooling layers of patches.py, for training with XLA.
    """
    keras.utils.set_random_seed(recipe.seed)
    policy = {"bfloat16": "mixed_bfloat16"}.get(precision(recipe.precision), "float32")
    layers = [keras.Input((28, 28)), keras.layers.Rescaling(1 / 255 if recipe.scaling else 1.0)]
    if not isinstance(recipe.layers[0], Flatten):
        layers.append(keras.layers.Reshape((28, 28, 1)))
    for layer in recipe.layers[:-1]:
        name = type(layer).__name__
        ours = patches if in_patches and hasattr(patches, name) else keras.layers
        layers.append(getattr(ours, name)(**asdict(layer), dtype=policy))
    # The softmax stays in float32: bfloat16 has only 8 bits of precision.
    layers.append(keras.layers.Dense(**asdict(recipe.layers[-1]), dtype="float32"))
    return keras.Sequential(layers, name=recipe.name.replace("-", "_"))


def as_saved(network: keras.Sequential, recipe: Recipe) -> keras.Model:
    """The model that is evaluated and saved: `network`, or with `test_time_shifts` its mean over four shifts.

    It shares the weights of `network`, which becomes one of its layers.
    """
    if not recipe.test_time_shifts:
        return network
    image = keras.Input((28, 28))
    padded = keras.layers.ZeroPadding2D(1)(keras.layers.Reshape((28, 28, 1))(image))
    shifted = []
    for down, right in SHIFTS:
        moved = keras.layers.Cropping2D(((1 - down, 1 + down), (1 - right, 1 + right)))(padded)
        shifted.append(network(keras.layers.Reshape((28, 28))(moved)))
    return keras.Model(image, keras.layers.Average()(shifted), name=network.name)


def network_of(model: keras.Model) -> keras.Sequential:
    """The network inside a model made by `as_saved`."""
    return next((layer for layer in model.layers if isinstance(layer, keras.Sequential)), model)


def build_optimizer(recipe: Recipe, num_steps: int) -> keras.optimizers.Optimizer:
    """The recipe's optimizer; `num_steps` is that of the whole training. ValueError for an unknown one."""
    rate = _learning_rate(recipe, num_steps)
    decay = recipe.weight_decay or None
    match recipe.optimizer:
        case "sgd":
            return keras.optimizers.SGD(rate, weight_decay=decay)
        case "momentum":
            return keras.optimizers.SGD(rate, momentum=0.9, weight_decay=decay)
        case "nesterov":
            return keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=decay)
        case "rmsprop":
            return keras.optimizers.RMSprop(rate, weight_decay=decay)
        case "adam":
            return keras.optimizers.Adam(rate, weight_decay=decay)
        case "adamw":
            return keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay)
    raise ValueError(f"no optimizer {recipe.optimizer!r}")


def _learning_rate(recipe: Recipe, num_steps: int) -> float | keras.optimizers.schedules.LearningRateSchedule:
    if recipe.schedule == "constant":
        return recipe.learning_rate
    warmup = {"cosine": 0, "one-cycle": num_steps // 5}
    return _Cosine(recipe.learning_rate, warmup[recipe.schedule], num_steps)


class _Cosine(keras.optimizers.schedules.LearningRateSchedule):
    """Keras's CosineDecay with a warm-up from 0, but without branches.

    An optimizer computes the rate once for each weight that decays, and XLA takes long to compile branches.
    """

    def __init__(self, highest: float, warmup: int, num_steps: int) -> None:
        self.highest, self.warmup, self.num_steps = highest, warmup, num_steps

    def __call__(self, step: Any) -> Any:
        step = ops.cast(step, "float32")
        rising = step / max(1, self.warmup)
        part = ops.minimum((step - self.warmup) / max(1, self.num_steps - self.warmup), 1)
        return self.highest * ops.where(step < self.warmup, rising, (1 + ops.cos(math.pi * part)) / 2)
