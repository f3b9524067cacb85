"""The training loop: many steps inside one compiled function, with regular reports to the outside.

The mathematics is that of Keras's `model.fit`: a new order of the images in each epoch, batches of
`batch_size` with a shorter last one, the same loss and optimizer. Only the place of the loop differs. The
images are one tensor in memory, a batch is gathered by index inside the graph, and one call does as many
steps as fit into LIVE_SECONDS; between two calls Python reports a row and checks whether to stop. Small
networks are compiled by XLA, which fuses their many small operations; large convolutions use oneDNN, which is
faster for them.
"""

import math
import sys
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from mnist_core.data.mnist import Split
from mnist_core.data.other_handwriting import NOT_A_DIGIT, as_people_write
from mnist_core.home import home
from mnist_core.recipes.network import compiles_well
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs import words
from mnist_core.training import checkpoint
from mnist_core.training.augment import augment
from mnist_core.training.checkpoint import Position, Sums
from mnist_core.training.inference import evaluate
from mnist_core.training.models import as_saved, build, build_optimizer

LIVE_SECONDS = 0.18
OTHERS_WEIGH = 1.5  # weight of an image that is not a digit, relative to a digit: these vary more
CHECKPOINT_SHARE = 0.01  # of a training's time: the most that checkpoints may take
Row = dict[str, Any]


def fit(
    recipe: Recipe,
    train: Split,
    validation: Split | None,
    report: Callable[[Row], None],
    stop: Callable[[], bool] = lambda: False,
    checkpoint_path: Path | None = None,
    epoch_end: Callable[[int, keras.Model], None] = lambda epoch, model: None,
    begin_with: keras.Model | None = None,
) -> keras.Model:
    """Train the recipe's model on `train` and return it in float32, ready to be saved.

    `report` gets a row about every LIVE_SECONDS, `{"epoch", "step", "epochs_done", "seconds", "loss",
    "accuracy", "cross_entropy"}` with means over the steps since the last row. At the end of each epoch it
    gets one with `"end": True`, the epoch's means (like Keras's log) and, with `validation`, `val_loss`,
    `val_accuracy` and `val_cross_entropy`; the very last has `"last": True`. `loss` is what the training
    minimises; `cross_entropy` is without label smoothing and only for digits, so that it can be compared
    with `val_cross_entropy`. Epochs count from 1, steps continue over all epochs, `epochs_done` is a
    fraction, `seconds` is the training time so far. When `stop` returns True, training ends after the
    current steps, `{"stopped": True}` is reported, and the model has the weights reached. With the recipe's
    `patience` training may end before the last epoch. With `checkpoint_path` it resumes from the checkpoint
    there, if there is one, and reaches the same weights as without the break. It saves a checkpoint when it
    is stopped, at its end, and after each epoch, or less often if that would take more than
    CHECKPOINT_SHARE of the time. `epoch_end` gets each epoch's number and the model at that point. The
    initial weights are those of `begin_with`, if given.
    """
    return Training(recipe, train, begin_with).run(validation, report, stop, checkpoint_path, epoch_end)


