"""What the agreement is made of: sections with sentences, lists and tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Table:
    """A table; each row has a cell for each column."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Points:
    """A list of sentences."""

    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A condition as it is written in the policy, under what it decides."""

    label: str
    condition: str


Part: TypeAlias = "str | Table | Points | Written"


@dataclass(frozen=True, slots=True)
class Section:
    """A section under its title."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """The whole of it: title, what stands before the first section, and the sections."""

    title: str
    said: tuple[str, ...]
    sections: tuple[Section, ...]
