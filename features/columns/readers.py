"""How the cells of one column become numbers of the vector, by the kind of the column."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from features.cells import boolean_of, number_of, text_of, values_of
from features.columns.emails import KINDS, kind_of_domain
from features.columns.places import REGIONS, region_of
from features.columns.titles import FUNCTION, SENIORITY, told_by

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from features.cells import CellRules
    from features.columns.learned import Column

_SENIORITY = {name: float(code) for code, name in enumerate(SENIORITY)}
_FUNCTION = {name: float(code) for code, name in enumerate(FUNCTION)}
_KIND = {name: float(code) for code, name in enumerate(KINDS)}
_REGION = {name: float(code) for code, name in enumerate(REGIONS)}


@dataclass(frozen=True, slots=True)
class CellReader:
    """`parse` turns a cell into `width` numbers, NaN where it is missing, or raises CellError."""

    parse: Callable[[Any], tuple[float, ...]]
    width: int

    @property
    def nothing(self) -> tuple[float, ...]:
        """What stands where nothing is known."""
        return (math.nan,) * self.width


def reader_of(column: Column, rules: CellRules) -> CellReader:
    """Return the reader of a column that stands in the company's own tables.

    >>> from features.cells import CellRules
    >>> from features.columns.learned import Column
    >>> reader_of(Column(name="size", kind="number", family="fit"), CellRules()).parse("1,200")
    (1200.0,)
    """
    match column.kind:
        case "number":
            return CellReader(lambda cell: (number_of(cell, rules),), 1)
        case "boolean":
            return CellReader(_boolean(rules), 1)
        case "category":
            return CellReader(_category(column.vocabulary, rules), 1)
        case "country":
            return CellReader(_country(column.vocabulary, rules), 2)
        case "title":
            return CellReader(_title(rules), 2)
        case "email":
            return CellReader(_email(rules), 1)
        case "multi":
            return CellReader(_multi(column, rules), len(column.vocabulary))
        case _:
            raise TypeError(f"a column of the kind {column.kind!r} is derived, not read")


def _boolean(rules: CellRules) -> Callable[[Any], tuple[float, ...]]:
    of_true, of_false = (boolean_of(True, rules),), (boolean_of(False, rules),)

    def parse(cell: Any) -> tuple[float, ...]:
        if cell is True:
            return of_true
        return of_false if cell is False else (boolean_of(cell, rules),)

    return parse


def _category(vocabulary: Sequence[str], rules: CellRules) -> Callable[[Any], tuple[float, ...]]:
    code = {value.casefold(): float(position) for position, value in enumerate(vocabulary)}
    other = float(len(vocabulary))

    def parse(cell: Any) -> tuple[float, ...]:
        text = text_of(cell, rules)
        return (math.nan,) if text is None else (code.get(text.casefold(), other),)

    return parse


def _country(vocabulary: Sequence[str], rules: CellRules) -> Callable[[Any], tuple[float, ...]]:
    code = {value.casefold(): float(position) for position, value in enumerate(vocabulary)}
    other = float(len(vocabulary))
    region_of("")  # The list of countries is read now, not while the first lead waits.

    def parse(cell: Any) -> tuple[float, ...]:
        text = text_of(cell, rules)
        if text is None:
            return (math.nan, math.nan)
        region = region_of(text)
        return (code.get(text.casefold(), other), math.nan if region is None else _REGION[region])

    return parse


def _title(rules: CellRules) -> Callable[[Any], tuple[float, ...]]:
    def parse(cell: Any) -> tuple[float, ...]:
        title = text_of(cell, rules)
        if title is None:
            return (math.nan, math.nan)
        seniority, function = told_by(title)
        return (_SENIORITY[seniority], _FUNCTION[function])

    return parse


def _email(rules: CellRules) -> Callable[[Any], tuple[float, ...]]:
    kind_of_domain("nobody@company.example")  # The list of throw-away domains is read now, likewise.

    def parse(cell: Any) -> tuple[float, ...]:
        address = text_of(cell, rules)
        kind = None if address is None else kind_of_domain(address)
        return (math.nan,) if kind is None else (_KIND[kind],)

    return parse


def _multi(column: Column, rules: CellRules) -> Callable[[Any], tuple[float, ...]]:
    width = len(column.vocabulary)
    places: dict[str, list[int]] = {}
    for place, value in enumerate(column.vocabulary):
        places.setdefault(value.casefold(), []).append(place)

    def parse(cell: Any) -> tuple[float, ...]:
        values = values_of(cell, column.separator, rules)
        if values is None:
            return (math.nan,) * width
        held = [0.0] * width
        for value in values:
            for place in places.get(value.casefold(), ()):
                held[place] = 1.0
        return tuple(held)

    return parse
