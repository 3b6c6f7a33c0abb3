"""What sentences are made with: a catalogue, and how it and a company name and count things."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from features.words.deeds import Deeds
from features.words.naming import Naming, OwnColumn
from features.words.numerals import Numerals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from features.words.catalogue import Catalogue


MOST_REMEMBERED = 5_000
"""So many counts in words are remembered, which a lead's five reasons say again and again."""


MOST_KEPT_BY_ONE = 1_000
"""So many sentences are kept by what says one group of features."""


class Sayings(dict[Any, str]):
    """Sentences by all that they depend on, once it is rounded to what is told: counts, whole days, codes.

    Of that there is little, so other leads say the same again, and a million of them spare themselves most
    of the work. A key is a tuple that holds no nan, which is equal to nothing.
    """

    def __init__(self, say: Callable[..., str]) -> None:
        super().__init__()
        self._say = say

    def __missing__(self, key: tuple[Any, ...]) -> str:
        text = self._say(*key)
        if len(self) < MOST_KEPT_BY_ONE:
            self[key] = text
        return text


@dataclass(frozen=True, slots=True)
class Book:
    """A catalogue with what reads it."""

    catalogue: Catalogue
    numerals: Numerals
    naming: Naming
    deeds: Deeds
    said_before: dict[tuple[str, int], str] = field(default_factory=dict)

    def text(self, key: str, **said: str) -> str:
        """Return a text of [sentences], its places filled."""
        return self.catalogue.templates[f"sentences.{key}"].fill(**said)

    def part(self, key: str, **fixed: str) -> Callable[..., str]:
        """Return what fills a text of [sentences], some of its places for good."""
        template = self.catalogue.templates[f"sentences.{key}"]
        return lambda **said: template.fill(**fixed, **said)

    def counted(self, key: str, count: int, **said: str) -> str:
        """Return the form of a text of [counts] that a count takes, its places filled."""
        return self.catalogue.counted(f"counts.{key}", count).fill(count=self.numerals.number(count), **said)

    def count(self, key: str, count: int) -> str:
        """Return the same of a text with no other place; what was said before is remembered."""
        known = self.said_before.get((key, count))
        if known is None:
            known = self.counted(key, count)
            if len(self.said_before) < MOST_REMEMBERED:
                self.said_before[key, count] = known
        return known

    def ago(self, days: int) -> str:
        """Return how long ago so many whole days are."""
        return self.count("ago", days)

    def times(self, count: int) -> str:
        """Return how often: 'once', 'twice', '3 times'."""
        return self.count("times", count)

    def named(self, section: str, name: str) -> str:
        """Return a text of another section that has no places."""
        return self.catalogue.text(f"{section}.{name}")


def whole_days(days: float) -> int:
    """Return the days that are over, at least 0, as they are told."""
    return max(0, math.floor(days))


def book_of(catalogue: Catalogue, columns: Mapping[str, OwnColumn]) -> Book:
    """Return the book of a catalogue and what a company says of its columns."""
    numerals = Numerals(catalogue)
    naming = Naming(catalogue, numerals, columns)
    return Book(catalogue, numerals, naming, Deeds(catalogue, naming, numerals))
