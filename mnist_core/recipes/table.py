"""What can be trained: the tutorials' recipes and four of our own. A new recipe is one entry here."""

from dataclasses import replace
from typing import Any

from mnist_core.language.messages import N_
from mnist_core.recipes.layers import Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from mnist_core.recipes.recipe import AUGMENTATIONS, Published, Recipe


def _tuning(letter: str, title: str, accuracy: float, note: str = "", **settings: Any) -> Recipe:
    """One step of the tuning tutorial: raw pixels, small dense layers, SGD, batches of 50."""
    activation, hidden = settings.pop("activation", "sigmoid"), settings.pop("hidden", 2)
    return Recipe(
        name=f"tuning-{letter}",
        title=title,
        layers=(Flatten(), *[Dense(30, activation)] * (1 + hidden), Dense(10, "softmax")),
        optimizer="sgd",
        batch_size=50,
        scaling=False,
        published=Published(
            "Infinite Loop, Introduction to Keras (6): learning curves and tuning",
            ((settings["epochs"], accuracy),),
            note,
        ),
        **settings,
    )


_FAST = Recipe(
    name="fast",
    title=N_("Fast convnet"),
    shows=N_(
        "99% in seconds, with strides instead of pooling, a one-cycle learning rate and averaged weights."
    ),
    layers=(
        Conv2D(12, 5, strides=2, activation="relu", kernel_initializer="he_normal"),
        Conv2D(24, 3, strides=2, activation="relu", kernel_initializer="he_normal"),
        Conv2D(48, 3, activation="relu", kernel_initializer="he_normal"),
        Flatten(),
        Dense(10, "softmax"),
    ),
    optimizer="nesterov",
    learning_rate=0.35,
    schedule="one-cycle",
    weight_decay=1e-3,
    label_smoothing=0.05,
    ema_momentum=0.98,
    test_time_shifts=True,
    batch_size=128,
    epochs=2,
)

_SHARP = replace(
    _FAST,
    name="sharp",
    title=N_("Fast convnet, images shifted"),
    shows=N_(
        "More filters, and each image is shifted a little, differently in each epoch: fewer errors, more time."
    ),
    layers=(
        Conv2D(16, 5, strides=2, activation="relu", kernel_initializer="he_normal"),
        Conv2D(48, 3, strides=2, activation="relu", kernel_initializer="he_normal"),
        Conv2D(96, 3, activation="relu", kernel_initializer="he_normal"),
        Flatten(),
        Dense(10, "softmax"),
    ),
    learning_rate=0.2,
    augmentation=AUGMENTATIONS["shift"],
    ema_momentum=0.99,
    batch_size=96,
    epochs=5,
)

