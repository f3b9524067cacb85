"""Layers as plain data: shapes and parameters as in Keras, and error messages for invalid stacks."""

from dataclasses import replace

import pytest

from mnist_core.recipes.layers import (
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
)
from mnist_core.recipes.network import summary
from mnist_core.recipes.table import RECIPES
from mnist_core.training.models import build

LAST = Dense(10, "softmax")
OTHERS = {
    "same and strides": (Conv2D(4, 5, 3, "same"), Conv2D(3, 2, 2), MaxPooling2D(2), Flatten(), LAST),
    "normalized first": (BatchNormalization(), Flatten(), LAST),
    "normalized": (Conv2D(4, 3), BatchNormalization(), Flatten(), Dense(7), BatchNormalization(), LAST),
    "dropped": (Dropout(0.2), MaxPooling2D(3), Flatten(), Dropout(0.5), LAST),
}
STACKS = {**{name: recipe.layers for name, recipe in RECIPES.items()}, **OTHERS}


@pytest.mark.parametrize("layers", STACKS.values(), ids=list(STACKS))
def test_the_summary_is_that_of_keras(layers):
    model = build(replace(RECIPES["softmax"], layers=layers))
    rows = summary(layers)
    theirs = [layer for layer in model.layers if layer.name.split("_")[0] not in ("rescaling", "reshape")]
    assert [row.output_shape for row in rows] == [tuple(layer.output.shape[1:]) for layer in theirs]
    assert [row.num_parameters for row in rows] == [layer.count_params() for layer in theirs]


def test_the_multiplications_are_those_of_one_image():
    counted = [row.num_multiplications for row in summary(RECIPES["chollet-cnn"].layers)]
    assert counted == [
        26**2 * 32 * 9, 0, 11**2 * 64 * 9 * 32, 0, 3**2 * 64 * 9 * 64, 0, 576 * 64, 64 * 10
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (
            (LAST,),
            "Layer 1, Dense: Dense takes a vector, but its input is 28 × 28 × 1. Put a Flatten or a Glob",
        ),
        (
            (Flatten(), Conv2D(8, 3), LAST),
            "Layer 2, Conv2D: This layer takes images, but its input is a vector of 784",
        ),
        ((Flatten(), MaxPooling2D(2), LAST), "must stand before Flatten"),
        ((GlobalAveragePooling2D(), GlobalAveragePooling2D(), LAST), r"its input is a vector of 1\."),
        ((MaxPooling2D(4), Conv2D(8, 8), Flatten(), LAST), "8 × 8 does not fit into 7 × 7 × 1"),
        ((MaxPooling2D(4), MaxPooling2D(4), MaxPooling2D(4), Flatten(), LAST), "leaves nothing of 1 × 1 × 1"),
        ((Flatten(), Dense(10)), "The last layer must be"),
        ((), "The last layer must be"),
        ((*[Dropout(0.1)] * 40, Flatten(), LAST), "42 layers are too many: the limit is 30"),
        ((Flatten(), Dense(4096), Dense(4096), LAST), "parameters are too many: the limit is 10,000,000"),
        ((Conv2D(128, 3), Conv2D(256, 3), Flatten(), LAST), "multiplications per image would take days"),
        ((Conv2D(512, 1), BatchNormalization(), Flatten(), LAST), "too many for the memory"),
        (("Dense", LAST), "Layer 1, str: 'Dense' is not a layer"),
    ],
)
def test_a_stack_that_cannot_be_trained_says_which_layer_and_what_to_do(layers, message):
    with pytest.raises(ValueError, match=message):
        summary(layers)


@pytest.mark.parametrize(
    ("layer", "written"),
    [
        (Dense(10, "softmax"), 'Dense(10, activation="softmax")'),
        (Conv2D(8, 3), "Conv2D(8, 3)"),
        (Conv2D(8, 3, 2, "same", "relu", "he_normal"),
         'Conv2D(8, 3, strides=2, padding="same", activation="relu", kernel_initializer="he_normal")'),
        (MaxPooling2D(), "MaxPooling2D(2)"),
        (Dropout(0.25), "Dropout(0.25)"),
        (BatchNormalization(), "BatchNormalization()"),
    ],
)  # fmt: skip
def test_a_layer_is_written_as_in_keras(layer, written):
    assert layer.code() == written
