"""What can be trained: a recipe is plain data that reads like Keras code.

A new recipe is one entry in RECIPES. A variation is `dataclasses.replace(recipe, epochs=3)`.
A recipe goes through JSON and back unchanged; one that cannot be trained cannot be made:
its constructor raises ValueError and says what to write instead.
"""

from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any

OPTIMIZERS = ("sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw")
SCHEDULES = ("constant", "cosine", "one-cycle")
ACTIVATIONS = (None, "linear", "relu", "sigmoid", "tanh", "softmax")
BOUNDS = {
    "learning_rate": (1e-5, 10.0),
    "batch_size": (8, 4096),
    "epochs": (1, 200),
    "seed": (0, 2**31 - 1),
}


@dataclass(frozen=True)
class Flatten:
    pass


@dataclass(frozen=True)
class Dense:
    units: int
    activation: str | None = None


@dataclass(frozen=True)
class Conv2D:
    filters: int
    kernel_size: int
    strides: int = 1
    padding: str = "valid"
    activation: str | None = None


@dataclass(frozen=True)
class MaxPooling2D:
    pool_size: int = 2


@dataclass(frozen=True)
class Dropout:
    rate: float


Layer = Flatten | Dense | Conv2D | MaxPooling2D | Dropout
LAYERS: dict[str, type] = {c.__name__: c for c in (Flatten, Dense, Conv2D, MaxPooling2D, Dropout)}


@dataclass(frozen=True)
class Augmentation:
    """How far each training image is moved at random, anew in every epoch.

    `shift` in pixels, `rotation` and `shear` in degrees, `zoom` as a share of the size: each
    up to this much, evenly spread (Simard, Steinkraus and Platt 2003).
    """

    shift: float = 0.0
    rotation: float = 0.0
    shear: float = 0.0
    zoom: float = 0.0


@dataclass(frozen=True)
class Published:
    """A tutorial and the test accuracy that it printed, as (epoch, accuracy) pairs."""

    tutorial: str
    accuracies: tuple[tuple[int, float], ...]
    note: str = ""

    @property
    def accuracy(self) -> float:
        """The figure after the tutorial's last epoch, 0..1."""
        return self.accuracies[-1][1]


@dataclass(frozen=True)
class Recipe:
    """One training, completely described.

    `validation` is "test" (the test set, as three of the tutorials do it), a share of the
    training images such as 0.2 (the last ones, as Keras's validation_split takes them) or
    None. `learning_rate` is the peak where the schedule is not constant. `scaling` divides
    the grey levels by 255 in a layer of the model. `ema_momentum` above 0 keeps an
    exponential moving average of the weights, which is what is evaluated and saved.
    """

    name: str
    title: str
    shows: str
    layers: tuple[Layer, ...]
    optimizer: str = "rmsprop"
    learning_rate: float = 0.001
    batch_size: int = 128
    epochs: int = 5
    validation: str | float | None = "test"
    scaling: bool = True
    schedule: str = "constant"
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    ema_momentum: float = 0.0
    augmentation: Augmentation | None = None
    precision: str = "float32"
    seed: int = 0
    published: Published | None = None

    def __post_init__(self) -> None:
        for name, (low, high) in BOUNDS.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise ValueError(f"{name} is {value!r}; it must be a number from {low:g} to {high:g}")
            if name != "learning_rate" and not isinstance(value, int):
                raise ValueError(f"{name} is {value!r}; it must be a whole number")
        _one_of("optimizer", self.optimizer, OPTIMIZERS)
        _one_of("schedule", self.schedule, SCHEDULES)
        _one_of("precision", self.precision, ("float32", "bfloat16"))
        for layer in self.layers:
            _one_of("activation", getattr(layer, "activation", None), ACTIVATIONS)
        if not (self.validation in ("test", None) or _is_share(self.validation)):
            raise ValueError(
                f'validation is {self.validation!r}; it must be "test", None or a share from 0.01 to 0.5'
            )
        if not self.layers or self.layers[-1] != Dense(10, "softmax"):
            raise ValueError('the last layer must be Dense(10, "softmax"): one probability a digit')

    def to_json(self) -> dict[str, Any]:
        """A dict of JSON's own types; each layer carries its class name under "layer"."""
        layers = [{"layer": type(layer).__name__, **asdict(layer)} for layer in self.layers]
        return {**asdict(self), "layers": layers}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Recipe":
        """The recipe that `to_json` wrote. ValueError where something is missing, unknown or wrong."""
        values = _known(cls, data)
        values["layers"] = tuple(_layer(layer) for layer in values["layers"])
        if values.get("augmentation"):
            values["augmentation"] = Augmentation(**_known(Augmentation, values["augmentation"]))
        if values.get("published"):
            published = _known(Published, values["published"])
            published["accuracies"] = tuple((e, a) for e, a in published["accuracies"])
            values["published"] = Published(**published)
        return cls(**values)


