"""Convolution and pooling in the form that XLA compiles best on a CPU: slices, a matrix product, maxima.

Drop-in subclasses of Keras's layers with the same weights and mathematics, for training only; the saved
model has Keras's own layers. XLA's own convolution is twenty times slower than these on a CPU
(tensorflow 2.21).
"""

import keras
import numpy as np
import tensorflow as tf
from numpy.lib.stride_tricks import sliding_window_view


class Conv2D(keras.layers.Conv2D):
    """Puts each window's pixels into one row (im2col) and multiplies once with the kernel."""

    def convolution_op(self, inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        """(n, height, width, channels) float to (n, height', width', filters), for square windows."""
        size, stride, filters = self.kernel_size[0], self.strides[0], self.filters
        if self.padding == "same":
            missing = max((-(-inputs.shape[1] // stride) - 1) * stride + size - inputs.shape[1], 0)
            pad = (missing // 2, missing - missing // 2)
            inputs = tf.pad(inputs, ((0, 0), pad, pad, (0, 0)))
        grey = inputs.shape[-1] == 1
        windows = _looked_up(inputs, size, stride) if grey else tf.concat(_shifted(inputs, size, stride), -1)
        rows = tf.reshape(windows, (-1, windows.shape[-1]))
        product = tf.matmul(rows, tf.reshape(kernel, (-1, filters)))
        return tf.reshape(product, (-1, *windows.shape[1:3], filters))


class MaxPooling2D(keras.layers.MaxPooling2D):
    """The maximum over the shifted slices of the windows."""

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """(n, height, width, channels) to (n, height // pool_size, width // pool_size, channels)."""
        largest, *others = _shifted(inputs, self.pool_size[0], self.pool_size[0])
        for other in others:
            largest = tf.maximum(largest, other)
        return largest


class AveragePooling2D(keras.layers.AveragePooling2D):
    """The mean over the shifted slices of the windows."""

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """(n, height, width, channels) to (n, height // pool_size, width // pool_size, channels)."""
        return tf.add_n(_shifted(inputs, self.pool_size[0], self.pool_size[0])) / self.pool_size[0] ** 2


def _looked_up(images: tf.Tensor, size: int, stride: int) -> tf.Tensor:
    """All windows of images with one channel: (n, height', width', `size`^2).

    Gathering by index compiles faster than slices. Its gradient is slow, but images need none.
    """
    places = np.arange(images.shape[1] * images.shape[2]).reshape(images.shape[1:3])
    windows = sliding_window_view(places, (size, size))[::stride, ::stride]
    flat = tf.reshape(images, (-1, places.size))
    return tf.gather(flat, windows.reshape(*windows.shape[:2], size * size), axis=1)


def _shifted(inputs: tf.Tensor, size: int, stride: int) -> list[tf.Tensor]:
    """For each position in a window of size x size, the values there in all windows: `size`^2 slices."""
    last = (inputs.shape[1] - size) // stride * stride + 1
    return [
        inputs[:, row : row + last : stride, column : column + last : stride]
        for row in range(size)
        for column in range(size)
    ]
