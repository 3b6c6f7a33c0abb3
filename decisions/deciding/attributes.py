"""The attributes of a lead, as a policy names them, read from whatever columns it has."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from decisions.deciding.bant import PREFIX
from features.cells import CellError, CellRules, boolean_of, number_of, text_of
from features.columns.emails import domain_of, kind_of_domain
from features.columns.places import code_of, region_of
from features.columns.plain_words import plain
from features.columns.titles import function_of, seniority_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from decisions.policy import Policy
    from decisions.policy.attributes import Attribute, BantColumns
    from features.batch import Cells

MOST_NAMES = 4_096
"""Of so many columns it is remembered which attributes they may hold."""

_OTHER = re.compile(r"[\W_]+")
Places = tuple[tuple[str, int, Any], ...]
"""What a column may hold: the attribute, which of its columns this is, and what reads it."""

UNKNOWN: dict[str, Any] = {
    "number": None,
    "given": False,
    "yes_no": "unknown",
    "words": [],
    "has_word": False,
}
"""What stands for 'not known', by kind; for the others it is ''."""


def unknown_values(policy: Policy) -> dict[str, Any]:
    """Return what stands for 'not known' of each name that a lead may lack."""
    of_columns = {name: UNKNOWN.get(one.kind, "") for name, one in policy.attributes.items()}
    of_bant = {PREFIX + question: "unknown" for question in policy.bant}
    of_score = dict.fromkeys(("probability", "engagement_score", "base_rate", "value", "age_days", "score"))
    return {**of_score, **of_columns, **of_bant, "fit_score": None}


class AttributeReader:
    """Reads the attributes that are asked for. Several threads may use it.

    A cell that cannot be read is not known: the score's own reader says what is wrong with it.
    """

    def __init__(self, policy: Policy, wanted: Sequence[str], rules: CellRules) -> None:
        self._rules = rules
        attributes = {name: policy.attributes[name] for name in wanted if name in policy.attributes}
        self._columns = {name: _plain_names(one.columns) for name, one in attributes.items()}
        self._readers: dict[str, Any] = {name: _reader_of(one) for name, one in attributes.items()}
        self.unknown = {name: UNKNOWN.get(one.kind, "") for name, one in attributes.items()}
        for question, one in policy.bant.items():
            self._columns[PREFIX + question] = _plain_names(one.columns)
            self._readers[PREFIX + question] = partial(_bant_answer, one)
            self.unknown[PREFIX + question] = "unknown"
        self._places: dict[str, Places] = {}

    def read(self, cells: Mapping[str, Any]) -> dict[str, Any]:
        """Return the value of each attribute, or what stands for 'not known'."""
        places = self._places
        if len(places) > MOST_NAMES:
            places.clear()
        told = []
        for name, cell in cells.items():
            found = places.get(name)
            if found is None:
                found = self._placed(name)
            if found and cell is not None:
                told.append((found, cell))
        return self._read(told)

    def read_columns(self, columns: Mapping[str, Cells], rows: int) -> list[dict[str, Any]]:
        """Return the values of each of so many leads, whose cells stand in columns."""
        wanted = [(places, list(columns[name])) for name in columns if (places := self._placed(name))]
        return [
            self._read([(places, cells[row]) for places, cells in wanted if cells[row] is not None])
            for row in range(rows)
        ]

    def _read(self, told: Sequence[tuple[Places, Any]]) -> dict[str, Any]:
        """Return the attributes by cells that are there; of several columns the one named first counts."""
        best: dict[str, tuple[int, Any, Any]] = {}
        for places, cell in told:
            for attribute, rank, reader in places:
                held = best.get(attribute)
                if held is None or rank < held[0]:
                    best[attribute] = rank, reader, cell
        found = self.unknown.copy()
        for attribute, (_, reader, cell) in best.items():
            with suppress(CellError):
                found[attribute] = reader(cell, self._rules)
        return found

    def _placed(self, name: str) -> Places:
        """Return the attributes that a column may hold."""
        said = _plain(name)
        places = self._places[name] = tuple(
            (attribute, columns.index(said), self._readers[attribute])
            for attribute, columns in self._columns.items()
            if said in columns
        )
        return places


def _plain(name: str) -> str:
    return _OTHER.sub("_", name).strip("_").casefold()


def _plain_names(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_plain, names)))


def _text(cell: Any, rules: CellRules) -> str:
    if isinstance(cell, list | tuple):
        return ";".join(_text(part, rules) for part in cell)
    return (text_of(cell, rules) or "").casefold()


def _words(cell: Any, rules: CellRules) -> list[str]:
    return list(_plain_words(_text(cell, rules)))


def _has_word(wanted: frozenset[str], cell: Any, rules: CellRules) -> bool:
    return not wanted.isdisjoint(_plain_words(_text(cell, rules)))


@lru_cache(maxsize=8_192)
def _plain_words(text: str) -> tuple[str, ...]:
    return tuple(plain(text).split())


def _number(cell: Any, rules: CellRules) -> float | None:
    number = number_of(cell, rules)
    return None if math.isnan(number) else number


def _yes_no(cell: Any, rules: CellRules) -> str:
    answer = boolean_of(cell, rules)
    return "unknown" if math.isnan(answer) else "yes" if answer else "no"


def _given(cell: Any, rules: CellRules) -> bool:
    return bool(_text(cell, rules))


def _of_text(told: Callable[[str], str | None], cell: Any, rules: CellRules) -> str:
    text = text_of(cell, rules)
    return "" if text is None else (told(text) or "").casefold()


def _bant_answer(columns: BantColumns, cell: Any, rules: CellRules) -> str:
    """Return yes, no or unknown: by the policy's own words, else by the usual ones."""
    word = _text(cell, rules)
    if word in columns.yes:
        return "yes"
    if word in columns.no:
        return "no"
    return _yes_no(cell, rules)


def _reader_of(attribute: Attribute) -> Any:
    if attribute.kind != "has_word":
        return READERS[attribute.kind]
    return partial(_has_word, frozenset(word for one in attribute.words for word in plain(one).split()))


READERS: dict[str, Any] = {
    "text": _text,
    "words": _words,
    "number": _number,
    "yes_no": _yes_no,
    "given": _given,
    "country": partial(_of_text, code_of),
    "region": partial(_of_text, region_of),
    "email_domain": partial(_of_text, domain_of),
    "email_kind": partial(_of_text, kind_of_domain),
    "seniority": partial(_of_text, seniority_of),
    "function": partial(_of_text, function_of),
}


def plain_name(name: str) -> str:
    """Return the name of a column as policies compare it: letters and digits count, capitals do not.

    >>> plain_name("Decision-Maker "), plain_name("decision_maker")
    ('decision_maker', 'decision_maker')
    """
    return _plain(name)


def answer_columns(policy: Policy) -> frozenset[str]:
    """Return the plain names of the columns that answer one of the four questions."""
    return frozenset(name for one in policy.bant.values() for name in _plain_names(one.columns))