def _one_of(name: str, value: object, choices: tuple[object, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name} is {value!r}; it must be one of {', '.join(map(str, choices))}")


def _is_share(value: object) -> bool:
    return isinstance(value, float) and 0.01 <= value <= 0.5


def _layer(data: Any) -> Layer:
    kind = data.get("layer") if isinstance(data, dict) else data
    _one_of("layer", kind, tuple(LAYERS))
    return LAYERS[kind](**_known(LAYERS[kind], {k: v for k, v in data.items() if k != "layer"}))


def _known(cls: type, data: Any) -> dict[str, Any]:
    """`data` as keyword arguments for `cls`, or ValueError with the names that are wrong."""
    if not isinstance(data, dict):
        raise ValueError(f"{cls.__name__} must be a JSON object, not {data!r}")
    if unknown := set(data) - {f.name for f in fields(cls)}:
        raise ValueError(f"{cls.__name__} has no {', '.join(sorted(unknown))}")
    needed = {f.name for f in fields(cls) if f.default is MISSING}
    if missing := needed - set(data):
        raise ValueError(f"{cls.__name__} lacks {', '.join(sorted(missing))}")
    return dict(data)


def _tuning(letter: str, change: str, accuracy: float, note: str = "", **settings: Any) -> Recipe:
    """One step of the tuning tutorial: raw pixels, small dense layers, SGD, batches of 50."""
    activation, hidden = settings.pop("activation", "sigmoid"), settings.pop("hidden", 2)
    return Recipe(
        name=f"tuning-{letter}",
        title=f"Tuning {letter}: {change}",
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


_ALL = (
    Recipe(
        name="fast",
        title="Fast convnet",
        shows="99 % in seconds: strides instead of pooling, one-cycle learning rate, averaged weights.",
        layers=(
            Conv2D(16, 5, strides=2, activation="relu"),
            Conv2D(32, 3, strides=2, activation="relu"),
            Conv2D(64, 3, activation="relu"),
            Flatten(),
            Dense(10, "softmax"),
        ),
        optimizer="nesterov",
        learning_rate=0.2,
        schedule="one-cycle",
        weight_decay=1e-3,
        ema_momentum=0.98,
        precision="bfloat16",
        epochs=4,
    ),
    Recipe(
        name="best",
        title="Best convnet",
        shows="The highest accuracy here: every image is moved and turned a little, anew each epoch.",
        layers=(
            Conv2D(32, 5, strides=2, activation="relu"),
            Conv2D(64, 3, activation="relu"),
            MaxPooling2D(2),
            Conv2D(64, 3, activation="relu"),
            Flatten(),
            Dense(10, "softmax"),
        ),
        optimizer="adamw",
        learning_rate=0.003,
        schedule="one-cycle",
        weight_decay=0.02,
        label_smoothing=0.05,
        ema_momentum=0.999,
        precision="bfloat16",
        augmentation=Augmentation(shift=2.0, rotation=10.0, shear=10.0, zoom=0.12),
        batch_size=128,
        epochs=60,
    ),
    Recipe(
        name="softmax",
        title="Softmax regression",
        shows="The smallest network: val_loss is flat after epoch 5, and more epochs no longer help.",
        layers=(Flatten(), Dense(10, "softmax")),
        epochs=20,
        published=Published(
            "OSCA, Keras で MNIST データの学習を試してみよう", ((1, 0.9100), (5, 0.9235), (20, 0.9273))
        ),
    ),
    Recipe(
        name="mlp",
        title="Three-layer perceptron",
        shows="Overfitting: the training loss goes on falling while the validation loss rises again.",
        layers=(Flatten(), Dense(64, "relu"), Dense(64, "relu"), Dense(10, "softmax")),
        optimizer="adam",
        batch_size=32,
        epochs=20,
        validation=0.2,
        published=Published("Qiita, 手書き文字認識編 3", ((20, 0.9414),)),
    ),
    _tuning(
        "a",
        "a learning rate too high",
        0.65,
        "about 0.65, jumping",
        learning_rate=0.1,
        epochs=5,
        shows="With a learning rate of 0.1 on raw pixels the accuracy jumps and goes nowhere.",
    ),
    _tuning(
        "b",
        "a lower learning rate",
        0.7624,
        "rising steadily",
        learning_rate=0.01,
        epochs=5,
        shows="A tenth of the learning rate: the same network now rises steadily.",
    ),
    _tuning(
        "c",
        "more epochs",
        0.8597,
        learning_rate=0.01,
        epochs=10,
        shows="It was still rising, so twice the epochs help.",
    ),
    _tuning(
        "d",
        "ten hidden layers",
        0.1135,
        "nothing learnt",
        learning_rate=0.01,
        epochs=10,
        hidden=10,
        shows="Vanishing gradient: through ten sigmoid layers no signal is left, and nothing is learnt.",
    ),
    _tuning(
        "e",
        "ReLU instead of sigmoid",
        0.9455,
        "0.9535 at its best",
        learning_rate=0.01,
        epochs=10,
        hidden=10,
        activation="relu",
        shows="The same ten layers with ReLU learn after all.",
    ),
    Recipe(
        name="chollet-cnn",
        title="Chollet's convnet",
        shows="Convolutions see strokes wherever they are: errors fall from 7 % to 1 %.",
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
        title="Convnet with dropout",
        shows="Dropout switches units off at random, so that training accuracy stays below the test's.",
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
