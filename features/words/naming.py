"""What columns, their values and types of events are called, where no sentence of their own says it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from features.columns.names import YEAR
from features.words.plain import bare, plain, sentence, spaced

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from features.words.catalogue import Catalogue
    from features.words.numerals import Numerals
    from features.words.template import Template

LONGEST_NAME = 60
LONGEST_VALUE = 60
"""Longer names and values are cut with …"""

_CURRENCY = re.compile(
    r"(?P<name>.*[^\W_])[\W_]+\(?\[?(?P<code>EUR|USD|GBP|CHF|JPY|INR|AUD|CAD|SEK|NOK|DKK|PLN|CZK|BRL|CNY|€|\$|£|¥)\]?\)?",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"%|(^|[\W_])(percent|percentage|pct|prozent)([\W_]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OwnColumn:
    """What a company says of one of its columns: its name, the unit of its numbers, names of its values.

    `values` by the value in the files, its case folded.
    """

    name: str | None = None
    unit: Mapping[str, Template] | None = None
    values: Mapping[str, str] = field(default_factory=dict)


class Naming:
    """Names things as a catalogue and a company's own words say."""

    def __init__(self, catalogue: Catalogue, numerals: Numerals, columns: Mapping[str, OwnColumn]) -> None:
        self._catalogue = catalogue
        self._numerals = numerals
        self._columns = columns
        self._capitals = {word.casefold(): word for word in catalogue.lists["names.capitals"]}

    def column(self, column: str) -> str:
        """Return a column's name as a person would write it: 'Company size' for company_size."""
        own = self._columns.get(column)
        if own is not None and own.name is not None:
            return own.name
        found = _CURRENCY.fullmatch(column)
        return self.written(found["name"] if found else column)

    def written(self, name: str) -> str:
        """Return a name of a file as a person would write it."""
        words = bare(spaced(plain(name, LONGEST_NAME)), LONGEST_NAME)
        if not words:
            seen = plain(name, LONGEST_NAME)
            return self._quoted(seen) if seen else self._catalogue.text("names.nameless")
        if words.islower() or words != name:
            words = " ".join(self._capitals.get(word, word) for word in words.split(" "))
        return sentence(words)

    def value(self, column: str, text: str) -> str:
        """Return a value of a column as it is said."""
        own = self._columns.get(column)
        named = None if own is None else own.values.get(text.casefold())
        if named is not None:
            return named
        said = plain(text, LONGEST_VALUE)
        return said if any(character.isalnum() for character in said) else self._quoted(said)

    def numbers(self, column: str, *, with_unit: bool = True) -> Callable[[float], str]:
        """Return what writes numbers of a column, as amounts, percentages or years where its name says so.

        A unit that the company states stands after it, where it is wanted.
        """
        numerals, own = self._numerals, self._columns.get(column)
        unit = None if own is None else own.unit
        if unit is not None and with_unit:
            return lambda value: f"{numerals.number(value)} {self._unit(unit, value)}"
        found = _CURRENCY.fullmatch(column)
        if found:
            currency = found["code"].upper()
            return lambda value: numerals.money(value, currency)
        if YEAR.search(column):
            return lambda value: str(int(value)) if is_year(value) else numerals.number(value)
        if _PERCENT.search(column):
            # A share of 0.05 may be meant as 5 %: only what is more than 1 is surely in hundredths.
            return lambda value: numerals.hundredths(value) if abs(value) > 1 else numerals.number(value)
        return numerals.number

    def _unit(self, unit: Mapping[str, Template], value: float) -> str:
        whole = value == math.floor(value) and 0 <= value < 1e9
        category = self._catalogue.plurals.category(int(value)) if whole else "other"
        return (unit.get(category) or unit["other"]).text

    def _quoted(self, text: str) -> str:
        return self._catalogue.templates["names.quoted"].fill(text=text or "…")

    def key(self, key: str) -> str:
        """Return the name of a type of event, or of a type with its detail: 'Badge scanned (hall 2)'."""
        name, _, detail = key.partition(".")
        if not name or not detail:
            return self.written(key)
        said = self.detail(detail)
        return self._catalogue.templates["names.detail"].fill(name=self.written(name), detail=said)

    def detail(self, detail: str) -> str:
        """Return the detail of an event as it is said."""
        return bare(detail.replace("_", " "), LONGEST_NAME) or self._quoted(plain(detail, LONGEST_NAME))


def is_year(value: float) -> bool:
    """Return whether a number can be a year, in a column whose name speaks of one.

    >>> is_year(1951.0), is_year(1951.5), is_year(12_000.0)
    (True, False, False)
    """
    return 1_000 <= value < 3_000 and value % 1 == 0
