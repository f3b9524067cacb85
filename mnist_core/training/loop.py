"""The training loop: many steps inside one compiled function, seen from outside as it goes.

The mathematics is that of Keras's `model.fit`: a new order of the images each epoch, batches
of `batch_size` with a short one last, the same loss and optimizer. What is ours is where the
loop runs. The images lie in memory as one tensor, a batch is gathered by index inside the
graph, and one call does as many steps as fit into LIVE_SECONDS: between two calls Python
reports a row and asks whether to stop. Small networks are compiled by XLA, which fuses their
many small operations; large convolutions are left to oneDNN, which is faster there.
"""

import math
import sys
import time
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
from mnist_core.training import checkpoint
from mnist_core.training.augment import augment
from mnist_core.training.checkpoint import Position, Sums
from mnist_core.training.inference import evaluate
from mnist_core.training.models import as_saved, build, build_optimizer

LIVE_SECONDS = 0.18
OTHERS_WEIGH = 1.5  # times as much as a digit: what is no digit comes in more kinds
CHECKPOINT_SHARE = 0.01  # of a training's time, at most, goes into checkpoints
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
    """Train the recipe's model on `train` and return it, in float32, as it is to be saved.

    `report` gets a row every LIVE_SECONDS or so, `{"epoch", "step", "epochs_done", "seconds",
    "loss", "accuracy", "cross_entropy"}` with means over the steps since the last row, and one at
    the end of each epoch with `"end": True`, the epoch's means (Keras's own log) and, with
    `validation`, `val_loss`, `val_accuracy` and `val_cross_entropy`; the very last has `"last": True`.
    `loss` is what the training minimises; `cross_entropy` is without label smoothing and without
    images that are no digits, so that it can be compared with `val_cross_entropy`. Epochs count
    from 1, steps go on through all epochs, `epochs_done` is a fraction, seconds are those of
    training so far. When `stop` says True, training ends after the steps under way,
    `{"stopped": True}` is reported and the weights reached are returned. With the recipe's
    `patience` it may end before its last epoch. With `checkpoint_path` the training goes on from
    the checkpoint there, if there is one, to the same weights as without the break; it leaves one
    when it is stopped, at its end, and at the end of each epoch, or of fewer where that would take
    more than CHECKPOINT_SHARE of the time. `epoch_end` gets each epoch's number and the model as it
    then is. The weights are those of `begin_with` at first.
    """
    return Training(recipe, train, begin_with).run(validation, report, stop, checkpoint_path, epoch_end)


class Training:
    """A training that is prepared, or under way: its variables, and `at`, the place it has come to."""

    def __init__(
        self,
        recipe: Recipe,
        train: Split,
        begin_with: keras.Model | None = None,
        besides: Split | None = None,
    ) -> None:
        """The arguments are those of `fit`; the images of `besides` are trained on, too, as they are."""
        self.recipe = recipe
        if recipe.other_handwriting:
            train = as_people_write(train, recipe.seed, home() / "other_handwriting")
        train = train + besides if besides else train
        self.num_images = len(train.labels)
        self.num_steps = math.ceil(self.num_images / recipe.batch_size)
        self.saved = as_saved(build(replace(recipe, precision="float32")), recipe)
        self.run_steps, self.publish, self.state = _compile(recipe, train, self.saved, begin_with)
        self.pace = _Pace()

    def compile(self) -> None:
        """Do no step: what comes first, which is mostly compiling, is done before it is waited for."""
        self.run_steps(self.order(1), tf.constant(0), tf.constant(0))

    def run(
        self,
        validation: Split | None,
        report: Callable[[Row], None],
        stop: Callable[[], bool],
        checkpoint_path: Path | None,
        epoch_end: Callable[[int, keras.Model], None],
    ) -> keras.Model:
        """Train, once, as `fit` says."""
        self.validation, self.report, self.stop = validation, report, stop
        self.path, self.epoch_end = checkpoint_path, epoch_end
        self.at = _restore(self.path, self.state)
        self.begin = time.perf_counter() - self.at.seconds
        self.kept, self.keeping = time.perf_counter(), 0.0  # when the last one was begun, and what it took
        if self.path and self.path.exists() and self.at == Position():
            self.report({"note": "The checkpoint could not be read: the training begins anew.", "step": 0})
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
        """Do the steps that are left of the epoch; False where it was stopped before its end."""
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
        """What is reported of `seen` images: the means of their sums, and where it was."""
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
        """Leave a checkpoint, where one is wanted."""
        self.kept = time.perf_counter()
        if not self.path:
            return
        at = replace(self.at, seconds=self.kept - self.begin)
        try:
            checkpoint.save(self.path, at, [variable.numpy() for variable in self.state])
        except OSError as error:  # such as a full disk: the training itself need not end
            print(f"No checkpoint was kept: {error}", file=sys.stderr, flush=True)
        self.keeping = time.perf_counter() - self.kept


