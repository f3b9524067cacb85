"""What a step can show, by the names that lesson files use."""

from collections.abc import Callable

from pages.components.learn import pictures, results
from pages.components.learn.stage import Stage

VIEWS: dict[str, Callable[[Stage], None]] = {
    "arrays": pictures.arrays,
    "counts": pictures.counts,
    "summary": pictures.summary,
    "pixel_row": pictures.pixel_row,
    "numbers": pictures.numbers,
    "raw_numbers": pictures.raw_numbers,
    "one_hot": pictures.one_hot,
    "one_training_image": pictures.one_training_image,
    "first_images": pictures.first_images,
    "choose_image": pictures.choose_image,
    "colour_bar": pictures.colour_bar,
    "convolution": pictures.convolution,
    "pooling": pictures.pooling,
    "curves": results.curves,
    "compared": results.compared,
    "published": results.published,
    "strip": results.strip,
    "accuracies": results.accuracies,
    "probabilities": results.probabilities,
    "label_beside_answer": results.label_beside_answer,
    "one_digit": results.one_digit,
    "errors": results.errors,
    "doubted": results.doubted,
    "open_network": results.open_network,
    "shifts": results.shifts,
    "moved_image": results.moved_image,
    "first_weights": results.first_weights,
    "my_digits": results.my_digits_so_far,
    "open_draw": results.open_draw,
    "open_mine": results.open_mine,
}
