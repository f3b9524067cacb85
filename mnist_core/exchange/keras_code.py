"""Writes a recipe as a complete Keras script, as in the tutorials."""

from collections.abc import Iterator
from typing import NamedTuple

from mnist_core.language.messages import N_, _
from mnist_core.recipes.layers import Flatten
from mnist_core.recipes.recipe import HELD_OUT, SHIFTS, Augmentation, Recipe
from mnist_core.recipes.words import title

_OPTIMIZERS = {
    "sgd": "SGD({rate}{decay})",
    "momentum": "SGD({rate}, momentum=0.9{decay})",
    "nesterov": "SGD({rate}, momentum=0.9, nesterov=True{decay})",
    "rmsprop": "RMSprop({rate}{decay})",
    "adam": "Adam({rate}{decay})",
    "adamw": "AdamW({rate}{decay})",
}
_AVERAGE = '''\

class AveragedWeights(keras.callbacks.Callback):
    """{what}"""

    def on_train_begin(self, logs=None):
        self.steps = 0
        self.averages = [weight.numpy().copy() for weight in self.model.trainable_variables]

    def on_train_batch_end(self, batch, logs=None):
        self.steps += 1
        follow = max(1 - {momentum}, 9 / (10 + self.steps))
        for average, weight in zip(self.averages, self.model.trainable_variables):
            average += follow * (weight.numpy() - average)

    def on_train_end(self, logs=None):
        for average, weight in zip(self.averages, self.model.trainable_variables):
            weight.assign(average)

'''

_TEMPERATURE = """\

# {why}
last = network.layers[-1]
weights = last.get_weights()


def set_temperature(temperature):
    last.set_weights([weight / temperature for weight in weights])
    return model.evaluate(x_held, y_held, batch_size=1000, verbose=0)[0]


set_temperature(min((0.02 * step for step in range(15, 60)), key=set_temperature))"""

_WHAT = N_("Follows the weights with a moving average, and gives it to the model at the end.")
_OTHER_HANDWRITING = N_(
    "In the app, some training images also show slashed zeros, or things that are not digits."
)
_WHY = N_(
    "Label smoothing makes it too unsure: its last layer is divided by the temperature that fits the images "
    "held out best."
)


def script(recipe: Recipe) -> str:
    """The Python script for data, model, training and evaluation; it needs only keras and a backend.

    The random numbers are Keras's own, so its results match ours except for chance. Augmentation uses
    Keras's random layers.
    """
    parts = parts_of(recipe)
    return "\n".join([*parts.start, "", *parts.data, "", *parts.model, "", *parts.training, *parts.test, ""])


class Parts(NamedTuple):
    """The lines of a script, in the order in which they run."""

    start: list[str]
    data: list[str]
    model: list[str]
    training: list[str]
    test: list[str]


def parts_of(recipe: Recipe) -> Parts:
    """The script in parts; `test` can begin with what is done to the trained model."""
    return Parts(
        start=[
            "# " + _("{title}: written by MNIST Studio", title=title(recipe)),
            *(["# " + _(_OTHER_HANDWRITING)] * recipe.other_handwriting),
            "import keras",
            *(["import numpy"] if recipe.shuffled_labels else []),
            "",
            f"keras.utils.set_random_seed({recipe.seed})",
        ],
        data=_data(recipe),
        model=[*(_average(recipe) if recipe.ema_momentum else []), *_model(recipe)],
        training=[*_compile(recipe), "", *_fit(recipe)],
        test=[
            *(_mean_over_shifts(recipe) if recipe.test_time_shifts else []),
            *(_TEMPERATURE.replace("{why}", _(_WHY)).split("\n") if recipe.label_smoothing else []),
            "test_loss, test_accuracy = model.evaluate(x_test, y_test, batch_size=1000, verbose=0)",
            'print(f"test accuracy {test_accuracy:.4f}, loss {test_loss:.4f}")',
        ],
    )


def _fit(recipe: Recipe) -> list[str]:
    callbacks = list(_callbacks(recipe))
    return [
        "history = model.fit(",
        "    x_train,",
        "    y_train,",
        f"    batch_size={recipe.batch_size},",
        f"    epochs={recipe.epochs},",
        *_validation(recipe),
        *([f"    callbacks=[{', '.join(callbacks)}],"] if callbacks else []),
        ")",
    ]


def _average(recipe: Recipe) -> list[str]:
    return _AVERAGE.replace("{what}", _(_WHAT)).replace("{momentum}", f"{recipe.ema_momentum}").split("\n")


def _data(recipe: Recipe) -> list[str]:
    lines = ["(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()"]
    if recipe.num_images < 60_000:
        lines.append(f"x_train, y_train = x_train[:{recipe.num_images}], y_train[:{recipe.num_images}]")
    if recipe.shuffled_labels:
        lines.append(f"y_train = numpy.random.default_rng({recipe.seed}).permutation(y_train)")
    shape, scale = _input_shape(recipe), " / 255" if recipe.scaling else ""
    for name in ("x_train", "x_test"):
        reshape = f".reshape(-1, {', '.join(map(str, shape))})" if shape != (28, 28) else ""
        lines.append(f'{name} = {name}{reshape}.astype("float32"){scale}')
    lines += [
        "y_train = keras.utils.to_categorical(y_train, 10)",
        "y_test = keras.utils.to_categorical(y_test, 10)",
    ]
    if recipe.label_smoothing:
        share = f" * {1 - recipe.validation:g}" if isinstance(recipe.validation, float) else ""
        lines += [
            f"kept = int(len(x_train){share})",
            f"train = kept - kept // {HELD_OUT}  # " + _("the others set the temperature"),
            "x_held, y_held = x_train[train:kept], y_train[train:kept]",
        ]
        if share:
            lines.append("x_val, y_val = x_train[kept:], y_train[kept:]")
        lines.append("x_train, y_train = x_train[:train], y_train[:train]")
    return lines


