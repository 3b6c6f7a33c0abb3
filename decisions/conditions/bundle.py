"""Conditions that are asked together, each only for values that it was not asked for before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cel

from decisions.conditions.condition import FAILURES, names_in
from decisions.conditions.literals import with_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_REMEMBERED = 4_096
"""So many answers are remembered for each set of names; then they are begun anew."""


class Held(NamedTuple):
    """Which conditions hold, by name; and which could not be answered, because something is not known.

    One that could not be answered does not hold.
    """

    true: frozenset[str]
    unknown: frozenset[str]


class Bundle:
    """Conditions by name. `constants` are written into them; `needs` are the names that they ask for.

    To hand a value over to a program takes longer than most conditions, and most conditions ask for one or
    two names that take few values: counts, yes or no, a country. So those that ask for the same names are
    one program, and their answers are remembered by the values. A name has values of one type. Several
    threads may use it.

    A comparison with null, which stands for a number that is not known, cannot be answered, while
    `false && x` is false and `true || x` true whatever x is.
    """

    def __init__(self, conditions: Mapping[str, str], constants: Mapping[str, Any] | None = None) -> None:
        self.names = tuple(conditions)
        alike: dict[tuple[str, ...], dict[str, str]] = {}
        settled: dict[str, str] = {}
        for name, text in conditions.items():
            placed = with_values(text, constants or {})
            if _is_settled(placed):
                settled[name] = placed
            else:
                alike.setdefault(tuple(sorted(names_in(placed))), {})[name] = placed
        self.needs = tuple(sorted(frozenset[str]().union(*alike)))
        self._settled = _Group((), settled).asked(()) if settled else _NOTHING
        self._groups = tuple(_Group(needs, texts) for needs, texts in alike.items())

    def ask(self, values: Mapping[str, Any]) -> Held:
        """Return which conditions hold for values, which name all that is asked for. Raises KeyError else."""
        true, unknown = self._settled
        found: list[str] = [*true]
        missed: list[str] = [*unknown]
        for group in self._groups:
            held = group.ask(values)
            if held.true:
                found += held.true
            if held.unknown:
                missed += held.unknown
        return Held(frozenset(found), frozenset(missed))


class _Group:
    """Conditions that ask for the same names."""

    __slots__ = ("_answers", "_name", "_names", "_needs", "_texts", "_together")

    def __init__(self, needs: tuple[str, ...], texts: Mapping[str, str]) -> None:
        self._needs, self._name = needs, needs[0] if len(needs) == 1 else None
        self._names, self._texts = tuple(texts), tuple(texts.values())
        self._together = cel.compile(f"[{', '.join(f'({text})' for text in self._texts)}]")
        self._answers: dict[Any, Held] = {}

    def ask(self, values: Mapping[str, Any]) -> Held:
        """Return which of the conditions hold, if need be by asking."""
        key: Any = values[self._name] if self._name else tuple([values[name] for name in self._needs])
        try:
            held = self._answers.get(key)
        except TypeError:  # a list among them
            return self.asked(self._of(key))
        if held is None:
            held = self.asked(self._of(key))
            if len(self._answers) >= MOST_REMEMBERED:
                self._answers.clear()
            self._answers[key] = held
        return held

    def asked(self, values: Sequence[Any]) -> Held:
        """Return which of the conditions hold for the values of the names that they need."""
        context = cel.Context(dict(zip(self._needs, values, strict=True)))
        try:
            said = self._together.execute(context)
        except FAILURES:
            return self._one_by_one(context)
        true = [name for name, holds in zip(self._names, said, strict=True) if holds is True]
        return Held(frozenset(true), frozenset())

    def _one_by_one(self, context: cel.Context) -> Held:
        true, unknown = set(), set()
        for name, text in zip(self._names, self._texts, strict=True):
            try:
                if cel.compile(text).execute(context) is True:
                    true.add(name)
            except FAILURES:
                unknown.add(name)
        return Held(frozenset(true), frozenset(unknown))

    def _of(self, key: Any) -> Sequence[Any]:
        return (key,) if self._name else key


def _is_settled(text: str) -> bool:
    """Return whether a condition has its answer whatever it asks for, as `false && x` has."""
    program = cel.compile(text)
    if not program.variables():
        return True
    try:
        return isinstance(program.execute(cel.Context({})), bool)
    except FAILURES:
        return False


_NOTHING = Held(frozenset(), frozenset())
