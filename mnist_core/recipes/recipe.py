"""A recipe: one training, as plain data that reads like Keras code.

Make a variation with `dataclasses.replace(recipe, epochs=3)`. A recipe goes through JSON and back unchanged.
A recipe with a value out of bounds cannot be made: its constructor raises ValueError, which says what is
allowed.
"""

import re
from dataclasses import MISSING, asdict, dataclass, fields, replace
from typing import Any

from mnist_core.language.messages import message
from mnist_core.recipes.layer import Layer, one_of, out_of_bounds, to_json
from mnist_core.recipes.layers import LAYERS
from mnist_core.recipes.network import summary

USUAL_RATES = {"sgd": 0.01, "momentum": 0.01, "nesterov": 0.01, "rmsprop": 0.001, "adam": 0.001, "adamw": 0.001}
OPTIMIZERS = tuple(USUAL_RATES)
SCHEDULES = ("constant", "cosine", "one-cycle")
SHIFTS = ((-1, 0), (1, 0), (0, -1), (0, 1))  # (down, right) in pixels, of `test_time_shifts`
HELD_OUT = 12  # with label smoothing, one in this many training images is held out for the temperature
_RENAMED = {"hands": "other_handwriting"}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
BOUNDS = {
    "learning_rate": (1e-5, 10.0),
    "batch_size": (8, 4096),
    "epochs": (1, 200),
    "num_images": (100, 60_000),
    "patience": (0, 100),
    "seed": (0, 2**31 - 1),
    "weight_decay": (0.0, 1.0),
    "label_smoothing": (0.0, 0.5),
    "ema_momentum": (0.0, 0.9999),
}
_FRACTIONS = ("learning_rate", "weight_decay", "label_smoothing", "ema_momentum")
_AUGMENTATION_BOUNDS = {"shift": (0, 10), "rotation": (0, 180), "shear": (0, 45), "zoom": (0, 0.5)}


@dataclass(frozen=True)
class Augmentation:
    """The largest random change of each training image, drawn again in every epoch.

    `shift` in pixels, `rotation` and `shear` in degrees, `zoom` as a share of the size, each distributed
    uniformly up to this value (Simard, Steinkraus and Platt 2003).
    """

    shift: float = 0.0
    rotation: float = 0.0
    shear: float = 0.0
    zoom: float = 0.0


AUGMENTATIONS = {
    "none": None,
    "shift": Augmentation(shift=2.0),
    "affine": Augmentation(shift=2.0, rotation=10.0, shear=10.0, zoom=0.12),
}


@dataclass(frozen=True)
class Published:
    """A tutorial and the test accuracies that it reports, as (epoch, accuracy) pairs."""

    tutorial: str
    accuracies: tuple[tuple[int, float], ...]
    note: str = ""

    @property
    def accuracy(self) -> float:
        """The accuracy after the tutorial's last epoch, 0..1."""
        return self.accuracies[-1][1]


