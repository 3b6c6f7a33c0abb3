"""How each column of the leads is read: its kind, its vocabulary, or why it is not used."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from features.cells import CellError, CellRules, boolean_of, distinct_cells, number_of, text_of, values_of
from features.columns.emails import ADDRESS
from features.columns.names import CONTEXT, COUNTRY, PERSON, PHONE, TITLE
from features.columns.places import region_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from features.batch import Cells

Kind = Literal[
    "number", "boolean", "category", "multi", "title", "email", "country", "source", "completeness"
]

SUPPORT = 20
"""How many leads must share a value before it is known by name: fewer could point to a person."""

VOCABULARY_SIZE = 200
"""The largest number of values known by name; the rest are 'other'."""

MULTI_SIZE = 20
"""The largest number of values of a multi-valued column: each is a feature of its own."""

_CODE = re.compile(r"(\W|_|^)(id|ids|no|number|code|zip|plz|postcode|postal.?code|phone|key)$", re.IGNORECASE)
_PHONE_NUMBER = re.compile(r"\+?[\d\s()./-]{7,20}")
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}([ T].*)?"
    r"|\d{1,2}[ -][A-Za-z]{3,9}[ -]\d{2,4}.*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the leads that becomes features.

    `vocabulary` are the values known by name (categories, multi-valued columns), the commonest first. A
    derived column stands in no file: `reads` are pairs of the part that a column plays and its name.
    """

    name: str
    kind: Kind
    family: Literal["fit", "context"]
    vocabulary: tuple[str, ...] = ()
    separator: str = ";"
    reads: tuple[tuple[str, str], ...] = ()

    @property
    def is_derived(self) -> bool:
        """Whether it is made from other columns."""
        return self.kind in {"source", "completeness"}


@dataclass(frozen=True, slots=True)
class Unused:
    """A column that becomes no feature, and why."""

    name: str
    why: str


def learn_column(
    name: str,
    cells: Cells,
    rules: CellRules,
    *,
    context: bool = False,
    separator: str | None = None,
) -> Column | Unused:
    """Say how to read a column, from its cells (one a lead); see `learn_counted`."""
    codes, distinct = distinct_cells(cells)
    counts = _counts(codes, len(distinct))
    return learn_counted(name, distinct, counts, rules, context=context, separator=separator)


def learn_counted(
    name: str,
    distinct: list[Any],
    counts: list[int],
    rules: CellRules,
    *,
    context: bool = False,
    separator: str | None = None,
) -> Column | Unused:
    """Say how to read a column, from its distinct cells and how many leads hold each.

    `context`: whether the mapping puts the column into that family (names such as 'utm_source' are put
    there anyway). `separator`: what parts the values of a multi-valued column.
    """
    family: Literal["fit", "context"] = "context" if context or CONTEXT.search(name) else "fit"
    if separator is not None or any(isinstance(cell, tuple) for cell in distinct):
        return _multi(name, family, distinct, counts, separator or ";", rules)
    texts = _texts(distinct, counts, rules)
    if texts is None:
        return Unused(name, "nested values")
    why = _useless(name, texts)
    if why is not None:
        return Unused(name, why)
    if _share(texts, lambda text: ADDRESS.fullmatch(text) is not None) >= 0.8:
        return Column(name=name, kind="email", family="fit")
    numeric = _is(distinct, number_of, rules)
    if TITLE.search(name) and not numeric:
        return Column(name=name, kind="title", family="fit")
    if _is(distinct, boolean_of, rules) and not set(texts) <= {"0", "1"}:
        return Column(name=name, kind="boolean", family=family)
    if numeric and not _CODE.search(name):
        return Column(name=name, kind="number", family=family)
    return _category(name, family, texts)


def _category(name: str, family: Literal["fit", "context"], texts: Counter[str]) -> Column | Unused:
    vocabulary = known_by_name(texts)
    if COUNTRY.search(name) and _share(texts, lambda text: region_of(text) is not None) >= 0.8:
        return Column(name=name, kind="country", family=family, vocabulary=vocabulary)
    if not vocabulary:
        return Unused(name, f"no value is shared by {SUPPORT} leads (an identifier or free text)")
    return Column(name=name, kind="category", family=family, vocabulary=vocabulary)


def _texts(distinct: list[Any], counts: list[int], rules: CellRules) -> Counter[str] | None:
    """Return how often each text stands in a column, or None where a cell is no single value."""
    texts: Counter[str] = Counter()
    for cell, count in zip(distinct, counts, strict=True):
        try:
            text = text_of(cell, rules)
        except CellError:
            return None
        if text is not None:
            texts[text] += count
    return texts


def known_by_name(texts: Counter[str]) -> tuple[str, ...]:
    """Return the values shared by enough leads, commonest first; case makes no difference."""
    together: dict[str, Counter[str]] = {}
    for text, count in texts.items():
        together.setdefault(text.casefold(), Counter())[text] += count
    ranked = sorted(
        ((sum(c.values()), min(c, key=lambda text: (-c[text], text))) for c in together.values()),
        key=lambda pair: (-pair[0], pair[1]),
    )
    return tuple(name for count, name in ranked if count >= SUPPORT)[:VOCABULARY_SIZE]


def _counts(codes: NDArray[np.int64], size: int) -> list[int]:
    counted = Counter(codes.tolist())
    return [counted[code] for code in range(size)]


def _share(texts: Counter[str], holds: Any) -> float:
    return sum(count for text, count in texts.items() if holds(text)) / texts.total()


def _is(distinct: list[Any], parse: Any, rules: CellRules) -> bool:
    """Return whether every cell, as it was typed, can be read."""
    try:
        for cell in distinct:
            parse(cell, rules)
    except CellError:
        return False
    return True


def _useless(name: str, texts: Counter[str]) -> str | None:
    if not texts:
        return "always empty"
    if PERSON.fullmatch(name):
        return "names of people are never used"
    if len(texts) == 1 and texts.total() < SUPPORT:
        return f"filled in for fewer than {SUPPORT} leads"
    if _share(texts, lambda text: _DATE.fullmatch(text) is not None) >= 0.9:
        return "a date (dates other than the creation are not used)"
    if PHONE.search(name) or _all_phones(texts):
        return "phone numbers are never used"
    if len(texts) == texts.total() >= 2 * SUPPORT and all(text.isdecimal() for text in texts):
        return "a different whole number for every lead (an identifier)"
    return None


def _all_phones(texts: Counter[str]) -> bool:
    marked = _share(texts, lambda text: text.startswith("+") or "(" in text)
    return marked > 0.5 and _share(texts, lambda text: _PHONE_NUMBER.fullmatch(text) is not None) >= 0.9


def _multi(
    name: str,
    family: Literal["fit", "context"],
    distinct: list[Any],
    counts: list[int],
    separator: str,
    rules: CellRules,
) -> Column | Unused:
    values: Counter[str] = Counter()
    for cell, count in zip(distinct, counts, strict=True):
        # Case makes no difference: a lead that holds 'AWS' and 'aws' counts once.
        held = {value.casefold(): value for value in values_of(cell, separator, rules) or ()}
        for value in held.values():
            values[value] += count
    vocabulary = known_by_name(values)[:MULTI_SIZE]
    if not vocabulary:
        return Unused(name, f"no value is shared by {SUPPORT} leads")
    return Column(name=name, kind="multi", family=family, vocabulary=vocabulary, separator=separator)
