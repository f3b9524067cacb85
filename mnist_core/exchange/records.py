"""The recipe, results, metrics and origin of a run from outside: known names, with values of the right kind."""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from mnist_core.exchange.refusals import can_be_shown, from_json, shown
from mnist_core.exchange.strict_json import parsed
from mnist_core.language.messages import Message, message, said_by
from mnist_core.recipes.recipe import BOUNDS, Recipe

MOST_ROWS, MOST_ROW_BYTES = 100_000, 32_000_000
MOST_REMARKS = 10
KINDS = ("bundle", "keras", "weights")  # of files from outside
WAYS = {"scaled": True, "raw": False}  # pixels from 0 to 1, or from 0 to 255
_LONGEST_ROW = 2000  # bytes
_LONGEST_TEXT = 1000  # letters
_FLAGS = ("scaling", "other_handwriting", "test_time_shifts", "shuffled_labels")
_MOST = 10**9  # of a count, or of seconds

Check = Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and abs(value) <= 1e30


def _is_figure(value: Any) -> bool:
    """A loss that is not finite is stored as null."""
    return value is None or _is_number(value)


def _is_share(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= 1


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _MOST


def _is_epoch(value: Any) -> bool:
    return type(value) is int and 1 <= value <= BOUNDS["epochs"][1]


def _is_time(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= _MOST


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 200 and all(map(can_be_shown, value))


def is_checksum(value: Any) -> bool:
    """Whether it is a SHA-256, in hexadecimal digits."""
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def _is_remarks(value: Any) -> bool:
    try:
        return isinstance(value, list) and len(value) <= MOST_REMARKS and all(map(from_json, value))
    except ValueError:
        return False


def _is_versions(value: Any) -> bool:
    return isinstance(value, dict) and len(value) <= 20 and all(map(_is_word, (*value, *value.values())))


_LESSON = [f"{what}_{when}" for what in ("test", "taught", "held_back") for when in ("before", "after")]
_RESULT: dict[str, Check] = {
    "status": lambda value: value in ("finished", "stopped"),
    "recipe": _is_word,
    "seed": _is_count,
    "epochs": lambda value: (type(value) is int and value == 0) or _is_epoch(value),  # 0: stopped at once
    "steps": _is_count,
    "test_accuracy": _is_share,
    "test_loss": _is_figure,
    "seconds": _is_time,
    "seconds_per_step": lambda value: value is None or _is_time(value),
    "precision": lambda value: value in ("float32", "bfloat16"),
    "parameters": _is_count,
    "temperature": lambda value: _is_number(value) and value > 0,
    "pen_digits": _is_count,
    "is_mnist": _is_flag,
    **dict.fromkeys(_LESSON, _is_share),
    "versions": _is_versions,
}
_NEEDED = ("status", "recipe", "epochs", "test_accuracy", "test_loss", "seconds", "is_mnist")
_ROW: dict[str, Check] = {
    "epoch": _is_epoch,
    "step": _is_count,
    "epochs_done": lambda value: _is_number(value) and 1e-6 <= value <= BOUNDS["epochs"][1],
    "seconds": _is_time,
    **dict.fromkeys(("loss", "cross_entropy", "val_loss", "val_cross_entropy"), _is_figure),
    **dict.fromkeys(("accuracy", "val_accuracy"), _is_share),
    **dict.fromkeys(("end", "last", "stopped"), _is_flag),
    "note": _is_word,
}
_ORIGIN: dict[str, Check] = {
    "kind": KINDS.__contains__,
    "file": _is_word,
    "sha256": is_checksum,
    "pixels": tuple(WAYS).__contains__,
    **dict.fromkeys(WAYS, _is_share),
    "remarks": _is_remarks,
    **dict.fromkeys(("trained_on_mnist", "has_same_data"), lambda value: value is None or _is_flag(value)),
    "before": lambda value: isinstance(value, dict) and "before" not in value and bool(checked_origin(value)),
}
_MEASURED = {"epoch", "step", "epochs_done", "seconds", "loss", "accuracy"}  # early versions wrote no more


def checked_recipe(data: dict[str, Any]) -> Recipe:
    """The content of a recipe.json. ValueError if it is not a valid recipe."""
    try:
        for name in _FLAGS:
            if not isinstance(data.get(name, False), bool):
                raise ValueError(message("{name} must be true or false.", name=name))
        published = data.get("published")
        texts = [data.get("title"), data.get("shows")]
        if published is not None:
            texts += [published["tutorial"], published.get("note", "")]
            if len(published["accuracies"]) > BOUNDS["epochs"][1]:
                raise ValueError(message("accuracies must be pairs of epoch and accuracy."))
        if not all(map(_is_line, texts)):
            raise ValueError(
                message("Its texts must be single lines of at most {limit} letters.", limit=_LONGEST_TEXT)
            )
        return Recipe.from_json(data)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError) as error:
        raise ValueError(message("recipe.json is invalid: {problem}", problem=_said(error))) from None


def _is_line(text: Any) -> bool:
    """Whether it is a line that can be shown."""
    return isinstance(text, str) and len(text) <= _LONGEST_TEXT and all(map(can_be_shown, text))


def _said(error: Exception) -> Message | str:
    said = said_by(error)
    return said if isinstance(said, Message) else shown(f"{type(error).__name__}: {said}")


def checked_result(data: dict[str, Any]) -> dict[str, Any]:
    """The content of a result.json. ValueError if a value is missing, unknown or of the wrong kind."""
    needed = (*_NEEDED, *(_LESSON if data.keys() & set(_LESSON) else ()))
    return _checked(data, _RESULT, "result.json", [name for name in needed if name not in data])


def checked_origin(data: dict[str, Any]) -> dict[str, Any]:
    """The content of an origin.json. ValueError if a value is missing, unknown or of the wrong kind."""
    needed = ("kind", "file", "sha256", "pixels", "remarks")
    return _checked(data, _ORIGIN, "origin.json", [name for name in needed if name not in data])


def checked_rows(content: bytes) -> Iterator[dict[str, Any]]:
    """The rows of a metrics.jsonl. ValueError names the first that is not as a training writes it."""
    if content.count(b"\n") > MOST_ROWS:
        raise ValueError(message("metrics.jsonl has more than {limit:,} rows.", limit=MOST_ROWS))
    steps = {True: 0, False: 0}  # of the last row at an epoch's end, and of the last within one
    for number, line in enumerate(content.split(b"\n"), 1):
        if not line:
            continue
        name = f"metrics.jsonl:{number}"
        if len(line) > _LONGEST_ROW:
            raise ValueError(_wrong(name, "…"))
        row = parsed(line, name)
        is_event = row.keys() <= {"stopped", "note", "step"} and len(row.keys() - {"step"}) > 0
        _checked(row, _ROW, name, [] if is_event else _lacking(row))
        if not is_event:
            _check_measures(row, name)
            if row["step"] <= steps["end" in row]:
                raise ValueError(_wrong(name, "step"))
            steps["end" in row] = row["step"]
        yield row


def _lacking(row: dict[str, Any]) -> list[str]:
    """What a row with measures lacks. Early versions wrote no cross-entropy."""
    needed = set(_MEASURED)
    if any(key.startswith("val_") for key in row):
        needed |= {"val_loss", "val_accuracy"} | ({"val_cross_entropy"} if "cross_entropy" in row else set())
    return sorted(needed - row.keys())


def _check_measures(row: dict[str, Any], name: str) -> None:
    """ValueError if at an epoch's end one of two losses is a number and the other is not."""
    if "end" in row and (row["loss"] is None) != (row.get("cross_entropy", row["loss"]) is None):
        raise ValueError(_wrong(name, "cross_entropy"))


def _checked(data: dict[str, Any], checks: dict[str, Check], name: str, lacks: list[str]) -> dict[str, Any]:
    if lacks:
        raise ValueError(_wrong(name, lacks[0]))
    for key, value in data.items():
        if key not in checks or not checks[key](value):
            raise ValueError(_wrong(name, key))
    return data


def _wrong(name: str, key: str) -> Any:
    return message("In {name}, {key} is missing, unknown or out of range.", name=name, key=shown(key))
