"""Settings of a page as a link holds them: a frozen dataclass with one URL parameter a field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self


@dataclass(frozen=True)
class Parameter:
    """A URL parameter: its name, how it is read (ValueError if it is invalid), and how it is written."""

    name: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str


class InAddress:
    """Mixin for such a dataclass; its PARAMETERS maps field names to parameters."""

    PARAMETERS: ClassVar[Mapping[str, Parameter]]

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(parameter.name for parameter in cls.PARAMETERS.values())

    @classmethod
    def from_address(cls, address: Mapping[str, str]) -> tuple[Self, tuple[str, ...]]:
        """The settings in a URL's parameters, and the names of the parameters that are invalid.

        Invalid parameters count as absent; parameters with other names are ignored.
        """
        found, wrong = {}, []
        for field, parameter in cls.PARAMETERS.items():
            if parameter.name in address:
                try:
                    found[field] = parameter.read(address[parameter.name])
                except ValueError:
                    wrong.append(parameter.name)
        return cls(**found), tuple(wrong)

    def to_address(self) -> dict[str, str]:
        """The URL's parameters: only the fields that differ from the defaults."""
        defaults = {field.name: field.default for field in fields(self)}
        return {
            parameter.name: parameter.write(value)
            for field, parameter in self.PARAMETERS.items()
            if (value := getattr(self, field)) != defaults[field]
        }


def one_of(allowed: tuple[Any, ...], kind: Callable[[str], Any] = str) -> Callable[[str], Any]:
    """Reads one of `allowed`."""

    def read(text: str) -> Any:
        if (value := kind(text)) not in allowed:
            raise ValueError(text)
        return value

    return read


def number(low: float, high: float, kind: Callable[[str], Any] = int) -> Callable[[str], Any]:
    """Reads a number from `low` to `high`."""

    def read(text: str) -> Any:
        if not low <= (value := kind(text)) <= high:  # rejects NaN, too
            raise ValueError(text)
        return value

    return read
