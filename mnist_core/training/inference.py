"""A Keras model's answers for many images, and its loss and accuracy on them."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from mnist_core.data.mnist import Split


def evaluate(model: keras.Model, split: Split) -> dict[str, Any]:
    """`val_loss`, `val_accuracy` (0..1) and `val_cross_entropy` on a split.

    Both losses are the mean categorical cross-entropy in nats, without label smoothing.
    """
    probabilities = predict(model, split.images)
    loss = float(np.mean(keras.losses.sparse_categorical_crossentropy(split.labels, probabilities)))
    hits = probabilities.argmax(-1) == split.labels
    return {"val_loss": loss, "val_accuracy": float(np.mean(hits)), "val_cross_entropy": loss}


def predict(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Probabilities float32 (n, 10) of `images` uint8 (n, 28, 28)."""
    forward = _forward(model)
    batches = [forward(tf.cast(images[i : i + 1000], tf.float32)) for i in range(0, len(images), 1000)]
    return np.concatenate(batches).astype(np.float32)


@lru_cache(maxsize=2)
def _forward(model: keras.Model) -> Callable[[tf.Tensor], tf.Tensor]:
    return tf.function(lambda batch: model(batch, training=False), reduce_retracing=True)