class Training:
    """A training, prepared or running: its variables, and its position `at`."""

    def __init__(
        self,
        recipe: Recipe,
        train: Split,
        begin_with: keras.Model | None = None,
        besides: Split | None = None,
    ) -> None:
        """Arguments as in `fit`; the images of `besides` are added to the training images unchanged."""
        self.recipe = recipe
        self.images = max(1, zlib.crc32(train.labels.tobytes()))  # see checkpoint.py
        if recipe.other_handwriting:
            train = as_people_write(train, recipe.seed, home() / "other_handwriting")
        train = train + besides if besides else train
        self.num_images = len(train.labels)
        self.num_steps = math.ceil(self.num_images / recipe.batch_size)
        self.saved = as_saved(build(replace(recipe, precision="float32")), recipe)
        self.run_steps, self.publish, self.state = _compile(recipe, train, self.saved, begin_with)
        self.pace = _Pace()

    def compile(self) -> None:
        """Run no steps, so that compiling is done before the training is started."""
        self.run_steps(self.order(1), tf.constant(0), tf.constant(0))

    def run(
        self,
        validation: Split | None,
        report: Callable[[Row], None],
        stop: Callable[[], bool],
        checkpoint_path: Path | None,
        epoch_end: Callable[[int, keras.Model], None],
    ) -> keras.Model:
        """Train as described in `fit`; call it only once."""
        self.validation, self.report, self.stop = validation, report, stop
        self.path, self.epoch_end = checkpoint_path, epoch_end
        self.at = _restore(self.path, self.state, self.images)
        self.begin = time.perf_counter() - self.at.seconds
        self.kept, self.keeping = time.perf_counter(), 0.0  # when the last save began, and how long it took
        if self.path and self.path.exists() and self.at == Position():
            self.report({"note": words.NO_CHECKPOINT, "step": 0})
        while not self.is_over:
            if not self.train_epoch():
                self.report({"stopped": True})
                self.keep()
                break
            self.end_epoch()
        self.publish()
        return self.saved

    @property
    def is_over(self) -> bool:
        return self.at.epoch > self.recipe.epochs or 0 < self.recipe.patience <= self.at.waited

    def train_epoch(self) -> bool:
        """Run the epoch's remaining steps; False if it was stopped before its end."""
        size, num_images = self.recipe.batch_size, self.num_images
        order = self.order(self.at.epoch)
        while self.at.step < self.num_steps and not self.stop():
            first, begin = self.at.step, time.perf_counter()
            count = self.pace.next(self.num_steps - first)
            sums = Sums(*self.run_steps(order, tf.constant(first), tf.constant(count)).numpy().tolist())
            self.pace.learn(count, time.perf_counter() - begin)
            last = first + count
            self.at = self.at.after(last, sums)
            self.report(self.row(sums, min(last * size, num_images) - first * size))
        return self.at.step == self.num_steps

    def order(self, epoch: int) -> tf.Tensor:
        return _order(self.num_images, self.num_steps * self.recipe.batch_size, (self.recipe.seed, epoch))

    def end_epoch(self) -> None:
        self.publish()
        self.epoch_end(self.at.epoch, self.saved)
        scores = evaluate(self.saved, self.validation) if self.validation else {}
        row = self.row(self.at.sums, self.num_images) | scores | {"end": True}
        best, waited = self.at.best, self.at.waited
        if self.recipe.patience:
            waited = 0 if scores["val_loss"] < best else waited + 1
            best = min(best, scores["val_loss"])
        self.at = Position(self.at.epoch + 1, best=best, waited=waited)
        self.report({**row, "last": True} if self.is_over else row)
        if self.is_over or self.keeping <= CHECKPOINT_SHARE * (time.perf_counter() - self.kept):
            self.keep()

    def row(self, sums: Sums, seen: int) -> Row:
        """The row to report for `seen` images: the means of their sums, and the position."""
        step = (self.at.epoch - 1) * self.num_steps + self.at.step
        return {
            "epoch": self.at.epoch,
            "step": step,
            "epochs_done": step / self.num_steps,
            "seconds": round(time.perf_counter() - self.begin, 3),
            "loss": sums.loss / seen,
            "accuracy": sums.hits / seen,
            "cross_entropy": sums.cross_entropy / sums.digits if sums.digits else math.nan,
        }

    def keep(self) -> None:
        """Save a checkpoint if there is a path for it."""
        self.kept = time.perf_counter()
        if not self.path:
            return
        at = replace(self.at, seconds=self.kept - self.begin)
        try:
            checkpoint.save(self.path, at, [variable.numpy() for variable in self.state], self.images)
        except OSError as error:  # such as a full disk, which need not end the training
            print(f"No checkpoint was kept: {error}", file=sys.stderr, flush=True)
        self.keeping = time.perf_counter() - self.kept