@dataclass(frozen=True)
class Recipe:
    """One training, completely described.

    `validation` is "test" (the test set, as in three of the tutorials), a share of the training images such
    as 0.2 (the last ones, like Keras's validation_split) or None. `learning_rate` is the peak if the schedule
    is not constant. `scaling` divides the grey levels by 255 in a layer of the model. With `ema_momentum`
    above 0 an exponential moving average of the weights is evaluated and saved. With `label_smoothing` the
    last twelfth of the training images is held out, and the saved model's logits are divided by the
    temperature that fits these best (training/temperature.py). `precision` is that of training; a machine
    without bfloat16 uses float32. `other_handwriting` redraws some training images in forms that MNIST lacks,
    such as a slashed zero, and adds images that are not digits, so that the model learns to tell the
    difference (data/other_handwriting.py). With `test_time_shifts` the saved model reads an image four times,
    shifted by one pixel up, down, left and right, and answers with the mean (test-time augmentation:
    Krizhevsky, Sutskever and Hinton 2012). `num_images` is how many training images are used, starting with
    the first. With `shuffled_labels` these images get each other's labels at random, so that nothing general
    can be learnt from them (Zhang et al. 2017, "Understanding deep learning requires rethinking
    generalization"). With `patience` above 0 training ends after that many epochs without a new lowest
    val_loss (like Keras's EarlyStopping). ValueError if a value is out of bounds.
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
    other_handwriting: bool = False
    test_time_shifts: bool = False
    precision: str = "float32"
    num_images: int = 60_000
    shuffled_labels: bool = False
    patience: int = 0
    seed: int = 0
    published: Published | None = None

    def __post_init__(self) -> None:
        for name, (low, high) in BOUNDS.items():
            value = getattr(self, name)
            _in_bounds(name, value, low, high)
            if name not in _FRACTIONS and not isinstance(value, int):
                raise ValueError(
                    message("{name} is {value!r}; it must be a whole number.", name=name, value=value)
                )
        one_of("optimizer", self.optimizer, OPTIMIZERS)
        one_of("schedule", self.schedule, SCHEDULES)
        one_of("precision", self.precision, ("float32", "bfloat16"))
        one_of("scaling", self.scaling, (True, False))
        one_of("other_handwriting", self.other_handwriting, (True, False))
        one_of("test_time_shifts", self.test_time_shifts, (True, False))
        one_of("shuffled_labels", self.shuffled_labels, (True, False))
        summary(self.layers)
        if self.augmentation:
            for name, (low, high) in _AUGMENTATION_BOUNDS.items():
                _in_bounds(f"augmentation.{name}", getattr(self.augmentation, name), low, high)
        if not isinstance(self.title, str) or len(self.title) > 60 or self.title.splitlines() != [self.title]:
            raise ValueError(
                message("The name is {value!r}; it must be one line of 1 to 60 characters.", value=self.title)
            )
        if self.published and not self.published.accuracies:
            raise ValueError(message("published must have at least one accuracy."))
        if self.patience and self.validation is None:
            raise ValueError(
                message(
                    "Early stopping waits for a lower val_loss: choose a validation, or switch early stopping "
                    "off (patience 0)."
                )
            )
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name):
            raise ValueError(
                message(
                    "name is {value!r}; it must be small letters, digits and hyphens, such as my-recipe.",
                    value=self.name,
                )
            )
        if not (self.validation in ("test", None) or _is_share(self.validation)):
            raise ValueError(
                message(
                    'validation is {value!r}; it must be "test", None or a share from 0.01 to 0.5.',
                    value=self.validation,
                )
            )

    def trains_like(self, other: "Recipe") -> bool:
        """Whether the recipes differ at most in name and texts."""
        words = {name: getattr(other, name) for name in ("name", "title", "shows", "published")}
        return replace(self, **words) == other

    def to_json(self) -> dict[str, Any]:
        """A dict of JSON types; each layer has its class name under "layer"."""
        return {**asdict(self), "layers": [to_json(layer) for layer in self.layers]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Recipe":
        """The recipe that `to_json` wrote. ValueError if something is missing, unknown or invalid."""
        values = _known(cls, _renamed(data))
        if not isinstance(values["layers"], list):
            raise ValueError(message("layers must be a JSON list."))
        values["layers"] = tuple(_layer(layer) for layer in values["layers"])
        if values.get("augmentation"):
            values["augmentation"] = Augmentation(**_known(Augmentation, values["augmentation"]))
        if values.get("published"):
            published = _known(Published, values["published"])
            try:
                published["accuracies"] = tuple((int(e), float(a)) for e, a in published["accuracies"])
            except TypeError as error:
                raise ValueError(message("accuracies must be pairs of epoch and accuracy.")) from error
            values["published"] = Published(**published)
        return cls(**values)


def _renamed(data: Any) -> Any:
    """`data` with the names of earlier versions replaced by the current ones."""
    if not isinstance(data, dict):
        return data
    return {_RENAMED.get(name, name): value for name, value in data.items()}


def _in_bounds(name: str, value: object, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(out_of_bounds(name, value, low, high))


def _is_share(value: object) -> bool:
    return isinstance(value, float) and 0.01 <= value <= 0.5


def _layer(data: Any) -> Layer:
    if not isinstance(data, dict):
        raise ValueError(message("A layer must be a JSON object, not {value!r}.", value=data))
    kind = data.get("layer")
    one_of("layer", kind, tuple(LAYERS))
    return LAYERS[kind](**_known(LAYERS[kind], {k: v for k, v in data.items() if k != "layer"}))


def _known(cls: type, data: Any) -> dict[str, Any]:
    """`data` as keyword arguments for `cls`; ValueError names those that are unknown or missing."""
    if not isinstance(data, dict):
        raise ValueError(message("{name} must be a JSON object, not {value!r}.", name=cls.__name__, value=data))
    if unknown := set(data) - {f.name for f in fields(cls)}:
        raise ValueError(
            message("{name} has no {fields}.", name=cls.__name__, fields=", ".join(sorted(unknown)))
        )
    needed = {f.name for f in fields(cls) if f.default is MISSING}
    if missing := needed - set(data):
        raise ValueError(
            message("{name} lacks {fields}.", name=cls.__name__, fields=", ".join(sorted(missing)))
        )
    return dict(data)