def _compile(
    recipe: Recipe, train: Split, saved: keras.Model, begin_with: keras.Model | None
) -> tuple[Callable[..., tf.Tensor], Callable[[], None], list[tf.Variable]]:
    """What trains: `run_steps(order, first, count)` -> Sums as a tensor, `publish()`, which
    copies the weights to `saved`, and the state: all variables that a checkpoint must hold.
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

    @tf.function(jit_compile=xla, autograph=False)  # AutoGraph takes longer than all the rest of tracing
    def run_steps(order: tf.Tensor, first: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
        # Not tf.range: XLA would compile anew for each length of it.
        _, totals = tf.while_loop(
            lambda step, totals: step < first + count,
            lambda step, totals: (step + 1, totals + run_step(order, step)),
            (first, tf.zeros(len(Sums._fields))),
        )
        return totals

    def run_step(order: tf.Tensor, step: tf.Tensor) -> tf.Tensor:
        """One step of the epoch, and its images' Sums."""
        # XLA wants batches of one size: the last is filled up, and the filling weighs nothing.
        left = num_images - step * batch_size
        size = batch_size if xla else tf.minimum(batch_size, left)
        index = tf.slice(order, [step * batch_size], [size])
        weights = tf.cast(tf.range(size) < left, tf.float32)
        batch, digits = tf.gather(images, index), tf.gather(labels, index)
        shown = tf.one_hot(digits, 10)  # zeros for what is no digit
        are_digits = tf.reduce_sum(shown, -1)
        truth = shown + (1 - are_digits[:, None]) / 10  # of what is no digit: any is as likely
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
        # The first steps must not weigh for long: the average follows closely to begin with.
        done = tf.cast(optimizer.iterations, tf.float32)
        follow = tf.maximum(1 - recipe.ema_momentum, 9 / (10 + done))
        for average, weight in zip(averages, model.trainable_variables):
            average.assign_add(follow * (weight - average))
        right = tf.equal(tf.argmax(probabilities, -1, tf.int32), digits)
        unsure = tf.reduce_max(probabilities, -1) < 0.5  # which is right of what is no digit
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


def _restore(path: Path | None, state: list[tf.Variable]) -> Position:
    """Give the state its values from the checkpoint; the beginning where there is none."""
    shapes = [tuple(variable.shape) for variable in state]
    found = checkpoint.load(path, shapes) if path else None
    if not found:
        return Position()
    position, values = found
    for variable, value in zip(state, values):
        variable.assign(value)
    return position


def _order(num_images: int, length: int, seed: tuple[int, int]) -> tf.Tensor:
    """The epoch's order of images, filled up with image 0 to `length`; int32."""
    order = np.zeros(length, np.int32)
    order[:num_images] = np.random.default_rng(seed).permutation(num_images)
    return tf.constant(order)


class _Pace:
    """How many steps make a call of about LIVE_SECONDS: measured as the training goes."""

    def __init__(self) -> None:
        self._steps = 1

    def next(self, steps_left: int) -> int:
        """Steps for the next call, so that what is left of the epoch falls into equal calls."""
        return math.ceil(steps_left / math.ceil(steps_left / self._steps))

    def learn(self, steps: int, seconds: float) -> None:
        self._steps = int(np.clip(steps * LIVE_SECONDS / seconds, 1, 2 * self._steps))
