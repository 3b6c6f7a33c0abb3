"""Plural rules of a language, as Unicode's CLDR writes them, for whole numbers.

The syntax is that of UTS #35, part 3, 'Language Plural Rules': `n % 10 = 2..4 and n % 100 != 12..14`. Of a
whole number the operands n and i are the number itself, and v, w, f, t, c and e, which speak of decimals
and exponents, are 0.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CATEGORIES = ("zero", "one", "two", "few", "many")
"""The categories that have rules. All other numbers are 'other'."""

_RANGE = r"\d{1,9}(?:\.\.\d{1,9})?"
_RELATION = re.compile(rf"([niwvftce])(?: ?% ?(\d{{1,9}}))? ?(!?=) ?({_RANGE}(?:, ?{_RANGE})*)")
_LONGEST = 300


class Plurals:
    """Says which plural category a count takes."""

    def __init__(self, rules: Mapping[str, str]) -> None:
        """`rules` by category, of CATEGORIES. Raises ValueError that says what was expected."""
        for category in rules:
            if category not in CATEGORIES:
                raise ValueError(f"one of the categories {', '.join(CATEGORIES)}")
        self._rules = [(category, rule_of(rules[category])) for category in CATEGORIES if category in rules]
        self.categories = (*(category for category, _ in self._rules), "other")
        self._known: dict[int, str] = {}

    def category(self, count: int) -> str:
        """Return the category of a count, which is at least 0."""
        known = self._known.get(count)
        if known is None:
            known = next((name for name, holds in self._rules if holds(count)), "other")
            if len(self._known) < 1_000:
                self._known[count] = known
        return known


def rule_of(text: object) -> Callable[[int], bool]:
    """Return whether a rule holds of a count. Raises ValueError where the text is no rule.

    >>> [n for n in range(30) if rule_of("n % 10 = 2..4 and n % 100 != 12..14")(n)]
    [2, 3, 4, 22, 23, 24]
    """
    if not isinstance(text, str) or len(text) > _LONGEST:
        raise ValueError("a plural rule as CLDR writes it")
    choices = [[_relation(part.strip()) for part in choice.split(" and ")] for choice in text.split(" or ")]
    return lambda count: any(all(holds(count) for holds in parts) for parts in choices)


def _relation(text: str) -> Callable[[int], bool]:
    found = _RELATION.fullmatch(text)
    if found is None or found[2] in {"0", "00"}:
        raise ValueError("a plural rule as CLDR writes it, such as 'n % 10 = 2..4 and v = 0'")
    operand, modulus, sign, told = found.groups()
    ranges = [part.strip().partition("..") for part in told.split(",")]
    spans = [(int(low), int(high or low)) for low, _, high in ranges]
    divisor = int(modulus) if modulus else 0

    def holds(count: int) -> bool:
        value = count if operand in "ni" else 0
        value = value % divisor if divisor else value
        return any(low <= value <= high for low, high in spans) == (sign == "=")

    return holds
