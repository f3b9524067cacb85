"""Settings of a page as a link holds them: a frozen dataclass whose fields each have a parameter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self


@dataclass(frozen=True)
class Parameter:
    """A field's name in an address, how it is read there (ValueError where it cannot be), how it is written."""

    name: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str


class InAddress:
    """What such a dataclass can do; its PARAMETERS stand by the names of its fields."""

    PARAMETERS: ClassVar[Mapping[str, Parameter]]

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(parameter.name for parameter in cls.PARAMETERS.values())

    @classmethod
    def from_address(cls, address: Mapping[str, str]) -> tuple[Self, tuple[str, ...]]:
        """The settings in an address's parameters, and the names of those that could not be understood.

        These are as if they were not there; parameters of other names are left alone.
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
        """The parameters for an address: only of what differs from the defaults."""
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
        if not low <= (value := kind(text)) <= high:  # not a number is neither
            raise ValueError(text)
        return value

    return read
