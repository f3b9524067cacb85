"""From a recipe to Keras: the model and its optimizer. The only translation there is."""

from dataclasses import asdict

import keras

from mnist_core import patches
from mnist_core.layers import Flatten
from mnist_core.machine import precision
from mnist_core.recipe import Recipe


def build(recipe: Recipe, in_patches: bool = False) -> keras.Sequential:
    """The recipe's model, freshly initialised from keras.utils.set_random_seed(recipe.seed).

    It takes images (n, 28, 28) of grey levels 0..255 and gives probabilities float32 (n, 10);
    only standard layers, so `keras.saving.load_model` needs nothing of ours. `in_patches` takes
    the convolutions and poolings of patches.py instead, for training with XLA.
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
    # The softmax stays in float32: in bfloat16 a probability has only 8 bits.
    layers.append(keras.layers.Dense(**asdict(recipe.layers[-1]), dtype="float32"))
    return keras.Sequential(layers, name=recipe.name.replace("-", "_"))


def build_optimizer(recipe: Recipe, num_steps: int) -> keras.optimizers.Optimizer:
    """The recipe's optimizer; `num_steps` is the length of the whole training."""
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
    warmup = {"cosine": 0, "one-cycle": num_steps // 5}
    if recipe.schedule == "constant":
        return recipe.learning_rate
    steps = warmup[recipe.schedule]
    return keras.optimizers.schedules.CosineDecay(
        0.0 if steps else recipe.learning_rate,
        decay_steps=max(1, num_steps - steps),
        warmup_target=recipe.learning_rate if steps else None,
        warmup_steps=steps,
    )
