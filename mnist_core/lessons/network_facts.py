"""The facts of a network: its shapes, sizes and kinds of layers."""

from collections.abc import Sequence

from mnist_core.recipes.layer import Layer, Shape
from mnist_core.recipes.layers import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
)
from mnist_core.recipes.network import IMAGE, Row, summary

_POOLINGS = (MaxPooling2D, AveragePooling2D)


def of_network(layers: Sequence[Layer]) -> dict[str, float | int | str]:
    """The facts by the names in facts.FACTS."""
    rows = summary(layers)
    return {
        "shapes": " → ".join(map(_words, [IMAGE, *(row.output_shape for row in rows)])),
        **_numbers_of_layers(layers),
        **_hidden(layers),
        **_parameters(rows),
        **_flattened(rows),
        **_first_convolution(rows),
        **_first_pooling(rows),
    }


def _words(shape: Shape) -> str:
    return " × ".join(map(str, shape))


def _numbers_of_layers(layers: Sequence[Layer]) -> dict[str, int]:
    kinds = {
        "num_layers": Layer,
        "num_dense": Dense,
        "num_convolutions": Conv2D,
        "num_pooling": (*_POOLINGS, GlobalAveragePooling2D),
        "num_dropout": Dropout,
        "num_batch_norm": BatchNormalization,
    }
    return {name: sum(isinstance(layer, kind) for layer in layers) for name, kind in kinds.items()}


def _hidden(layers: Sequence[Layer]) -> dict[str, int | str]:
    """What the layers with weights and an activation function have."""
    functions = _functions(layers)[:-1]
    found = {
        "num_hidden_layers": len(functions),
        "num_relu": functions.count("relu"),
        "num_sigmoid": functions.count("sigmoid"),
        "initialiser": next(of.kernel_initializer for of in layers if isinstance(of, Dense | Conv2D)),
    }
    return found | ({"activations": ", ".join(dict.fromkeys(functions))} if functions else {})


def _functions(layers: Sequence[Layer]) -> list[str]:
    """The activation function of each layer with weights: its own, or that of a layer behind it."""
    found: list[str] = []
    for layer in layers:
        if isinstance(layer, Dense | Conv2D):
            found.append(layer.activation or "linear")
        elif isinstance(layer, Activation) and found and found[-1] == "linear":
            found[-1] = layer.activation
    return found


def _parameters(rows: Sequence[Row]) -> dict[str, int]:
    norms = sum(row.num_parameters for row in rows if isinstance(row.layer, BatchNormalization))
    biases = sum(row.output_shape[-1] for row in rows if isinstance(row.layer, Dense | Conv2D))
    total = sum(row.num_parameters for row in rows)
    return {
        "num_parameters": total,
        "num_trainable": total - norms // 2,  # the two moving averages are not trained
        "num_biases": biases,
        "num_weights": total - norms - biases,
        "num_multiplications": sum(row.num_multiplications for row in rows),
        "num_output_inputs": rows[-1].input_shape[0],
    }


def _flattened(rows: Sequence[Row]) -> dict[str, int]:
    row = next((row for row in rows if isinstance(row.layer, Flatten)), None)
    return {"num_flattened": row.output_shape[0]} if row else {}


def _first_convolution(rows: Sequence[Row]) -> dict[str, int | str]:
    row = next((row for row in rows if isinstance(row.layer, Conv2D)), None)
    if not row:
        return {}
    return {
        "first_filters": row.layer.filters,
        "first_kernel": row.layer.kernel_size,
        "first_stride": row.layer.strides,
        "first_padding": row.layer.padding,
        "first_map": row.output_shape[0],
        "receptive_field": _receptive_field(rows),
    }


def _receptive_field(rows: Sequence[Row]) -> int:
    """The side, in pixels of the image, of what one value after the last convolution or pooling sees."""
    side = step = 1
    for layer in (row.layer for row in rows):
        if isinstance(layer, Conv2D):
            side, step = side + (layer.kernel_size - 1) * step, step * layer.strides
        elif isinstance(layer, _POOLINGS):
            side, step = side + (layer.pool_size - 1) * step, step * layer.pool_size
    return min(side, IMAGE[0])


def _first_pooling(rows: Sequence[Row]) -> dict[str, int]:
    row = next((row for row in rows if isinstance(row.layer, _POOLINGS)), None)
    return {"pool_before": row.input_shape[0], "pool_after": row.output_shape[0]} if row else {}
