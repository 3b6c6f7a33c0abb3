"""Conditions that are asked together: one program answers all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cel

from decisions.conditions.condition import names_in

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_PATTERNS = 64
"""So many programs are kept, for different sets of what is not known."""

_FAILURES = (TypeError, ValueError, RuntimeError, ArithmeticError)


class Held(NamedTuple):
    """Which conditions hold, by name; and which could not be answered, because something is not known.

    One that could not be answered does not hold.
    """

    true: frozenset[str]
    unknown: frozenset[str]


class Bundle:
    """Conditions by name, compiled as one list: the values are handed over once for all of them.

    Those that ask for what is not known (None) are answered apart: a comparison with None cannot be answered,
    while `false && x` is false and `true || x` true whatever x is. `needs` are the names that the conditions
    ask for, in order. Several threads may use it.
    """

    def __init__(self, conditions: Mapping[str, str]) -> None:
        self.names = tuple(conditions)
        self._texts = dict(conditions)
        self._needs_of = {name: names_in(text) for name, text in conditions.items()}
        self.needs = tuple(sorted(frozenset[str]().union(*self._needs_of.values())))
        self._patterns: dict[tuple[str, ...], _Pattern] = {}

    def ask(self, values: Mapping[str, Any]) -> Held:
        """Return which conditions hold for values, which name all that is asked for. Raises KeyError else."""
        asked = {name: values[name] for name in self.needs}
        missing = tuple([name for name, value in asked.items() if value is None])
        pattern = self._patterns.get(missing) or self._pattern(missing)
        return pattern.ask(asked)

    def _pattern(self, missing: tuple[str, ...]) -> _Pattern:
        gone = frozenset(missing)
        sure = {name: text for name, text in self._texts.items() if gone.isdisjoint(self._needs_of[name])}
        unsure = {name: text for name, text in self._texts.items() if name not in sure}
        pattern = _Pattern(sure, unsure)
        if len(self._patterns) < MOST_PATTERNS:
            self._patterns[missing] = pattern
        return pattern


class _Pattern:
    """The conditions for one set of what is not known: the sure ones as one program, the others one by one."""

    def __init__(self, sure: Mapping[str, str], unsure: Mapping[str, str]) -> None:
        self._names = tuple(sure)
        self._texts = tuple(sure.values())
        self._together = cel.compile(f"[{', '.join(f'({text})' for text in self._texts)}]")
        self._unsure = tuple((name, cel.compile(text)) for name, text in unsure.items())

    def ask(self, asked: dict[str, Any]) -> Held:
        values: Any = asked
        if self._unsure:
            values = cel.Context(asked)
        try:
            said = self._together.execute(values)
        except _FAILURES:  # as a division by nought, or text where a number was meant
            alone = [(name, cel.compile(text)) for name, text in zip(self._names, self._texts, strict=True)]
            return _one_by_one([*alone, *self._unsure], cel.Context(asked), frozenset())
        true = frozenset([name for name, holds in zip(self._names, said, strict=True) if holds is True])
        return _one_by_one(self._unsure, values, true) if self._unsure else Held(true, _NONE)


def _one_by_one(programs: Any, values: cel.Context, true: frozenset[str]) -> Held:
    holding, unknown = set(true), set()
    for name, program in programs:
        try:
            if program.execute(values) is True:
                holding.add(name)
        except _FAILURES:
            unknown.add(name)
    return Held(frozenset(holding), frozenset(unknown))


_NONE: frozenset[str] = frozenset()