def _input_shape(recipe: Recipe) -> tuple[int, ...]:
    as_vector = isinstance(recipe.layers[0], Flatten) and not (recipe.augmentation or recipe.test_time_shifts)
    return (28, 28) if as_vector else (28, 28, 1)


def _model(recipe: Recipe) -> list[str]:
    layers = [f"keras.Input({_input_shape(recipe)})", *_augmentation(recipe.augmentation)]
    layers += [f"keras.layers.{layer.code()}" for layer in recipe.layers]
    lines = [f"        {layer}," for layer in layers]
    name = "model = network" if recipe.label_smoothing else "model"
    return [f"{name} = keras.Sequential(", "    [", *lines, "    ]", ")", "model.summary()"]


def _augmentation(a: Augmentation | None) -> list[str]:
    """Keras's random layers for the same ranges, which they take as shares of the size or of a full turn."""
    if not a:
        return []
    fill = 'fill_mode="constant"'
    layers = []
    if a.shift:
        layers.append(f"RandomTranslation({a.shift / 28:.3g}, {a.shift / 28:.3g}, {fill})")
    if a.rotation:
        layers.append(f"RandomRotation({a.rotation / 360:.3g}, {fill})")
    if a.shear:
        layers.append(f"RandomShear(x_factor={a.shear / 57.3:.3g}, {fill})")
    if a.zoom:
        layers.append(f"RandomZoom({a.zoom:.3g}, {a.zoom:.3g}, {fill})")
    return [f"keras.layers.{layer}" for layer in layers]


def _compile(recipe: Recipe) -> list[str]:
    lines, rate = [], repr(recipe.learning_rate)
    if recipe.schedule != "constant":
        lines += _schedule(recipe)
        rate = "schedule"
    decay = (
        f", weight_decay={recipe.weight_decay!r}" if recipe.weight_decay or recipe.optimizer == "adamw" else ""
    )
    optimizer = _OPTIMIZERS[recipe.optimizer].format(rate=rate, decay=decay)
    loss = '"categorical_crossentropy"'
    if recipe.label_smoothing:
        loss = f"keras.losses.CategoricalCrossentropy(label_smoothing={recipe.label_smoothing})"
    return [
        *lines,
        "model.compile(",
        f"    optimizer=keras.optimizers.{optimizer},",
        f"    loss={loss},",
        '    metrics=["accuracy"],',
        ")",
    ]


def _mean_over_shifts(recipe: Recipe) -> list[str]:
    crops = ", ".join(f"(({1 - down}, {1 + down}), ({1 - right}, {1 + right}))" for down, right in SHIFTS)
    return [
        "",
        "# " + _("The mean over four shifts by one pixel: test-time augmentation."),
        f"image = keras.Input({_input_shape(recipe)})",
        "padded = keras.layers.ZeroPadding2D(1)(image)",
        f"crops = [{crops}]",
        "shifted = [model(keras.layers.Cropping2D(crop)(padded)) for crop in crops]",
        "model = keras.Model(image, keras.layers.Average()(shifted))",
        'model.compile(loss="categorical_crossentropy", metrics=["accuracy"])',
    ]


def _schedule(recipe: Recipe) -> list[str]:
    is_share = isinstance(recipe.validation, float) and not recipe.label_smoothing
    images = f"int(len(x_train) * {1 - recipe.validation:g})" if is_share else "len(x_train)"
    lines = [f"num_steps = -(-{images} // {recipe.batch_size}) * {recipe.epochs}"]
    if recipe.schedule == "cosine":
        return [
            *lines,
            f"schedule = keras.optimizers.schedules.CosineDecay({recipe.learning_rate!r}, num_steps)",
        ]
    return [
        *lines,
        "schedule = keras.optimizers.schedules.CosineDecay(",
        "    0.0,",
        "    num_steps - num_steps // 5,",
        f"    warmup_target={recipe.learning_rate!r},",
        "    warmup_steps=num_steps // 5,",
        ")",
    ]


def _validation(recipe: Recipe) -> list[str]:
    if recipe.validation == "test":
        return ["    validation_data=(x_test, y_test),"]
    if recipe.validation and recipe.label_smoothing:
        return ["    validation_data=(x_val, y_val),"]
    return [f"    validation_split={recipe.validation!r},"] if recipe.validation else []


def _callbacks(recipe: Recipe) -> Iterator[str]:
    if recipe.patience:
        yield f"keras.callbacks.EarlyStopping(patience={recipe.patience})"
    if recipe.ema_momentum:
        yield "AveragedWeights()"
