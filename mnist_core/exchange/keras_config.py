"""A Keras model's config.json as data: which layers, in which order, and how it was trained.

    {"module": "keras", "class_name": "Sequential",
     "config": {"layers": [{"module": "keras.layers", "class_name": "Dense", "config": {...}}, ...]},
     "compile_config": {"optimizer": {"class_name": "Adam", "config": {"learning_rate": 0.001}}}}

A functional model's layers also have `inbound_nodes`, which name the layers before them.
"""

from collections.abc import Mapping
from typing import Any

from mnist_core.exchange.kinds import INPUT_OPTIONS, take
from mnist_core.exchange.options import Options
from mnist_core.exchange.rebuild import INPUTS, Rebuilt
from mnist_core.exchange.refusals import shown
from mnist_core.language.messages import message
from mnist_core.recipes.network import MAX_LAYERS, summary
from mnist_core.recipes.recipe import BOUNDS, USUAL_RATES

_MOST_ENTRIES = 2 * MAX_LAYERS  # layers in the file, with those that have no effect
_MODULES = ("keras", "keras.models", "keras.src.models.sequential", "keras.src.models.functional")


def rebuilt(config: Mapping[str, Any]) -> Rebuilt:
    """The network that the config describes, within the limits of a recipe. ValueError says what is wrong."""
    entries = _entries(config)
    shape = _input_shape(config, entries)
    found = Rebuilt(shape)
    if entries[0].kind == "InputLayer":
        entries[0].check(INPUT_OPTIONS)
        found.names.add("input_layer")
        entries = entries[1:]
    for options in entries:
        take(found, options)
    found.finish()
    summary(found.layers)
    return found


def optimizer(config: Mapping[str, Any]) -> dict[str, Any]:
    """The optimizer and learning rate with which it was trained, where they are ours; else nothing."""
    compiled = config.get("compile_config")
    stored = compiled.get("optimizer") if isinstance(compiled, dict) else None
    values = stored.get("config") if isinstance(stored, dict) else None
    if not isinstance(values, dict) or not isinstance(stored.get("class_name"), str):
        return {}
    name = stored["class_name"].lower()
    if name == "sgd" and values.get("momentum"):
        name = "nesterov" if values.get("nesterov") is True else "momentum"
    if name not in USUAL_RATES:
        return {}
    rate, (low, high) = values.get("learning_rate"), BOUNDS["learning_rate"]
    is_rate = type(rate) in (int, float) and low <= rate <= high
    return {"optimizer": name, "learning_rate": float(f"{rate:.6g}") if is_rate else USUAL_RATES[name]}


def _entries(config: Mapping[str, Any]) -> list[Options]:
    """The layers in order. ValueError if the model is of another kind, or not one chain."""
    kind, registered = config.get("class_name"), config.get("registered_name")
    is_kerass = config.get("module") in _MODULES and registered in (None, kind)
    if kind not in ("Sequential", "Functional") or not is_kerass:
        raise ValueError(
            message(
                "The model is of type {kind}; supported are Sequential, and Functional if it is one chain of "
                "layers.",
                kind=shown(kind if is_kerass else registered or config.get("module")),
            )
        )
    inner = config.get("config")
    stored = inner.get("layers") if isinstance(inner, dict) else None
    if not isinstance(stored, list) or not stored:
        raise ValueError(message("config.json lists no layers."))
    if len(stored) > _MOST_ENTRIES:
        raise ValueError(
            message("{number} layers are too many: the limit is {limit}.", number=len(stored), limit=MAX_LAYERS)
        )
    entries = [_options(layer) for layer in stored]
    if kind == "Functional":
        _check_chain(inner, stored, entries)
    return entries


def _options(stored: Any) -> Options:
    """One layer's name, class and options. ValueError if it is not one of Keras's own layers."""
    values = stored.get("config") if isinstance(stored, dict) else None
    kind = stored.get("class_name") if isinstance(stored, dict) else None
    if not isinstance(values, dict) or not isinstance(kind, str):
        raise ValueError(message("config.json has a layer without a class or without options."))
    name, registered = values.get("name"), stored.get("registered_name")
    if stored.get("module") != "keras.layers" or registered not in (None, kind):
        raise ValueError(
            message(
                "The layer {name} is not one of Keras's own layers but code from elsewhere ({source}), which "
                "is not run here.",
                name=shown(name),
                source=shown(registered or f"{stored.get('module')}.{kind}"),
            )
        )
    return Options(name if isinstance(name, str) else kind, kind, values)


def _check_chain(inner: Mapping[str, Any], stored: list[Any], entries: list[Options]) -> None:
    """ValueError unless each layer is used once, on the output of the one before it, from one input to one
    output."""
    names = [options.name for options in entries]
    before = None
    for layer, name in zip(stored, names):
        if layer.get("name", name) != name or names.count(name) > 1 or _inbound(layer) != before:
            raise ValueError(
                message(
                    "The model is not one chain of layers: {name} is used twice, has several inputs, or comes "
                    "after another layer than the one before it.",
                    name=shown(name),
                )
            )
        before = [name]
    for key, name in (("input_layers", names[0]), ("output_layers", names[-1])):
        if inner.get(key) not in ([name, 0, 0], [[name, 0, 0]]):
            raise ValueError(message("The model must have one input and one output."))


def _inbound(layer: Mapping[str, Any]) -> list[str] | None:
    """The names of the layers before this one; None for an input. ["?"] if it is called in an unusual way."""
    nodes = layer.get("inbound_nodes")
    if nodes == []:
        return None
    try:
        (node,) = nodes
        (tensor,) = node["args"]
        name, *place = tensor["config"]["keras_history"]
        is_plain = not any(node["kwargs"].values()) and place == [0, 0] and isinstance(name, str)
    except (TypeError, ValueError, KeyError, AttributeError):
        return ["?"]
    return [name] if is_plain else ["?"]


def _input_shape(config: Mapping[str, Any], entries: list[Options]) -> tuple[int, ...]:
    """The shape of one image as the model takes it."""
    first, inner = entries[0], config["config"]
    batch = first.values.get("batch_shape", first.values.get("batch_input_shape"))
    if batch is None:
        batch = inner.get("build_input_shape")
    shape = tuple(batch[1:]) if isinstance(batch, list) else ()
    if shape not in INPUTS or not all(type(side) is int for side in shape):
        raise ValueError(
            message(
                "The model takes inputs of the shape {shape}; supported are 28 × 28, 28 × 28 × 1 and 784.",
                shape=shown(list(shape)),
            )
        )
    return shape
