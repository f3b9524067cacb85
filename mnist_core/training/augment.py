"""Random augmentation of a batch, inside TensorFlow's graph."""

import math

import tensorflow as tf

from mnist_core.recipes.recipe import Augmentation


def augment(images: tf.Tensor, augmentation: Augmentation, seed: tf.Tensor) -> tf.Tensor:
    """Apply an independent random shift, rotation, shear and zoom to each image.

    `images` (n, 28, 28) may have any dtype; the result is float32 (n, 28, 28), fully determined by `seed`
    int32 (2,). Pixels are interpolated bilinearly; outside the image is black.
    """
    images = tf.cast(images, tf.float32)
    if augmentation == Augmentation(shift=augmentation.shift):
        return _shift(images, augmentation.shift, seed)
    size = images.shape[1]
    rows, columns = _sources(tf.shape(images)[0], size, augmentation, seed)
    return _sample(images, rows, columns, size)


def _shift(images: tf.Tensor, spread: float, seed: tf.Tensor) -> tf.Tensor:
    """Like _sample, but along one axis at a time and without indexing, which halves XLA's time."""
    n, size, reach = tf.shape(images)[0], images.shape[1], math.ceil(spread)
    for index in (4, 5):  # rows, then, on the transposed image, columns
        shift = tf.random.stateless_uniform((n, 1, 1), seed + [0, index], -spread, spread)
        padded = tf.pad(images, ((0, 0), (reach, reach), (0, 0)))
        moved = [
            tf.nn.relu(1 - tf.abs(shift - offset)) * padded[:, reach + offset : reach + offset + size]
            for offset in range(-reach, reach + 1)
        ]
        images = tf.transpose(tf.add_n(moved), (0, 2, 1))
    return images


def _sources(n: tf.Tensor, size: int, a: Augmentation, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """For each target pixel the source position (row, column), float32 (n, size, size) each."""

    def uniform(index: int, spread: float) -> tf.Tensor:
        return tf.random.stateless_uniform((n, 1, 1), seed + [0, index], -spread, spread)

    angle = uniform(0, math.radians(a.rotation))
    slant = tf.tan(uniform(1, math.radians(a.shear)))
    height, width = tf.exp(uniform(2, a.zoom)), tf.exp(uniform(3, a.zoom))
    centre = (size - 1) / 2
    grid = tf.range(size, dtype=tf.float32) - centre
    y, x = grid[None, :, None], grid[None, None, :]
    rows = (tf.cos(angle) * y - tf.sin(angle) * x) * height
    columns = (tf.sin(angle) * y + tf.cos(angle) * x) * width + slant * y
    return rows + centre + uniform(4, a.shift), columns + centre + uniform(5, a.shift)


def _sample(images: tf.Tensor, rows: tf.Tensor, columns: tf.Tensor, size: int) -> tf.Tensor:
    padded = tf.reshape(tf.pad(images, ((0, 0), (1, 1), (1, 1))), (-1, (size + 2) ** 2))
    rows = tf.clip_by_value(rows + 1, 0.0, size + 0.999)
    columns = tf.clip_by_value(columns + 1, 0.0, size + 0.999)
    top, left = tf.floor(rows), tf.floor(columns)
    down, right = rows - top, columns - left
    corner = tf.cast(top * (size + 2) + left, tf.int32)

    def at(offset: int) -> tf.Tensor:
        flat = tf.reshape(corner + offset, (-1, size * size))
        return tf.reshape(tf.gather(padded, flat, batch_dims=1), tf.shape(rows))

    upper = at(0) * (1 - right) + at(1) * right
    lower = at(size + 2) * (1 - right) + at(size + 3) * right
    return upper * (1 - down) + lower * down
