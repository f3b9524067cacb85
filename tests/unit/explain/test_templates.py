import numpy as np

from mnist_core.explain.forward import activations
from mnist_core.explain.templates import compared, drawable, input_image, planes, strength
from mnist_core.recipes.layers import Conv2D, Dense, Dropout, Flatten, GlobalAveragePooling2D, MaxPooling2D
from mnist_core.recipes.network import summary
from mnist_core.recipes.table import RECIPES

CONVNET = summary(
    (
        Conv2D(3, 5, activation="relu"),
        MaxPooling2D(4),
        Conv2D(2, 3),
        Flatten(),
        Dropout(0.5),
        Dense(7, "relu"),
        Dense(10, "softmax"),
    )
)


def test_the_templates_of_softmax_are_images_whose_products_with_the_image_are_the_sums():
    rng, recipe = np.random.default_rng(0), RECIPES["softmax"]
    kernel, image = rng.normal(size=(784, 10)), rng.integers(0, 256, (28, 28), np.uint8)
    rows = summary(recipe.layers)
    assert drawable(rows) == [2] and input_image(rows, 2) == (28, 28, 1)
    templates = planes(rows, 2, kernel)
    assert templates.shape == (10, 1, 28, 28)
    sums = (templates[:, 0] * image / 255).sum((1, 2))
    likely = activations(recipe, [kernel, np.zeros(10)], image[None])[-1][0]
    assert np.allclose(np.exp(sums - sums.max()) / np.exp(sums - sums.max()).sum(), likely)


def test_what_all_templates_have_in_common_changes_no_probability():
    rng, recipe = np.random.default_rng(0), RECIPES["softmax"]
    kernel, image = rng.normal(0.05, 0.1, (784, 10)), rng.integers(0, 256, (28, 28), np.uint8)
    with_it, without = (
        activations(recipe, [array, np.zeros(10)], image[None])[-1] for array in (kernel, compared(kernel))
    )
    assert np.allclose(with_it, without) and np.allclose(compared(kernel).sum(1), 0)


def test_kernels_and_units_have_a_picture_for_each_channel_that_they_see():
    assert drawable(CONVNET) == [1, 3, 6, 7]
    assert [input_image(CONVNET, number) for number in drawable(CONVNET)] == [
        (28, 28, 1),
        (6, 6, 3),
        (4, 4, 2),
        None,
    ]
    rng = np.random.default_rng(0)
    first, second, units, last = (
        rng.normal(size=shape) for shape in ((5, 5, 1, 3), (3, 3, 3, 2), (32, 7), (7, 10))
    )
    assert planes(CONVNET, 1, first).shape == (3, 1, 5, 5)
    assert planes(CONVNET, 3, second)[1, 2, 0, 1] == second[0, 1, 2, 1]
    assert planes(CONVNET, 6, units).shape == (7, 2, 4, 4)
    values = rng.normal(size=(4, 4, 2))
    assert np.isclose(
        (planes(CONVNET, 6, units)[5].transpose(1, 2, 0) * values).sum(), values.ravel() @ units[:, 5]
    )
    assert (
        planes(CONVNET, 7, last).shape == (10, 1, 1, 7) and planes(CONVNET, 7, last)[3, 0, 0, 5] == last[5, 3]
    )


def test_a_unit_behind_global_average_pooling_has_a_row():
    rows = summary((Conv2D(3, 3), GlobalAveragePooling2D(), Dense(10, "softmax")))
    assert input_image(rows, 3) is None and planes(rows, 3, np.zeros((3, 10))).shape == (10, 1, 1, 3)


def test_every_recipe_has_pictures_of_all_its_weights():
    for recipe in RECIPES.values():
        rows = summary(recipe.layers)
        for number in drawable(rows):
            row = rows[number - 1]
            biases = row.output_shape[-1]
            shape = (row.layer.kernel_size,) * 2 if isinstance(row.layer, Conv2D) else ()
            kernel = np.zeros(
                (*shape, (row.num_parameters - biases) // biases // max(1, int(np.prod(shape))), biases)
            )
            assert planes(rows, number, kernel).size + biases == row.num_parameters


def test_the_colour_scale_ends_at_the_largest_weight_and_is_never_empty():
    assert strength([np.array([1.0, -3.0]), np.array([2.0])]) == 3
    assert strength([np.zeros(3)]) == strength([]) == 1 and strength([np.array([np.nan, 0.5])]) == 0.5