_ALL = (
    _FAST,
    _SHARP,
    replace(
        _SHARP,
        name="long",
        title=N_("Fast convnet, trained longer"),
        shows=N_(
            "The same network for eighteen epochs: the learning rate falls more slowly, and each image is "
            "shifted to eighteen positions."
        ),
        learning_rate=0.15,
        ema_momentum=0.995,
        batch_size=64,
        epochs=18,
    ),
    Recipe(
        name="best",
        title=N_("Best convnet"),
        shows=N_(
            "The highest accuracy here, and it reads the most kinds of handwriting: every image is shifted "
            "and rotated a little, some zeros are slashed, and some images are not digits at all."
        ),
        layers=(
            Conv2D(48, 5, strides=2, padding="same", activation="relu", kernel_initializer="he_normal"),
            Conv2D(64, 3, padding="same", activation="relu", kernel_initializer="he_normal"),
            MaxPooling2D(2),
            Conv2D(128, 3, padding="same", activation="relu", kernel_initializer="he_normal"),
            Conv2D(128, 3, activation="relu", kernel_initializer="he_normal"),
            Flatten(),
            Dropout(0.3),
            Dense(10, "softmax"),
        ),
        optimizer="adamw",
        learning_rate=0.003,
        schedule="one-cycle",
        weight_decay=0.05,
        label_smoothing=0.05,
        ema_momentum=0.999,
        precision="bfloat16",
        augmentation=AUGMENTATIONS["affine"],
        other_handwriting=True,
        test_time_shifts=True,
        epochs=28,
    ),
    Recipe(
        name="softmax",
        title=N_("Softmax regression"),
        shows=N_("The smallest network: val_loss is flat after epoch 5, and more epochs no longer help."),
        layers=(Flatten(), Dense(10, "softmax")),
        epochs=20,
        published=Published(
            "OSCA, Keras で MNIST データの学習を試してみよう", ((1, 0.9100), (5, 0.9235), (20, 0.9273))
        ),
    ),
    Recipe(
        name="mlp",
        title=N_("Three-layer perceptron"),
        shows=N_("Overfitting: the training loss goes on falling while the validation loss rises again."),
        layers=(Flatten(), Dense(64, "relu"), Dense(64, "relu"), Dense(10, "softmax")),
        optimizer="adam",
        batch_size=32,
        epochs=20,
        validation=0.2,
        published=Published("Qiita, 手書き文字認識編 3", ((20, 0.9414),)),
    ),
    _tuning(
        "a",
        N_("Tuning a: a learning rate too high"),
        0.65,
        "about 0.65, jumping",
        learning_rate=0.1,
        epochs=5,
        shows=N_(
            "With a learning rate of 0.1 on raw pixels the accuracy jumps up and down and does not improve."
        ),
    ),
    _tuning(
        "b",
        N_("Tuning b: a lower learning rate"),
        0.7624,
        "rising steadily",
        learning_rate=0.01,
        epochs=5,
        shows=N_("Tuning a with a tenth of the learning rate: the accuracy now rises steadily."),
    ),
    _tuning(
        "c",
        N_("Tuning c: more epochs"),
        0.8597,
        learning_rate=0.01,
        epochs=10,
        shows=N_("Tuning b was still improving at its last epoch, so twice the epochs help."),
    ),
    _tuning(
        "d",
        N_("Tuning d: ten hidden layers"),
        0.1135,
        "nothing learnt",
        learning_rate=0.01,
        epochs=10,
        hidden=10,
        shows=N_("Vanishing gradient: after ten sigmoid layers no signal is left, and nothing is learnt."),
    ),
    _tuning(
        "e",
        N_("Tuning e: ReLU instead of sigmoid"),
        0.9455,
        "0.9535 at its best",
        learning_rate=0.01,
        epochs=10,
        hidden=10,
        activation="relu",
        shows=N_("The network of Tuning d learns once ReLU replaces sigmoid."),
    ),
    Recipe(
        name="chollet-cnn",
        title=N_("Chollet's convnet"),
        shows=N_(
            "Convolutions find strokes wherever they are: errors fall from the 7% of softmax regression to 1%."
        ),
        layers=(
            Conv2D(32, 3, activation="relu"),
            MaxPooling2D(2),
            Conv2D(64, 3, activation="relu"),
            MaxPooling2D(2),
            Conv2D(64, 3, activation="relu"),
            Flatten(),
            Dense(64, "relu"),
            Dense(10, "softmax"),
        ),
        batch_size=64,
        epochs=5,
        validation=None,
        published=Published("Going Faraway, 畳み込みニューラルネット (CNN) による MNIST", ((5, 0.9915),)),
    ),
    Recipe(
        name="dropout-cnn",
        title=N_("Convnet with dropout"),
        shows=N_("Dropout switches units off at random, so that training accuracy stays below the test's."),
        layers=(
            Conv2D(32, 3, activation="relu"),
            Conv2D(64, 3, activation="relu"),
            MaxPooling2D(2),
            Dropout(0.25),
            Flatten(),
            Dense(128, "relu"),
            Dropout(0.5),
            Dense(10, "softmax"),
        ),
        epochs=6,
        published=Published("maku, MNIST とは", ((1, 0.983), (3, 0.988), (6, 0.991))),
    ),
)

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in _ALL}