def _compile(
    recipe: Recipe, train: Split, saved: keras.Model, begin_with: keras.Model | None
) -> tuple[Callable[..., tf.Tensor], Callable[[], None], list[tf.Variable]]:
    """The training functions and state: `run_steps(order, first, count)` -> Sums as a tensor, `publish()`,
    which copies the weights to `saved`, and all variables that a checkpoint must hold.
    """
    xla = compiles_well(recipe.layers)
    model = build(recipe, in_patches=xla)
    if begin_with:
        model.set_weights(begin_with.get_weights())
    batch_size, num_images = recipe.batch_size, len(train.labels)
    total_steps = -(-num_images // batch_size) * recipe.epochs
    optimizer = build_optimizer(recipe, total_steps)
    optimizer.build(model.trainable_variables)
    averages = [tf.Variable(w) for w in model.trainable_variables] if recipe.ema_momentum else []
    images, labels = tf.constant(train.images), tf.constant(train.labels, tf.int32)

    @tf.function(jit_compile=xla, autograph=False)  # AutoGraph would take longer than all other tracing
    def run_steps(order: tf.Tensor, first: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
        # Not tf.range: XLA would compile again for each length of it.
        _, totals = tf.while_loop(
            lambda step, totals: step < first + count,
            lambda step, totals: (step + 1, totals + run_step(order, step)),
            (first, tf.zeros(len(Sums._fields))),
        )
        return totals

    def run_step(order: tf.Tensor, step: tf.Tensor) -> tf.Tensor:
        """Run one step of the epoch; returns its images' Sums."""
        # XLA needs batches of equal size: the last one is padded, and the padding has weight 0.
        left = num_images - step * batch_size
        size = batch_size if xla else tf.minimum(batch_size, left)
        index = tf.slice(order, [step * batch_size], [size])
        weights = tf.cast(tf.range(size) < left, tf.float32)
        batch, digits = tf.gather(images, index), tf.gather(labels, index)
        shown = tf.one_hot(digits, 10)  # zeros for an image that is not a digit
        are_digits = tf.reduce_sum(shown, -1)
        truth = shown + (1 - are_digits[:, None]) / 10  # for an image that is not a digit: uniform
        if recipe.augmentation:
            seed = tf.stack([recipe.seed, tf.cast(optimizer.iterations, tf.int32) * 7])
            batch = augment(batch, recipe.augmentation, seed)
        with tf.GradientTape() as tape:
            probabilities = model(tf.cast(batch, tf.float32), training=True)
            losses = keras.losses.categorical_crossentropy(
                truth, probabilities, label_smoothing=recipe.label_smoothing
            )
            weighing = weights * tf.where(digits == NOT_A_DIGIT, OTHERS_WEIGH, 1.0)
            loss = tf.reduce_sum(losses * weighing) / tf.reduce_sum(weights)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        # The average follows closely at first, so that the first steps do not count for long.
        done = tf.cast(optimizer.iterations, tf.float32)
        follow = tf.maximum(1 - recipe.ema_momentum, 9 / (10 + done))
        for average, weight in zip(averages, model.trainable_variables):
            average.assign_add(follow * (weight - average))
        right = tf.equal(tf.argmax(probabilities, -1, tf.int32), digits)
        unsure = tf.reduce_max(probabilities, -1) < 0.5  # the correct answer if it is not a digit
        hits = tf.where(digits == NOT_A_DIGIT, unsure, right)
        plain = losses
        if recipe.label_smoothing or recipe.other_handwriting:
            plain = keras.losses.categorical_crossentropy(shown, probabilities)
        return tf.linalg.matvec(tf.stack([losses, tf.cast(hits, tf.float32), plain, are_digits]), weights)

    def publish() -> None:
        for ours, theirs in zip(saved.variables, model.variables):
            ours.assign(theirs)
        for ours, average in zip(saved.trainable_variables, averages):
            ours.assign(average)

    return run_steps, publish, [*model.variables, *optimizer.variables, *averages]


def _restore(path: Path | None, state: list[tf.Variable], images: int) -> Position:
    """Load the state from the checkpoint and return its position; the start if there is none."""
    shapes = [tuple(variable.shape) for variable in state]
    found = checkpoint.load(path, shapes, images) if path else None
    if not found:
        return Position()
    position, values = found
    for variable, value in zip(state, values):
        variable.assign(value)
    return position


def _order(num_images: int, length: int, seed: tuple[int, int]) -> tf.Tensor:
    """The epoch's random order of images, padded with image 0 to `length`; int32."""
    order = np.zeros(length, np.int32)
    order[:num_images] = np.random.default_rng(seed).permutation(num_images)
    return tf.constant(order)


class _Pace:
    """How many steps take about LIVE_SECONDS, measured during training."""

    def __init__(self) -> None:
        self._steps = 1

    def next(self, steps_left: int) -> int:
        """The number of steps for the next call; the rest of the epoch is divided into equal calls."""
        return math.ceil(steps_left / math.ceil(steps_left / self._steps))

    def learn(self, steps: int, seconds: float) -> None:
        self._steps = int(np.clip(steps * LIVE_SECONDS / seconds, 1, 2 * self._steps))
